//! Inputs: what the repository has, cut, spliced and sprinkled with what parsers look for.

use std::path::Path;

/// What articles, scenarios and commands are made of.
const TOKENS: &[&str] = &[
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "  ",
    "    ",
    "\u{feff}",
    "\0",
    "é",
    "–",
    "“",
    "\u{a0}",
    "🦀",
    "```",
    "```bash\n",
    "```azurecli-interactive\n",
    "```powershell\n",
    "```cmd\n",
    "```output\n",
    "```json\n",
    "~~~\n",
    "````\n",
    "> ",
    "* ",
    "- ",
    "1. ",
    "# ",
    "## A\n",
    "---\n",
    "***\n",
    "<!--",
    "-->",
    "<div>\n",
    "<!-- docproof: allow x y -->\n",
    "|a|b|\n|-|-|\n",
    "| `X` | y |\n",
    "[a](b)",
    "![a](b)",
    "[a]: b\n",
    "`",
    "``",
    "**",
    "_",
    "\\",
    "&lt;",
    "<https://a>",
    "# [A](#tab/a)\n",
    "# [B](#tab/b/c)\n",
    "# [PowerShell](#tab/powershell)\n",
    "::: zone pivot=\"p\"\n",
    "::: zone pivot=\"p,q\"\n",
    "::: zone-end\n",
    "[!INCLUDE [x](y.md)]\n",
    "[!INCLUDE [",
    ":::code source=\"x\" range=\"1-3\":::\n",
    "[!code-bash[a](b?name=c)]\n",
    ":::image source=\"x\":::\n",
    "title: x\n",
    "???",
    "TODO",
    "az ",
    "az group create ",
    "az keyvault create \\\n",
    "--name ",
    "--name=",
    "-n ",
    "-- ",
    "--query id",
    "--output tsv",
    "-o",
    "$X",
    "${X}",
    "${X:-y}",
    "${",
    "$(",
    ")",
    "(",
    "$((1+",
    "))",
    "`ls`",
    "\"",
    "'",
    "$'",
    "<<EOF\n",
    "<<-'E'\n",
    "EOF\n",
    "|",
    "||",
    "&&",
    "&",
    ";",
    ";;",
    ">",
    ">>",
    "2>&1",
    "<",
    "<(",
    "{",
    "}",
    "[[ ",
    "]]",
    "[",
    "]",
    "X=1\n",
    "export X=",
    "for i in ",
    "do\n",
    "done\n",
    "if ",
    "then\n",
    "fi\n",
    "case x in\n",
    "esac\n",
    "function f {\n",
    "f() {\n",
    "#",
    "\\\n",
    " \\ \n",
    "`\n",
    " ^\n",
    "%X%",
    "%%i",
    "set X=1\n",
    "REM ",
    ":: ",
    "$x = ",
    "$env:X",
    "@{",
    "@'\n",
    "'@\n",
    "@\"\n",
    "\"@\n",
    "Get-AzVM ",
    "New-AzKeyVault -Name ",
    "-Name:",
    "[int]",
    ".Id",
    "<#",
    "#>",
    "@args",
    "$_",
    "{\"a\": 1}",
    "{\"a\":",
    "[...]",
    "\"null\"",
    "null",
    ",",
    ":",
    "<NAME>",
    "<your-name>",
    "aaaabbbb-0000-cccc-1111-dddd2222eeee",
    "/subscriptions/",
    "[[step]]\n",
    "[path]\n",
    "tab = ",
    "block = \"a#1\"\n",
    "title = \"x\"\n",
    "article = \"a\"\n",
    "expect = { json = { \"/value\" = 1 } }\n",
    "\"\"\"",
    "'''",
    "a.b.c = 1\n",
];

/// Makes inputs, the same ones for the same seed.
pub(crate) struct Mutator {
    state: u64,
    corpus: Vec<String>,
}

/// What is repeated to make a long input, with what stands before and after.
#[derive(Clone)]
pub(crate) struct Unit {
    pub(crate) before: String,
    pub(crate) repeated: String,
    pub(crate) after: String,
}

impl Unit {
    /// About `bytes` long. An odd number of quotes is read in another way than an even one, so it
    /// is always odd.
    pub(crate) fn pump(&self, bytes: usize) -> String {
        let times = (bytes / self.repeated.len().max(1)) | 1;
        format!(
            "{}{}{}",
            self.before,
            self.repeated.repeat(times),
            self.after
        )
    }

