//! Which walkthrough is shown, and which verdicts: rules of CSS over the page's radio buttons, so that it
//! needs no script.

use super::sees::{Sees, tab_class};
use super::walks::Walks;
use crate::markdown::{Article, TabPlace, Visibility};
use std::fmt::Write as _;

/// Classes of verdicts, in the order of the filter.
pub(super) const VERDICTS: [&str; 6] = [
    "failed",
    "could-not-run",
    "not-emulated",
    "passed",
    "not-run",
    "skipped",
];

/// What stays of a part of the article that is filtered: its headings.
const HEADINGS: &str = ":not(h2,h3,h4,h5,h6)";

/// The rules for the walkthroughs of an article.
pub(super) fn rules(walks: &Walks<'_>, sees: &Sees, article: Option<&Article>) -> String {
    let mut css = String::new();
    for walk in 0..walks.runs.len() {
        let chosen = format!("body:has(#c{walk}:checked)");
        let mut hidden = vec![
            format!(".w:not(.w{walk})"),
            format!(".v:not(.v{walk})"),
            ".label".to_owned(),
            ".only-all".to_owned(),
        ];
        let mut tabs = Vec::new();
        if let (Some(view), Some(article)) = (walks.view(walk), article) {
            hidden.extend(sees.hidden(view));
            for (group, all) in article.tab_groups.iter().enumerate() {
                let places = (0..all.tabs.len()).map(|tab| TabPlace { group, tab });
                let shown = places.filter(|place| {
                    view.sees(&Visibility {
                        tab: Some(*place),
                        pivots: None,
                    })
                });
                tabs.extend(shown.map(|place| format!(".{}", tab_class(place))));
            }
        }
        // A String takes whatever is written.
        let _ = writeln!(css, "{chosen} :is({}){{display:none}}", hidden.join(","));
        if !tabs.is_empty() {
            let _ = writeln!(
                css,
                "{chosen} :is({}){{color:var(--text);border-color:var(--accent);font-weight:600}}",
                tabs.join(",")
            );
        }
        let _ = writeln!(css, "{chosen} .chips .c{walk}{{order:-1}}");
        for verdict in VERDICTS {
            let of = format!(".r{walk}.{verdict}");
            filter(
                &mut css,
                &format!("{chosen}:has(#f-{verdict}:checked)"),
                &of,
            );
        }
    }
    css.push_str("body:has(#call:checked) :is(.v:not(.base),.count.w){display:none}\n");
    for verdict in VERDICTS {
        let chosen = format!("body:has(#call:checked):has(#f-{verdict}:checked)");
        filter(&mut css, &chosen, &format!(".r.{verdict}"));
    }
    filter(&mut css, "body:has(#f-findings:checked)", ".finding");
    css
}

/// Shows only parts of the article that have something in them.
fn filter(css: &mut String, chosen: &str, wanted: &str) {
    let none = format!(":not(:has({wanted}))");
    let _ = writeln!(
        css,
        "{chosen} .doc>section{none},{chosen} .doc>section>{none}{HEADINGS}:not({wanted}){{display:none}}\n\
         {chosen}:not(:has({wanted})) .none{{display:block}}"
    );
}
