//! What a step's commands asked of Azure, and what it answered.

use super::out::{Out, breakable, escape};
use crate::event::RequestLine;
use crate::report::style::count;

/// The requests, by the command that made them.
pub(super) fn requests(requests: &[RequestLine], out: &mut Out) {
    if requests.is_empty() {
        return;
    }
    // A vault's 401 only tells its client where to sign in.
    let is_refused = |one: &&RequestLine| one.status >= 400 && one.status != 401;
    let refused = requests.iter().filter(is_refused).count();
    let refused = match refused {
        0 => String::new(),
        n => format!(", {n} refused"),
    };
    out.raw(&format!(
        "<details class=\"requests\"><summary>{} to Azure{refused}</summary>\n",
        count(requests.len(), "request")
    ));
    let mut by: Option<&Option<String>> = None;
    for one in requests {
        if by != Some(&one.command) {
            if by.is_some() {
                out.raw("</ol>\n");
            }
            if let Some(command) = &one.command {
                out.raw(&format!("<p><code>az {}</code></p>\n", escape(command)));
            } else if requests.iter().any(|one| one.command.is_some()) {
                out.raw("<p>sign-in and other programs</p>\n");
            }
            out.raw("<ol>\n");
            by = Some(&one.command);
        }
        request(one, out);
    }
    out.raw("</ol></details>\n");
}

fn request(one: &RequestLine, out: &mut Out) {
    let class = match one.status {
        0..=399 => "good",
        400..=499 => "bad",
        _ => "later",
    };
    let (address, query) = one.url.split_once('?').unwrap_or((&one.url, ""));
    let address = address.strip_prefix("https://").unwrap_or(address);
    out.raw(&format!(
        "<li><span class=\"status {class}\">{}</span> <b>{}</b> <span class=\"address\">{}",
        one.status,
        escape(&one.method),
        breakable(address)
    ));
    if !query.is_empty() {
        let query = escape(query).replace("&amp;", "<wbr>&amp;");
        out.raw(&format!("<span class=\"query\">?{query}</span>"));
    }
    out.raw("</span>");
    let said = match (&one.error, &one.answer) {
        (Some(error), Some(answer)) => format!("{error}: {answer}"),
        (Some(text), None) | (None, Some(text)) => text.clone(),
        (None, None) => String::new(),
    };
    if !said.is_empty() {
        out.element("p", "answer", &said);
    }
    out.raw("</li>\n");
}