    /// What is in the fence that it begins with, if it does.
    pub(crate) fn without_fence(&self) -> Self {
        let before = if self.before.starts_with("```") {
            ""
        } else {
            &self.before
        };
        Self {
            before: before.to_owned(),
            ..self.clone()
        }
    }

    /// To be kept.
    pub(crate) fn concat(&self) -> String {
        format!("{:?} {:?} {:?}", self.before, self.repeated, self.after)
    }

    /// What was kept.
    pub(crate) fn read(kept: &str) -> Option<Self> {
        let mut rest = kept.trim();
        let mut next = || {
            let (text, after) = quoted(rest.strip_prefix('"')?)?;
            rest = after.trim_start();
            Some(text)
        };
        Some(Self {
            before: next()?,
            repeated: next()?,
            after: next()?,
        })
    }
}

impl Mutator {
    pub(crate) fn new(seed: u64, core: &Path) -> Self {
        let mut corpus = Vec::new();
        let folders = ["../../docs-snapshots", "../../scenarios", "tests/rules"];
        for folder in folders {
            read(&core.join(folder), &mut corpus);
        }
        corpus.sort();
        Self {
            state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            corpus,
        }
    }

    /// A number below `end` (xorshift).
    fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let end = u64::try_from(end.max(1)).unwrap();
        usize::try_from((self.state >> 11) % end).unwrap()
    }

    fn token(&mut self) -> &'static str {
        TOKENS[self.below(TOKENS.len())]
    }

    fn tokens(&mut self, most: usize) -> String {
        let count = 1 + self.below(most);
        (0..count).map(|_| self.token()).collect()
    }

    /// Some lines of a file.
    fn excerpt(&mut self, most: usize) -> String {
        let file = self.below(self.corpus.len());
        let lines = self.corpus[file].split_inclusive('\n').count();
        let (first, count) = (self.below(lines), 1 + self.below(most));
        let text = self.corpus[file].split_inclusive('\n');
        text.skip(first).take(count).collect()
    }

    /// An input.
    pub(crate) fn input(&mut self) -> String {
        let mut text: Vec<char> = match self.below(4) {
            0 => self.tokens(40),
            1 => self.excerpt(8),
            2 => {
                let file = self.below(self.corpus.len());
                self.corpus[file].clone()
            }
            _ => self.excerpt(80),
        }
        .chars()
        .collect();
        for _ in 0..=self.below(8) {
            let at = self.below(text.len() + 1);
            let end = (at + self.below(60)).min(text.len());
            let piece: Vec<char> = match self.below(7) {
                0 => Vec::new(),
                1 => text[at..end].repeat(2 + self.below(4)),
                2 => self.excerpt(10).chars().collect(),
                3 => self.token().repeat(1 + self.below(300)).chars().collect(),
                _ => self.tokens(3).chars().collect(),
            };
            let replaced = if self.below(2) == 0 { at..at } else { at..end };
            text.splice(replaced, piece);
        }
        text.into_iter().collect()
    }

    /// Something to be repeated.
    pub(crate) fn unit(&mut self) -> Unit {
        let opening = [
            "",
            "",
            "```bash\n",
            "```powershell\n",
            "```cmd\n",
            "```json\n",
            "\"",
            "1. ",
        ];
        let before = opening[self.below(opening.len())].to_owned();
        let repeated = match self.below(4) {
            0 => self.excerpt(20),
            1 => self.token().to_owned(),
            _ => self.tokens(5),
        };
        let after = if self.below(2) == 0 {
            String::new()
        } else {
            self.tokens(3)
        };
        Unit {
            before,
            repeated,
            after,
        }
    }
}

/// The text up to the quote that closes it, as Rust writes it, and what comes after.
fn quoted(kept: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut chars = kept.chars();
    loop {
        text.push(match chars.next()? {
            '"' => return Some((text, chars.as_str())),
            '\\' => match chars.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '0' => '\0',
                'u' => {
                    let (code, after) = chars.as_str().strip_prefix('{')?.split_once('}')?;
                    chars = after.chars();
                    char::from_u32(u32::from_str_radix(code, 16).ok()?)?
                }
                other => other,
            },
            other => other,
        });
    }
}

/// Every text below a folder.
fn read(folder: &Path, corpus: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, corpus);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            corpus.push(text);
        }
    }
}
