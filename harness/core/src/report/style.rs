//! Colours, and what a terminal must not be sent.

/// Whether to colour, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) colour: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Tone {
    Good,
    Bad,
    Note,
    Faint,
    Strong,
}

impl Style {
    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Note => "33",
            Tone::Faint => "2",
            Tone::Strong => "1",
        };
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Text of a command or a server without colours, cursor movements and other control characters.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\u{1b}' if characters.next_if_eq(&'[').is_some() => {
                // A control sequence ends with its first letter or one of `@[\]^_{|}~` and the like.
                let _ = characters.find(|c| ('@'..='~').contains(c));
            }
            '\u{1b}' if characters.next_if_eq(&']').is_some() => {
                let _ = characters.find(|c| *c == '\u{7}' || *c == '\\');
            }
            '\n' | '\t' => plain.push(c),
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain
}

/// Seconds as a person reads them: `0.03 s`, `0.9 s`, `73.2 s`.
pub(super) fn seconds(seconds: f64) -> String {
    if seconds < 0.095 {
        format!("{seconds:.2} s")
    } else {
        format!("{seconds:.1} s")
    }
}

/// `1 step`, `2 steps`.
pub(super) fn count(n: usize, one: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {one}s")
    }
}
