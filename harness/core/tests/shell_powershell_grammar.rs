//! PowerShell that is right is read as tree-sitter's grammar reads it: the same commands run and
//! the same variables are read and set. Broken text is no matter of it: the grammar gives up where
//! docproof has to go on.
//!
//! Left out, for the grammar reads them differently or not at all: `--%`, words such as `a$b.c`,
//! `1..3` (a command to the grammar), `default` of `switch`, `<placeholders>`.

use docproof_core::shell::{Command, CommandKind, Dialect, Part, PartKind, Script, Word, parse};
use tree_sitter::{Node, Parser};

const TEXTS: &[&str] = &[
    "Get-Thing -Name x -All",
    "Get-Thing -Name 'a b' -On:$true",
    "Get-Thing a, b, c",
    "a; b\nc",
    "a | b |\n c",
    "a -x `\n  -b `\n  -c",
    "& 'C:\\x y.exe' -a",
    "a -b $x.Id $x[0].Name",
    "a ${x} $env:P $_",
    "a \"$x.Id $($x.Id) `$y\"",
    "a '$x ''y'",
    "a @args -k @{ k = $v; l = 'm' }",
    "a (b).Id (c -d $e).F()",
    "a -b \"b\nc\" -d",
    "$x = @\"\nb $c\n\"@",
    "$x = @'\n{ \"a\": 1 }\n'@",
    "a { b $c } -d",
    "$x = 'a'",
    "$x=5",
    "$x = $y.Id",
    "$x = az a -b $c",
    "$x = a | b -c $d",
    "$x = (a).Id",
    "$x = $y + 'a' + (b)",
    "$x =\n  'a' +\n  $b\nc",
    "$x += a",
    "[int]$x = 5",
    "$env:X = 'y'",
    "$x.Tag = $y",
    "$x = @{ a = $b; c = (d -e)\n 'f g' = @($h) }",
    "$x = if ($y) { a } else { b }",
    "$i++",
    "if ($x -eq 'a') { b } elseif (c) { d } else { e $f }",
    "foreach ($i in $list) { b $i }",
    "for ($i = 0; $i -lt 3; $i++) { a $i }",
    "while ($true) { a }",
    "function f {\n  param($a)\n  c $a\n}",
    "try { a } catch { b } finally { c }",
    "switch ($x) {\n  'a' { b }\n  'c' { d }\n}",
    "# a\nb # c\n<# d\n e #> f",
    "a 2>&1 | b",
    "Get-X | Where-Object { $_.Name -eq $n } | ForEach-Object { az y --id $_.Id }",
    "Get-X | Select-Object -Property Name, @{ n = 'a'; e = { $_.B } }",
    "$d = (Get-Date).AddDays(+1).ToString('yyyy')",
    "$t = [System.Text.Encoding]::UTF8.GetBytes($x)",
    "az group create `\n  --name $g `\n  --tags \"a=$b\" 'c=d'",
    "Invoke-RestMethod -Uri \"$u/a?b=$($c.Id)\" -Headers @{ secret = $h } -Method Get",
    "if (-not (Get-X -Name $n)) { New-X -Name $n }",
];

#[test]
fn valid_text_is_read_as_the_grammar_reads_it() {
    let mut grammar = Parser::new();
    let language = tree_sitter_powershell::LANGUAGE.into();
    assert!(grammar.set_language(&language).is_ok());
    let mut wrong = Vec::new();
    for text in TEXTS {
        let Some(tree) = grammar.parse(text, None) else {
            panic!("the grammar reads nothing of {text:?}");
        };
        if tree.root_node().has_error() {
            wrong.push(format!("{text:?} is broken to the grammar"));
            continue;
        }
        let mut theirs = Facts::default();
        theirs.of_node(tree.root_node(), text);
        let script = parse(text, Dialect::PowerShell);
        assert_eq!(script.problems, [], "{text:?}");
        let mut ours = Facts::default();
        ours.of_script(&script, text);
        theirs.sort();
        ours.sort();
        if ours != theirs {
            wrong.push(format!("{text:?}\n  ours   {ours:?}\n  theirs {theirs:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What both readers tell: where a command's name or a variable stands, and what it is.
#[derive(Debug, Default, PartialEq, Eq)]
struct Facts {
    commands: Vec<(usize, String)>,
    variables: Vec<(usize, String)>,
}

impl Facts {
    fn sort(&mut self) {
        self.commands.sort();
        self.variables.sort();
    }

    fn variable(&mut self, start: usize, written: &str) {
        let name = written.trim_matches(['$', '@', '{', '}']).to_owned();
        self.variables.push((start, name));
    }

    fn of_node(&mut self, node: Node<'_>, text: &str) {
        let source = text.get(node.byte_range()).unwrap_or("");
        match node.kind() {
            "command_name" => self.commands.push((node.start_byte(), source.to_owned())),
            "command_name_expr" if node.child(0).is_none_or(|c| c.kind() != "command_name") => {
                self.commands.push((node.start_byte(), source.to_owned()));
            }
            "variable" | "braced_variable" => {
                self.variable(node.start_byte(), source);
                return;
            }
            _ => {}
        }
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        for child in children {
            self.of_node(child, text);
        }
    }

    fn of_script(&mut self, script: &Script, text: &str) {
        for command in &script.commands {
            self.of_command(command, text);
        }
    }

    fn of_command(&mut self, command: &Command, text: &str) {
        for set in &command.assignments {
            let name = text.get(set.name_range.clone()).unwrap_or("");
            self.variable(set.name_range.start, name);
            for part in set.value.iter().flat_map(|value| &value.parts) {
                self.of_part(part, text);
            }
        }
        if let (CommandKind::Simple, Some(name)) = (command.kind, command.words.first()) {
            let source = Word::source(name, text).to_owned();
            self.commands.push((name.range.start, source));
        }
        for part in command.words.iter().flat_map(|word| &word.parts) {
            self.of_part(part, text);
        }
    }

    fn of_part(&mut self, part: &Part, text: &str) {
        match &part.kind {
            PartKind::Text(_) | PartKind::Placeholder { .. } => {}
            PartKind::Variable { name, nested, .. } => {
                // A part begins at the quote before it.
                let source = text.get(part.range.clone()).unwrap_or("");
                let at = source.find(['$', '@']).unwrap_or(0);
                self.variable(part.range.start + at, name);
                for part in nested {
                    self.of_part(part, text);
                }
            }
            PartKind::Expression(nested) => {
                for part in nested {
                    self.of_part(part, text);
                }
            }
            PartKind::Substitution { commands, .. } => {
                for command in commands {
                    self.of_command(command, text);
                }
            }
        }
    }
}
