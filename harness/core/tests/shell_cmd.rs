//! How the command prompt of Windows is read, one case a construct; and what holds for any text.

mod shell_render;

use docproof_core::shell::{Dialect, parse};
use proptest::prelude::*;
use shell_render::{assert_ranges, render};

#[test]
fn reads_the_command_prompt() {
    for (text, expected) in [
        ("set X=a b", "[X={a b} set]"),
        ("set \"X=a %Y% b\" & c", "[X={a $Y b} set] [c]"),
        ("set /p X=Name:", "[X={} set]"),
        ("set /a X=%Y%+1", "[X={?($Y)} set]"),
        ("set", "[set]"),
        ("set \"X=a", "[X={a} set] !unbalanced \"@4"),
        ("az a ^\n  --b %X% \"c %Y%\"", "[az a --b $X \"c \"\"$Y\"]"),
        ("a && b || c | d", "[a] [b]? [c]|? [d]?"),
        ("REM 'a\n:: b\n:label\n@echo off", "[echo off]"),
        ("a > b 2>&1 < c", "[a >b 2>&1 <c]"),
        ("a <the name> x=<y>", "[a <the name> x=<y>]"),
        ("for %i in (a b) do c %i", "[for i={} a b] [c $i]?"),
        (
            "for /f \"tokens=*\" %%i in ('az x -n %Y%') do set Z=%%i",
            "[for i={} ([az x -n $Y])] [Z={$i} set]?",
        ),
        (
            "if \"%X%\"==\"a\" (b) else (c)",
            "[expr \"$X\" \"a\"] [b]? [c]",
        ),
        ("if not exist a b", "[expr a] [b]?"),
        (
            "a http://x/a%20b 100% %1 %~dp0",
            "[a http://x/a%20b 100% ?() %~dp0]",
        ),
        ("a \"b", "[a \"b\"] !unbalanced \"@2"),
        ("a ^& b", "[a & b]"),
        ("(a\nb", "[a] [b] !unclosed (@0"),
        ("echo %X:a=b% it's", "[echo $X:a=b it's]"),
    ] {
        let script = parse(text, Dialect::Cmd);
        assert_ranges(&script, text);
        assert_eq!(render(&script), expected, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reads_any_text(text in "\\PC{0,60}") {
        assert_ranges(&parse(&text, Dialect::Cmd), &text);
    }

    #[test]
    fn reads_any_mixture_of_tokens(text in tokens()) {
        assert_ranges(&parse(&text, Dialect::Cmd), &text);
    }
}

fn tokens() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "\n", " ", "^\n", "^", "%", "%X%", "%%i", "%i", "\"", "'", "(", ")", "&", "&&", "|", "<",
        ">", "2>&1", "<name>", "set ", "set \"X=", "set /p ", "set /a ", "=", "if ", "not ", "==",
        "for ", "/f ", "in ", "('", "do ", "else ", "REM ", "::", ":", "az", "@", "é", "\r\n",
    ]);
    prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

#[test]
fn takes_time_linear_in_the_text() {
    for unit in [
        "\"",
        "(",
        "%",
        "%a",
        "<",
        "^",
        "if a ",
        "for ",
        "for /f %i in ('",
        "set ",
        "&",
        "a \"b\n",
        "<a ",
    ] {
        let time = |count: usize| {
            let text = unit.repeat(count);
            // The best of some, so that a busy machine does not look like slow code.
            let times = (0..2).map(|_| {
                let started = std::time::Instant::now();
                let script = parse(&text, Dialect::Cmd);
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
