//! How PowerShell is read, one case a construct; and what holds for any text.

mod shell_render;

use docproof_core::shell::{Dialect, RegionKind, hashtable_entries, parse};
use proptest::prelude::*;
use shell_render::{assert_ranges, render};

#[track_caller]
fn reads(text: &str, expected: &str) {
    let script = parse(text, Dialect::PowerShell);
    assert_ranges(&script, text);
    assert_eq!(render(&script), expected, "{text}");
}

#[test]
fn reads_commands_and_their_words() {
    for (text, expected) in [
        ("Get-Thing -Name x -All", "[Get-Thing -Name x -All]"),
        (
            "Get-Thing -Name 'a b' -On:$true",
            "[Get-Thing -Name 'a b' -On:$true]",
        ),
        ("Get-Thing a, b,\n c", "[Get-Thing a b c]"),
        ("a; b\nc", "[a] [b] [c]"),
        ("a | b |\n c", "[a]| [b]| [c]"),
        ("a\n  | b", "[a]| [b]"),
        ("a && b || c &", "[a] [b]? [c]?&"),
        ("a `\n  -b `\n  -c", "[a -b -c]"),
        ("a ` \n  -b", "[a -b]"),
        ("a \\\n  --b", "[a --b]"),
        ("cd \\\nls", "[cd \\] [ls]"),
        (
            "& 'C:\\x y.exe' -a; . ./b.ps1",
            "['C:\\x y.exe' -a] [./b.ps1]",
        ),
        ("az x --% a \"b c\" %D% | d", "[az x a \"b c\" %D%]| [d]"),
        ("az x -- y", "[az x -- y]"),
        ("a 2>&1 > out.txt", "[a 2>&1 >out.txt]"),
        ("a >", "[a >] !unexpected >@2"),
        ("a `\"b`\" `$c", "[a \"b\" $c]"),
        ("a # b\nc <# d\n e #> f", "[a] [c f]"),
        ("a <# b", "[a] !unclosed <#@2"),
        (
            "Get-X <the name> -S /k/<key>",
            "[Get-X <the name> -S /k/<key>]",
        ),
        ("a < b", "[a b] !unexpected <@2"),
        ("-Location $x", "[-Location $x]"),
        ("NAME=\"a b\"", "[NAME=\"a b\"]"),
        ("7z x a.zip", "[7z x a.zip]"),
        ("a)", "[a] !unexpected )@1"),
        ("a }b", "[a] [b] !unexpected }@2"),
    ] {
        reads(text, expected);
    }
}

#[test]
fn reads_variables_and_strings() {
    for (text, expected) in [
        ("a $x.Id $x[0].Name", "[a $x.Id $x[0].Name]"),
        ("a $x-b $x/c b$x.d", "[a $x-b $x/c b$x.d]"),
        ("a ${x y} $env:P $_ $?", "[a $x y $env:P $_ $?]"),
        (
            "a \"$x.Id $($x.Id) `$y \"\"z\"",
            "[a \"$x\"\".Id \"\"([expr $x.Id])\"\" $y \"z\"]",
        ),
        ("a '$x ''y'", "[a '$x 'y']"),
        (
            "a @args @file.json @{ k = $v }",
            "[a $args @file.json ?($v)]",
        ),
        ("a (b).Id (c -d $e).F()", "[a ([b]).Id ([c -d $e]).F()]"),
        ("a \u{201c}b c\u{201d}", "[a \"b c\"]"),
        ("a \"b\nc\" d", "[a \"b\\nc\" d]"),
        ("a @\"\nb $c\n\"@ d", "[a \"b \"\"$c\" d]"),
        ("$x = @'\n{ \"a\": 1 }\n'@", "[x={'{ \"a\": 1 }'}]"),
        ("a { b $c } d", "[a ?(([b $c]?)) d]"),
    ] {
        reads(text, expected);
    }
}

