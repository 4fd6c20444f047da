//! azure-cli's command table: what is in it, that reading a command line agrees with azure-cli's
//! own parser, and that no bytes break it.

use docproof_core::command_table::{
    Arity, Given, Kind, Lookup, Open, Problem, Table, TableError, command_like, nearest, parse,
};
use proptest::prelude::*;

fn given(line: &str) -> Vec<Given> {
    line.split(' ').map(Given::literal).collect()
}

/// What is wrong with a command line, in the words of `verdicts.tsv`.
fn verdicts(words: &[Given]) -> Vec<&'static str> {
    let table = Table::built_in();
    let mut found = match table.look_up(words) {
        Lookup::Help => vec!["help"],
        Lookup::Unknown { .. } | Lookup::Group { .. } => vec!["command"],
        Lookup::Open => vec![],
        Lookup::Command { command, rest } => {
            let parsed = parse(command, &words[rest..]);
            let help = parsed.help.then_some("help");
            let problems = parsed.problems.iter().map(|problem| match problem {
                Problem::UnknownOption { .. } | Problem::Unexpected { .. } => "unrecognized",
                Problem::Ambiguous { .. } => "ambiguous",
                Problem::MissingValue { .. } => "value",
                Problem::FlagWithValue { .. } => "flag",
                Problem::InvalidChoice { .. } => "choice",
                Problem::InvalidNumber { .. } => "number",
                Problem::MissingRequired { .. } => "required",
            });
            help.into_iter().chain(problems).collect()
        }
    };
    if found.is_empty() {
        found.push("ok");
    }
    found
}

fn of(line: &str) -> Vec<&'static str> {
    verdicts(&given(line))
}

