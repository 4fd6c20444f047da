//! The part of a file that `:::code` takes: [`Snippet`].

/// What an article takes of a file of code.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Snippet {
    /// The file, as written.
    pub(crate) source: String,
    /// The language that the block gets.
    pub(crate) language: String,
    /// Lines from 1, each range with its last; no last is to the end.
    pub(crate) ranges: Vec<(usize, Option<usize>)>,
    /// The name of a marked part: between `<name>` and `</name>` in comments.
    pub(crate) id: Option<String>,
}

impl Snippet {
    /// From the attributes of `:::code`.
    pub(crate) fn new(source: &str, language: &str, range: Option<&str>, id: Option<&str>) -> Self {
        Self {
            source: source.to_owned(),
            language: language.to_ascii_lowercase(),
            ranges: range.map(ranges).unwrap_or_default(),
            id: id.map(str::to_owned),
        }
    }

    /// From the older `[!code-bash[title](path?range=1-3#L1-L3)]`: the language and the path.
    pub(crate) fn from_link(language: &str, path: &str) -> Self {
        let (path, fragment) = path.split_once('#').unwrap_or((path, ""));
        let (source, query) = path.split_once('?').unwrap_or((path, ""));
        let value = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let mut values = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name));
            values.next().map(|(_, value)| value)
        };
        let lines = fragment
            .strip_prefix('L')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            .map(|rest| rest.replace("-L", "-"));
        let id = value("name").or((lines.is_none() && !fragment.is_empty()).then_some(fragment));
        Self::new(source, language, lines.as_deref().or(value("range")), id)
    }

    /// The lines taken of a text: their numbers from 0 and what is in them. None if the marked part is not there.
    pub(crate) fn lines<'t>(&self, text: &'t str) -> Option<Vec<(usize, &'t str)>> {
        let all: Vec<&str> = text
            .split('\n')
            .map(|line| line.trim_end_matches('\r'))
            .collect();
        let numbered = all.iter().copied().enumerate();
        let taken: Vec<(usize, &str)> = if let Some(id) = &self.id {
            let (open, close) = (format!("<{id}>"), format!("</{id}>"));
            let is = |line: &str, mark: &str| {
                let comment = line
                    .trim_start()
                    .starts_with(['#', '/', '-', '<', ';', '\'', 'R', 'r', ':']);
                comment
                    && line
                        .to_ascii_lowercase()
                        .contains(&mark.to_ascii_lowercase())
            };
            let first = all.iter().position(|line| is(line, &open))?;
            let inside = numbered.skip(first + 1);
            inside.take_while(|(_, line)| !is(line, &close)).collect()
        } else if self.ranges.is_empty() {
            let last = if all.last() == Some(&"") {
                all.len() - 1
            } else {
                all.len()
            };
            numbered.take(last).collect()
        } else {
            let in_ranges = |number: usize| {
                let mut ranges = self.ranges.iter();
                ranges
                    .any(|(first, last)| number >= *first && last.is_none_or(|last| number <= last))
            };
            numbered
                .filter(|(number, _)| in_ranges(number + 1))
                .collect()
        };
        Some(taken)
    }
}

/// `1-3,5,8-`; what is none of these is left out. More than 100 are cut off.
fn ranges(text: &str) -> Vec<(usize, Option<usize>)> {
    let range = |part: &str| {
        let (first, last) = part
            .split_once('-')
            .map_or((part, Some(part)), |(first, last)| {
                (first, Some(last.trim()).filter(|last| !last.is_empty()))
            });
        let first = first.trim().parse().ok()?;
        match last {
            Some(last) => Some((first, Some(last.trim().parse().ok()?))),
            None => Some((first, None)),
        }
    };
    text.split(',').filter_map(range).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::Snippet;

    fn taken(snippet: &Snippet, text: &str) -> Option<String> {
        let lines = snippet.lines(text)?;
        let line = |(number, line): &(usize, &str)| format!("{number}{line}");
        Some(lines.iter().map(line).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn takes_lines_by_number() {
        let of = |range| taken(&Snippet::new("x", "Bash", range, None), "a\r\nb\nc\nd\n");
        assert_eq!(of(None).as_deref(), Some("0a 1b 2c 3d"));
        assert_eq!(of(Some("2-3")).as_deref(), Some("1b 2c"));
        assert_eq!(of(Some("1, 4-")).as_deref(), Some("0a 3d 4"));
        assert_eq!(of(Some("x,9")).as_deref(), Some(""));
        assert_eq!(of(Some("x")).as_deref(), Some("0a 1b 2c 3d"));
    }

    #[test]
    fn takes_a_marked_part() {
        let text = "x\n# <one>\na\n  # </one>\n# <two>\nb";
        let of = |id| taken(&Snippet::new("x", "", None, Some(id)), text);
        assert_eq!(of("one").as_deref(), Some("2a"));
        assert_eq!(of("Two").as_deref(), Some("5b"));
        assert_eq!(of("three"), None);
    }

    #[test]
    fn older_links_say_the_same() {
        let link = |path| Snippet::from_link("azurecli-interactive", path);
        let new = |range, id| Snippet::new("a/b.sh", "azurecli-interactive", range, id);
        assert_eq!(link("a/b.sh"), new(None, None));
        assert_eq!(link("a/b.sh#L2-L5"), new(Some("2-5"), None));
        assert_eq!(link("a/b.sh?range=1-3,7"), new(Some("1-3,7"), None));
        assert_eq!(link("a/b.sh?name=part"), new(None, Some("part")));
        assert_eq!(link("a/b.sh#part"), new(None, Some("part")));
    }
}