#[test]
fn reads_assignments() {
    for (text, expected) in [
        ("$x = 'a'", "[x={'a'}]"),
        ("$x=5", "[x={5}]"),
        ("$x = $y.Id", "[x={$y.Id}]"),
        ("$x = az a -b $c", "[x={([az a -b $c])}]"),
        ("$x = a | b", "[x={([a]| [b])}]"),
        ("$x = (a).Id", "[x={([a]).Id}]"),
        ("$x = $y + 'a' + (b)", "[x={?($y ([b]))}]"),
        ("$x =\n  'a' +\n  $b\nc", "[x={?($b)}] [c]"),
        ("$x += a", "[x+={([a])}]"),
        ("[int]$x = 5", "[x={5}]"),
        ("$a, $b = 1, 2", "[a={?()} b={}]"),
        ("$env:X = 'y'", "[env:X={'y'}]"),
        ("$x.Tag = $y", "[expr $x.Tag $y]"),
        (
            "$x = @{ a = $b; c = d -e\n 'f g' = @($h) }",
            "[x={?($b ([d -e]) $h)}]",
        ),
        ("$x = <the-name>", "[x={<the-name>}]"),
        (
            "$x = if ($y) { a } else { b }",
            "[x={([expr ([expr $y])] [a]? [b]?)}]",
        ),
        (
            "$user-id = a\nb $user-id.X \"$user-id\"",
            "[user-id={([a])}] [b $user-id.X \"$user-id\"] !invalid user-id@0 !invalid user-id@15 !invalid user-id@27",
        ),
        ("a $user-id", "[a $user-id]"),
        ("$x -eq $y", "[expr ?($x $y)]"),
        ("$x", "[expr $x]"),
        ("$i++", "[expr ?($i)]"),
    ] {
        reads(text, expected);
    }
}

#[test]
fn reads_statements() {
    for (text, expected) in [
        (
            "if ($x -eq 'a') { b } elseif (c) { d }\nelse { e }",
            "[expr ([expr ?($x)])] [b]? [expr ([c])] [d]? [e]?",
        ),
        ("foreach ($i in a) { b $i }", "[for i={} ([a])] [b $i]?"),
        (
            "for ($i = 0; $i -lt 3; $i++) { a }",
            "[expr ([i={0}] [expr ?($i)] [expr ?($i)])] [a]?",
        ),
        (
            "while ($true) { a }; do { b } until ($c)",
            "[expr ([expr $true])] [a]? [b]? [expr ([expr $c])]",
        ),
        (
            "function f($a, [int]$b = 2) { c }",
            "[function a={} b={2} f] [c]f",
        ),
        (
            "function f { param($a) c $a }",
            "[function f] [expr a={}]f [c $a]f",
        ),
        (
            "param(\n [Parameter(Mandatory=$true)]\n [string]$A,\n $B = 'x'\n)",
            "[expr A={} B={'x'}]",
        ),
        ("try { a } catch [X] { b } finally { c }", "[a] [b]? [c]"),
        (
            "switch ($x) { 'a' { b } default { c } }",
            "[expr ([expr $x])] [expr ?(([b]?) ([c]?))]?",
        ),
        ("return $x", "[expr $x]"),
        ("for-each x", "[for-each x]"),
        ("end=5", "[end=5]"),
        ("class A { [int]$b }\nc", "[c]"),
        ("a | foreach { b }", "[a]| [foreach ?(([b]?))]"),
    ] {
        reads(text, expected);
    }
}

#[test]
fn finds_the_quote_without_a_partner() {
    for (text, expected) in [
        (
            "a -N $K\" `\n -R $G\n",
            "[a -N $K\"\" -R $G] !unbalanced \"@7",
        ),
        (
            "a \"b\nc \"d e\"\n",
            "[a \"b\"] [c \"d e\"] !unbalanced \"@2",
        ),
        (
            "a $K\" `\n -b $L\"\nc",
            "[a $K\"\" -b $L\"\"] [c] !unbalanced \"@4 !unbalanced \"@14",
        ),
        ("a 'it's'", "[a 'it' s''] !unbalanced '@7"),
        ("a --n=\"b\nc\"", "[a --n=\"b\\nc\"]"),
        (
            "a '{\n \"b\": 1\n}' \"c\nd",
            "[a '{\\n \"b\": 1\\n}' \"c\"] [d] !unbalanced \"@16",
        ),
    ] {
        reads(text, expected);
    }
}

#[test]
fn tells_what_is_unclosed() {
    for (text, expected) in [
        ("a $(b", "[a ([b])] !unclosed $(@2"),
        ("a @{ b = c", "[a ?(([c]))] !unclosed @{@2"),
        ("if ($x) { a", "[expr ([expr $x])] [a]? !unclosed {@8"),
        ("if ($x { a }", "[expr ([expr ?($x ([a]?))])] !unclosed (@3"),
        (
            "$x = @\"\na\n  \"@\nb",
            "[x={\"a\"}] [b] !unclosed until \"@@5",
        ),
        ("a ${b", "[a ${b] !unclosed ${@2"),
    ] {
        reads(text, expected);
    }
}

