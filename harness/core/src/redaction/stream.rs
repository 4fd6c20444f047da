//! Redacting what comes in chunks: [`Stream`].

use super::find::Pass;
use super::tracker::Search;
use crate::report::mask_secrets;
use std::sync::Arc;

/// A line is kept back until it ends, unless it is longer than this.
const LONGEST_LINE: usize = 1 << 16;

/// A stream of bytes without what a [`super::Tracker`] must not show. A line comes out when it has
/// ended, since what looks like a secret is told by its surroundings.
#[derive(Debug)]
pub struct Stream {
    search: Arc<Search>,
    pass: Pass,
    /// What has no tracked value any more, from the last line's beginning on.
    line: Vec<u8>,
    /// Whether a private key has begun on an earlier line and not ended.
    in_key: bool,
}

impl Stream {
    pub(super) fn new(search: Arc<Search>) -> Stream {
        Stream {
            pass: search.finder.pass(),
            search,
            line: Vec::new(),
            in_key: false,
        }
    }

    /// Takes the next chunk, and adds to `out` what can be shown.
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        let before = self.line.len();
        let Search { finder, masks } = &*self.search;
        self.pass.push(finder, chunk, masks, &mut self.line);
        let fresh = self.line.get(before..).unwrap_or_default();
        if let Some(end) = fresh.iter().rposition(|byte| *byte == b'\n') {
            let rest = self.line.split_off(before + end + 1);
            let lines = std::mem::replace(&mut self.line, rest);
            self.show(&lines, out);
        }
        while self.line.len() > LONGEST_LINE {
            // At the end of a word, so that no token is cut in two.
            let breaks = |byte: &u8| byte.is_ascii_whitespace() || b"\"',;<>".contains(byte);
            let Some(end) = self.line.iter().rposition(breaks) else {
                break;
            };
            let rest = self.line.split_off(end + 1);
            let words = std::mem::replace(&mut self.line, rest);
            self.show(&words, out);
        }
    }

    /// Adds what was kept back, when no more comes.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        let search = Arc::clone(&self.search);
        self.pass.finish(&search.masks, &mut self.line);
        let line = std::mem::take(&mut self.line);
        self.show(&line, out);
    }

    fn show(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let text = String::from_utf8_lossy(bytes);
        let mut open = String::new();
        for line in text.split_inclusive('\n') {
            let begins = line.contains("-----BEGIN") && line.contains("PRIVATE KEY-----");
            let ends = line.contains("-----END");
            if self.in_key {
                self.in_key = !ends;
            } else if begins && !ends {
                out.extend_from_slice(mask_secrets(&open).as_bytes());
                open.clear();
                out.extend_from_slice(b"***\n");
                self.in_key = true;
            } else {
                open.push_str(line);
            }
        }
        out.extend_from_slice(mask_secrets(&open).as_bytes());
    }
}
