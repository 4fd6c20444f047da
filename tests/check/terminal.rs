//! Who reads the output makes a difference: a terminal, a file, somebody who leaves early.

use libtest_mimic::Failed;

const ESCAPE: char = '\u{1b}';

/// `script` gives the command a terminal.
pub(crate) fn is_coloured() -> Result<(), Failed> {
    let case = crate::here().join("formats");
    let folder = crate::copy_of(&case);
    let told = |line: &str| -> Result<String, Failed> {
        let output = crate::shell(line, folder.path());
        Ok(String::from_utf8(output.stdout)?)
    };
    let on_terminal = |command: &str| format!("script -qec '{command}' /dev/null");
    for (line, coloured) in [
        (on_terminal("docproof check ."), true),
        (on_terminal("NO_COLOR=1 docproof check ."), false),
        (on_terminal("NO_COLOR= docproof check ."), true),
        (on_terminal("docproof check . --color never"), false),
        ("docproof check . | cat".to_owned(), false),
        ("docproof check . --color always | cat".to_owned(), true),
    ] {
        let text = told(&line)?;
        if !text.contains("null-as-string") {
            return Err(format!("{line} found nothing:\n{text}").into());
        }
        if text.contains(ESCAPE) != coloured {
            return Err(format!("{line} is coloured: {}\n{text}", !coloured).into());
        }
    }
    Ok(())
}

/// Whoever reads only the first line is no error.
pub(crate) fn reader_leaves() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let article = "# A\n\n```json\n{ \"id\": \"null\" }\n```\n".repeat(50);
    for number in 0..40 {
        std::fs::write(folder.path().join(format!("{number}.md")), &article)?;
    }
    let line = "docproof check . | head -1; echo ${PIPESTATUS[0]}";
    let output = crate::shell(line, folder.path());
    let errors = String::from_utf8(output.stderr)?;
    let text = String::from_utf8(output.stdout)?;
    if !errors.is_empty() || text.lines().last() != Some("0") {
        return Err(format!("{text}{errors}").into());
    }
    Ok(())
}