#[test]
fn notes_regions_and_continuations() {
    let text = "a 'b' \"c\" `\n # d\n<# e #> @'\nf\n'@";
    let script = parse(text, Dialect::PowerShell);
    let regions: Vec<_> = script
        .regions
        .iter()
        .map(|region| (region.kind, &text[region.range.clone()]))
        .collect();
    assert_eq!(
        regions,
        [
            (RegionKind::SingleQuoted, "'b'"),
            (RegionKind::DoubleQuoted, "\"c\""),
            (RegionKind::Comment, "# d"),
            (RegionKind::Comment, "<# e #>"),
            (RegionKind::HereDocument, "@'\nf\n'@"),
        ]
    );
    assert_eq!(script.continuations, std::slice::from_ref(&(10..12)));
}

#[test]
fn gives_the_entries_of_a_hashtable() {
    let text = "$a = @{ Name = 'x'\n 'B' = @{ c = 1 }; $d = 2 }";
    let script = parse(text, Dialect::PowerShell);
    let value = script.commands[0].assignments[0].value.clone().unwrap();
    let entries = hashtable_entries(text, value.range).unwrap();
    let keys: Vec<_> = entries
        .iter()
        .map(|entry| (entry.key.as_str(), &text[entry.key_range.clone()]))
        .collect();
    assert_eq!(keys, [("Name", "Name"), ("B", "'B'")]);
    assert_eq!(hashtable_entries(text, 0..2), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reads_any_text(text in "\\PC{0,60}") {
        assert_ranges(&parse(&text, Dialect::PowerShell), &text);
    }

    #[test]
    fn reads_any_mixture_of_tokens(text in tokens()) {
        assert_ranges(&parse(&text, Dialect::PowerShell), &text);
    }
}

fn tokens() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "\n",
        " ",
        "`\n",
        "` \n",
        "`",
        "\\\n",
        "-",
        "--",
        "-Name",
        "--%",
        "$x",
        "$x-y",
        "${",
        "}",
        "$(",
        "@(",
        "@{",
        "(",
        ")",
        "{",
        "[",
        "]",
        "[int]",
        "'",
        "\"",
        "@\"\n",
        "\n\"@",
        "@'\n",
        "\n'@",
        "=",
        "+=",
        ",",
        ";",
        "|",
        "&&",
        "&",
        "<",
        ">",
        "2>&1",
        "<name>",
        "#",
        "<#",
        "#>",
        ".Id",
        "::",
        "if ",
        "foreach (",
        "in ",
        "param(",
        "function f",
        "else",
        "az",
        "Get-X",
        "@args",
        "\u{201c}",
        "\u{2019}",
        "\u{a0}",
        "é",
        "1",
        "%",
        "\r\n",
    ]);
    prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

/// Time must not grow faster than the text: each of these made a naive reader start over at every
/// token.
#[test]
fn takes_time_linear_in_the_text() {
    for unit in [
        "\"",
        "'",
        "$(",
        "\"$(",
        "(",
        "{",
        "@{",
        "@{a=",
        "[",
        "@\"\n",
        "@'\n",
        "<#",
        "<",
        "`",
        "$x-",
        "$x[",
        "a \"b\n",
        "a 'b\n",
        "$a-b=$a-b.c\n",
        "if (",
        "else ",
        "a |\n",
        "\\\n",
        "\\ ",
        "--% ",
        "foreach (",
        "param(",
        "[int]",
        "$a=",
        "= ",
        "return ",
        "a $K\"\n",
        "\"\n\"a\n",
    ] {
        let time = |count: usize| {
            let text = unit.repeat(count);
            // The best of some, so that a busy machine does not look like slow code.
            let times = (0..2).map(|_| {
                let started = std::time::Instant::now();
                let script = parse(&text, Dialect::PowerShell);
                assert!(script.problems.len() <= text.len());
                started.elapsed().as_secs_f64()
            });
            times.fold(f64::INFINITY, f64::min)
        };
        let small = time(1_000).max(0.01);
        let large = time(16_000);
        assert!(large < small * 100.0, "{unit:?}: {small} s, then {large} s");
    }
}
