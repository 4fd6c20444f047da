//! What an article tells its reader to fill in: [`Placeholder`], and [`fill`].

use super::walkthrough::Line;
use crate::source::Position;

/// A text of the article that the reader replaces. It is no correction: the article says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// The text, as the article writes it.
    pub text: String,
    /// What takes its place.
    pub value: PlaceholderValue,
    /// Where the scenario says so.
    pub position: Position,
}

/// What takes the place of a [`Placeholder`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceholderValue {
    /// This text; an empty one leaves the placeholder out.
    Text(String),
    /// What an earlier step printed, as a reader copies it.
    Printed {
        /// The step's name.
        step: String,
        /// Where in its output, which then is JSON; else all of it, without the white space around.
        pointer: Option<String>,
        /// What it is put into, in the place of `{}`.
        form: String,
    },
}

/// Texts of the article, each with what took its place.
pub type FilledIn = Vec<(String, String)>;

/// Puts the values into the lines, and tells which placeholders were there and what took their place.
/// `printed` gives what a step printed. What was filled in is not looked through again.
///
/// # Errors
/// When an earlier step has not printed what is to be filled in.
pub fn fill<'p>(
    lines: &[Line],
    placeholders: &[Placeholder],
    printed: &dyn Fn(&str) -> Option<&'p str>,
) -> Result<(Vec<Line>, FilledIn), String> {
    let mut filled = Vec::new();
    let mut result = Vec::with_capacity(lines.len());
    for line in lines {
        let mut text = String::new();
        let mut rest = line.text.as_str();
        while let Some((at, placeholder)) = first(rest, placeholders) {
            let value = value_of(placeholder, printed)?;
            text.push_str(rest.get(..at).unwrap_or_default());
            text.push_str(&value);
            rest = rest.get(at + placeholder.text.len()..).unwrap_or_default();
            filled.push((placeholder.text.clone(), value));
        }
        text.push_str(rest);
        result.push(Line {
            text,
            position: line.position.clone(),
        });
    }
    filled.sort();
    filled.dedup();
    Ok((result, filled))
}

/// The placeholder that comes first; the longest of those that begin at the same place.
fn first<'p>(text: &str, placeholders: &'p [Placeholder]) -> Option<(usize, &'p Placeholder)> {
    placeholders
        .iter()
        .filter_map(|placeholder| Some((text.find(&placeholder.text)?, placeholder)))
        .min_by_key(|(at, placeholder)| (*at, std::cmp::Reverse(placeholder.text.len())))
}

fn value_of<'p>(
    placeholder: &Placeholder,
    printed: &dyn Fn(&str) -> Option<&'p str>,
) -> Result<String, String> {
    let (step, pointer, form) = match &placeholder.value {
        PlaceholderValue::Text(text) => return Ok(text.clone()),
        PlaceholderValue::Printed {
            step,
            pointer,
            form,
        } => (step, pointer, form),
    };
    let text = &placeholder.text;
    let output = printed(step).map(str::trim).unwrap_or_default();
    let value = match pointer {
        None => output.to_owned(),
        Some(pointer) => {
            let json: serde_json::Value = serde_json::from_str(output).map_err(|error| {
                format!(
                    "`{text}` cannot be filled in: what \"{step}\" printed is not JSON: {error}"
                )
            })?;
            match json.pointer(pointer) {
                None | Some(serde_json::Value::Null) => String::new(),
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            }
        }
    };
    if value.is_empty() {
        let place = pointer
            .as_ref()
            .map_or(String::new(), |pointer| format!(" at {pointer}"));
        return Err(format!(
            "`{text}` cannot be filled in: \"{step}\" printed nothing{place}"
        ));
    }
    Ok(form.replace("{}", &value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Line> {
        let at = Position {
            file: "a.md".into(),
            line: 1,
            column: 1,
        };
        vec![Line {
            text: text.to_owned(),
            position: at,
        }]
    }

    fn placeholder(text: &str, value: PlaceholderValue) -> Placeholder {
        Placeholder {
            text: text.to_owned(),
            value,
            position: lines("")[0].position.clone(),
        }
    }

    fn text(text: &str, value: &str) -> Placeholder {
        placeholder(text, PlaceholderValue::Text(value.to_owned()))
    }

    fn printed(pointer: Option<&str>, form: &str) -> Placeholder {
        let value = PlaceholderValue::Printed {
            step: "show it".into(),
            pointer: pointer.map(str::to_owned),
            form: form.into(),
        };
        placeholder("<ID>", value)
    }

    #[test]
    fn what_a_step_has_not_printed_is_an_error() {
        for (output, pointer, message) in [
            (None, None, "printed nothing"),
            (Some("no JSON"), Some("/id"), "is not JSON"),
            (
                Some("{\"id\": null}"),
                Some("/id"),
                "printed nothing at /id",
            ),
        ] {
            let all = [printed(pointer, "{}")];
            let error = fill(&lines("a <ID>"), &all, &|_| output).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
        // Nothing is asked for where the placeholder is not.
        assert!(fill(&lines("a"), &[printed(None, "{}")], &|_| None).is_ok());
    }

    #[test]
    fn values_are_filled_in_once_and_told() {
        let all = [text("<A>", "<B>"), text("<B>", "b"), text("<A>+", "longer")];
        let (filled, told) = fill(&lines("x<A> <B><A>+"), &all, &|_| None).unwrap();
        assert_eq!(filled[0].text, "x<B> blonger");
        assert_eq!(told.len(), 3);
        let all = [printed(Some("/id"), "'{}'")];
        let output = "\n{\"id\": \"1-2\"}\n";
        let (filled, told) = fill(&lines("a <ID> <ID>"), &all, &|_| Some(output)).unwrap();
        assert_eq!(filled[0].text, "a '1-2' '1-2'");
        assert_eq!(told, [("<ID>".to_owned(), "'1-2'".to_owned())]);
    }
}