/// The verdicts were given by the parser of the azure-cli that the table is of; it names the
/// first thing that is wrong, docproof all.
#[test]
fn agrees_with_the_parser_of_azure_cli() {
    let mut wrong = Vec::new();
    for line in include_str!("command_table/verdicts.tsv").lines() {
        let (verdict, words) = line.split_once('\t').unwrap();
        let words: Vec<String> = serde_json::from_str(words).unwrap();
        let words: Vec<Given> = words.into_iter().map(Given::literal).collect();
        let found = verdicts(&words);
        if !found.contains(&verdict) {
            wrong.push(format!("{found:?}: {line}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn holds_the_whole_table() {
    let table = Table::read(Table::built_in_bytes()).unwrap();
    assert_eq!(table.version(), "2.91.0");
    assert_eq!(table.date().len(), 10);
    assert!(table.commands().count() > 6000);
    assert!(
        table
            .commands()
            .map(|c| c.arguments().count())
            .sum::<usize>()
            > 60_000
    );
    assert!(Table::built_in_bytes().len() < 300_000);
    assert_eq!(&table, Table::built_in());
}

#[test]
fn knows_what_an_argument_takes() {
    let table = Table::built_in();
    let create = table.command("container create").unwrap();
    assert_eq!(create.path(), "container create");
    assert_eq!(create.group().path(), "container");
    let group = create.argument("-g").unwrap();
    assert_eq!((group.name(), group.required()), ("--resource-group", true));
    assert_eq!(group.default_key(), Some("group"));
    let system = create.argument("--os-type").unwrap().choices().unwrap();
    assert!(system.accept("linux") && system.accept("Linux") && !system.accept("macOS"));
    assert_eq!(create.argument("--cpu").unwrap().kind(), Kind::Float);
    assert_eq!(create.argument("--ports").unwrap().arity(), Arity::Some);
    assert_eq!(
        create
            .argument("--output")
            .unwrap()
            .choices()
            .unwrap()
            .values()
            .count(),
        7
    );
    let build = table.command("acr build").unwrap();
    assert!(
        build
            .arguments()
            .any(|argument| argument.positional() && argument.required())
    );
    assert!(table.command("container").is_none() && table.command("no such").is_none());
}

#[test]
fn tells_what_is_deprecated() {
    let table = Table::built_in();
    let command = table.command("acr helm list").unwrap();
    assert_eq!(
        command.deprecated().unwrap().redirect,
        Some("Helm v3 commands")
    );
    let command = table.command("acr scope-map update").unwrap();
    let option = command.argument("--add").unwrap();
    let option = option.options().find(|option| option.name == "--add");
    let redirect = option.unwrap().deprecated.unwrap().redirect;
    assert_eq!(redirect, Some("--add-repository"));
}

#[test]
fn abbreviations_are_read_if_they_are_of_one_option() {
    assert_eq!(of("group create -n x -l y --tag a=b"), ["ok"]);
    assert_eq!(of("group create -n x -l y --o"), ["ambiguous"]);
    assert_eq!(of("group create --name=x -ly"), ["ok"]);
    assert_eq!(
        of("group create -n x -l y --Tags a=b"),
        ["unrecognized", "unrecognized"]
    );
}

#[test]
fn upper_case_is_read_in_commands_only() {
    assert_eq!(of("Group Create -n x -l y"), ["ok"]);
    assert_eq!(
        of("group create -N x -l y"),
        ["unrecognized", "unrecognized", "required"]
    );
}

#[test]
fn ids_stand_in_for_names() {
    assert_eq!(of("vm show --ids x"), ["ok"]);
    assert_eq!(of("vm show -g x"), ["required"]);
    assert_eq!(of("group create -n x"), ["required"]);
}

#[test]
fn values_may_look_like_numbers_and_not_like_options() {
    assert_eq!(of("vm create -g x -n -5"), ["ok"]);
    assert_eq!(of("vm create -g x -n --x"), ["unrecognized", "value"]);
    assert_eq!(of("vm create -g x -n y --data-disk-sizes-gb 1 2 3"), ["ok"]);
    assert_eq!(of("vm create -g x -n y --data-disk-sizes-gb"), ["value"]);
    assert_eq!(
        of("vm create -g x -n y --generate-ssh-keys true"),
        ["unrecognized"]
    );
    assert_eq!(of("acr build -r x ."), ["ok"]);
    assert_eq!(of("acr build -r x"), ["required"]);
    assert_eq!(of("acr build -r x . y"), ["unrecognized"]);
}

#[test]
fn what_only_running_tells_may_be_anything() {
    let table = Table::built_in();
    let command = table.command("group create").unwrap();
    let open = |open| Given {
        text: String::new(),
        open,
    };
    let parsed = parse(command, &[open(Open::Words)]);
    assert!(parsed.uncertain);
    let mut words = given("-n x --location");
    words.push(open(Open::Rest));
    let parsed = parse(command, &words);
    assert!(!parsed.uncertain && parsed.problems.is_empty());
    let words = [Given {
        text: "--output=".to_owned(),
        open: Open::Rest,
    }];
    let problems = parse(command, &words).problems;
    assert!(
        problems
            .iter()
            .all(|problem| matches!(problem, Problem::MissingRequired { .. }))
    );
    assert_eq!(table.look_up(&[open(Open::Rest)]), Lookup::Open);
}

#[test]
fn suggests_what_was_meant() {
    let table = Table::built_in();
    let like = |line: &str| {
        let words = given(line);
        let Lookup::Unknown { group, word } = table.look_up(&words) else {
            panic!("{line} is a command");
        };
        let text: Vec<String> = words.iter().map(|word| word.text.clone()).collect();
        command_like(table, group, &text[..word], &text[word..])
    };
    assert_eq!(
        like("aks node pool add").as_deref(),
        Some("aks nodepool add")
    );
    assert_eq!(
        like("vm assign-identity").as_deref(),
        Some("vm identity assign")
    );
    assert_eq!(like("gruop create").as_deref(), Some("group create"));
    assert_eq!(
        like("aks safeguard update").as_deref(),
        Some("aks safeguards update")
    );
    assert_eq!(like("quux"), None);
    let command = table.command("aks create").unwrap();
    let options = || {
        command
            .arguments()
            .flat_map(|a| a.options())
            .map(|o| o.name)
    };
    assert_eq!(
        nearest("--resource-gorup", options()),
        Some("--resource-group")
    );
    assert_eq!(
        nearest("--resource-group-name", options()),
        Some("--resource-group")
    );
    assert_eq!(nearest("--zebra", options()), None);
}

#[test]
fn what_is_no_table_is_refused() {
    assert_eq!(Table::read(b""), Err(TableError::NotATable));
    assert_eq!(Table::read(b"{}"), Err(TableError::NotATable));
    let newer = [b"az-tbl\0\x09".as_slice(), b"x"].concat();
    assert!(matches!(
        Table::read(&newer),
        Err(TableError::Format { found: 9, .. })
    ));
    let whole = Table::built_in_bytes();
    assert!(matches!(
        Table::read(&whole[..1000]),
        Err(TableError::Damaged(_))
    ));
}

fn packed(inner: &[u8]) -> Vec<u8> {
    let mut file = Table::built_in_bytes()[..8].to_vec();
    file.extend(miniz_oxide::deflate::compress_to_vec(inner, 1));
    file
}

/// Asks a table for everything, so that any bad index would be met.
fn walk(table: &Table) {
    for command in table.commands().take(300) {
        let _ = (command.path(), command.deprecated());
        for argument in command.arguments().take(50) {
            let _ = (argument.name(), argument.arity(), argument.deprecated());
            let _ = argument.choices().map(|choices| choices.accept("x"));
        }
        parse(command, &given("--name x -g y --output json"));
    }
    let _ = table.look_up(&given("a b c"));
    let _ = table.command("a b");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_break_it(inner in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Table::read(&inner);
        if let Ok(table) = Table::read(&packed(&inner)) {
            walk(&table);
        }
    }

    #[test]
    fn no_change_breaks_it(at in 0usize..260_000, byte: u8) {
        let whole = Table::built_in_bytes();
        let mut inner = miniz_oxide::inflate::decompress_to_vec(&whole[8..]).unwrap();
        if let Some(there) = inner.get_mut(at) {
            *there = byte;
        }
        if let Ok(table) = Table::read(&packed(&inner)) {
            walk(&table);
        }
    }

    #[test]
    fn no_words_break_it(words in proptest::collection::vec("[-]{0,3}[a-z=é]{0,4}", 0..12)) {
        let words: Vec<Given> = words.into_iter().map(Given::literal).collect();
        for name in ["vm create", "acr build", "config set"] {
            parse(Table::built_in().command(name).unwrap(), &words);
        }
        let _ = Table::built_in().look_up(&words);
    }
}
