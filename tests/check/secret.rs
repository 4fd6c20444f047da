//! No secret of an article is in what is printed about it, whatever the form.

use libtest_mimic::Failed;

/// Secrets in the shapes that articles leak them in; none ever opened anything.
const SECRETS: [&str; 3] = [
    "abX8Q~tGzhWpDkRv0sYmNq4LcEu7JfBoVx2iTnKa",
    "q7ZrTt3pXk9vLmB2cY8nHdWf5sJg6uQeRa1oKi4yVtNxPbMzCwDhEjFlGqSu0TIrIvOA7XkYLn3mB9pZcHdW2Q==",
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
];

pub(crate) fn is_never_shown() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let [client, account, key] = SECRETS;
    let article = format!(
        "# Sign in\n\n```azurecli\naz login --service-principal \\ \n  -u app -p {client} --tenant x\n\
         echo AccountKey={account}\n```\n\n```json\n{{ \"key1\": \"{account}\", \"id\": \"null\", }}\n```\n\n\
         ```output\n-----BEGIN PRIVATE KEY-----\n{key}\n{key}\n{key}\n-----END PRIVATE KEY-----\n```\n"
    );
    std::fs::write(folder.path().join("a.md"), article)?;
    let mut found = false;
    for options in [
        "",
        "--color always",
        "--format json",
        "--format sarif",
        "--format github",
        "--format junit",
        "--diff",
        "--allow leaked-secret",
        "--severity error --rule trailing-space-after-continuation",
        "--fix",
    ] {
        let output = crate::shell(
            &format!("docproof check a.md {options} 2>&1"),
            folder.path(),
        );
        let text = String::from_utf8(output.stdout)?;
        found |= text.contains("leaked-secret");
        for secret in SECRETS {
            if text.contains(secret) || text.contains(&secret[..24]) {
                return Err(format!("{options} shows {secret}:\n{text}").into());
            }
        }
    }
    if !found {
        return Err("no secret was found, so nothing was tried".into());
    }
    Ok(())
}
