//! The user's pip settings, said to uv: uv reads neither `pip.conf` nor `PIP_*`.
//!
//! A company's index, CA bundle or proxy is usually configured for pip. What is configured for uv
//! itself goes first, and nothing here outlives the one child it is given to.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

type Variables = BTreeMap<OsString, OsString>;

/// A pip option, and the variable that means the same to uv.
struct Setting {
    /// The name in `pip.conf`.
    option: &'static str,
    /// pip's variable.
    pip: &'static str,
    /// uv's variable.
    uv: &'static str,
    /// Variables which, if set, show that the user has told uv already.
    unless: &'static [&'static str],
}

const SETTINGS: &[Setting] = &[
    Setting {
        option: "index-url",
        pip: "PIP_INDEX_URL",
        uv: "UV_INDEX_URL",
        unless: &["UV_DEFAULT_INDEX"],
    },
    Setting {
        option: "extra-index-url",
        pip: "PIP_EXTRA_INDEX_URL",
        uv: "UV_EXTRA_INDEX_URL",
        unless: &["UV_INDEX"],
    },
    Setting {
        option: "no-index",
        pip: "PIP_NO_INDEX",
        uv: "UV_NO_INDEX",
        unless: &[],
    },
    Setting {
        option: "find-links",
        pip: "PIP_FIND_LINKS",
        uv: "UV_FIND_LINKS",
        unless: &[],
    },
    Setting {
        option: "cert",
        pip: "PIP_CERT",
        uv: "SSL_CERT_FILE",
        unless: &["SSL_CERT_DIR"],
    },
    Setting {
        option: "trusted-host",
        pip: "PIP_TRUSTED_HOST",
        uv: "UV_INSECURE_HOST",
        unless: &[],
    },
    Setting {
        option: "timeout",
        pip: "PIP_DEFAULT_TIMEOUT",
        uv: "UV_HTTP_TIMEOUT",
        unless: &[],
    },
    Setting {
        option: "proxy",
        pip: "PIP_PROXY",
        uv: "ALL_PROXY",
        unless: &["HTTPS_PROXY", "https_proxy", "all_proxy"],
    },
];

/// What to add to uv's variables so that it does as pip would.
pub(super) fn for_uv(variables: &Variables) -> Vec<(OsString, OsString)> {
    let file = if has_uv_configuration(variables) {
        BTreeMap::new()
    } else {
        pip_files(variables)
    };
    let is_set = |name: &str| {
        variables
            .get(OsStr::new(name))
            .is_some_and(|v| !v.is_empty())
    };
    SETTINGS
        .iter()
        .filter(|setting| !is_set(setting.uv) && !setting.unless.iter().any(|name| is_set(name)))
        .filter_map(|setting| {
            let from_variable = variables.get(OsStr::new(setting.pip));
            let value = match from_variable.filter(|value| !value.is_empty()) {
                Some(value) => value.to_str()?.to_owned(),
                None => file.get(setting.option)?.clone(),
            };
            let value = if setting.option == "find-links" {
                find_links(&value)?
            } else {
                value
            };
            Some((setting.uv.into(), value.into()))
        })
        .collect()
}

/// pip parts the entries by spaces, uv by commas; and pip passes over a folder that does not
/// exist, where uv gives up.
fn find_links(value: &str) -> Option<String> {
    let entries: Vec<_> = value
        .split_whitespace()
        .filter(|entry| entry.contains("://") || Path::new(entry).exists())
        .collect();
    (!entries.is_empty()).then(|| entries.join(","))
}

/// The folder of the user's own settings.
fn config_home(variables: &Variables) -> Option<PathBuf> {
    let get = |name: &str| variables.get(OsStr::new(name)).map(PathBuf::from);
    get("XDG_CONFIG_HOME")
        .filter(|folder| folder.is_absolute())
        .or_else(|| get("HOME").map(|home| home.join(".config")))
}

/// Whether uv has settings of its own: then `pip.conf` is not meant for it.
fn has_uv_configuration(variables: &Variables) -> bool {
    variables.contains_key(OsStr::new("UV_CONFIG_FILE"))
        || Path::new("/etc/uv/uv.toml").exists()
        || config_home(variables).is_some_and(|folder| folder.join("uv/uv.toml").exists())
}

/// The options of pip's files, later ones over earlier ones, in pip's own order.
fn pip_files(variables: &Variables) -> BTreeMap<String, String> {
    let get = |name: &str| variables.get(OsStr::new(name)).map(PathBuf::from);
    let files = [
        Some(PathBuf::from("/etc/xdg/pip/pip.conf")),
        Some(PathBuf::from("/etc/pip.conf")),
        get("HOME").map(|home| home.join(".pip/pip.conf")),
        config_home(variables).map(|folder| folder.join("pip/pip.conf")),
        get("PIP_CONFIG_FILE"),
    ];
    let mut options = BTreeMap::new();
    for file in files.into_iter().flatten() {
        if let Ok(text) = std::fs::read_to_string(file) {
            options.extend(parse(&text));
        }
    }
    options
}

/// The options of the sections `[global]` and `[install]`; a line that is indented continues the
/// one before.
fn parse(text: &str) -> BTreeMap<String, String> {
    let mut options: BTreeMap<String, String> = BTreeMap::new();
    let mut last = None;
    let mut wanted = false;
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if let Some(section) = content.strip_prefix('[') {
            wanted = matches!(section.trim_end_matches(']'), "global" | "install");
            last = None;
        } else if line.starts_with([' ', '\t']) && last.is_some() {
            if let Some(value) = last.as_ref().and_then(|name| options.get_mut(name)) {
                if !value.is_empty() {
                    value.push(' ');
                }
                value.push_str(content);
            }
        } else if let (true, Some((name, value))) = (wanted, content.split_once(['=', ':'])) {
            let name = name.trim().replace('_', "-");
            options.insert(name.clone(), value.trim().to_owned());
            last = Some(name);
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let variables = pairs.iter().map(|(k, v)| (k.into(), v.into())).collect();
        for_uv(&variables)
            .into_iter()
            .map(|(k, v)| (k.into_string().unwrap(), v.into_string().unwrap()))
            .filter(|(name, _)| name.contains("INDEX") || name.contains("LINKS"))
            .collect()
    }

    #[test]
    fn what_uv_was_told_is_not_overruled() {
        assert_eq!(asked(&[("PIP_INDEX_URL", "p"), ("UV_INDEX_URL", "u")]), []);
        assert_eq!(
            asked(&[("PIP_INDEX_URL", "p"), ("UV_DEFAULT_INDEX", "u")]),
            []
        );
    }

    #[test]
    fn an_index_of_pip_is_passed_on() {
        let told = asked(&[("PIP_INDEX_URL", "https://index.example/simple")]);
        assert_eq!(
            told,
            [("UV_INDEX_URL".into(), "https://index.example/simple".into())]
        );
    }

    #[test]
    fn a_folder_of_wheels_that_is_gone_is_not_passed_on() {
        assert_eq!(asked(&[("PIP_FIND_LINKS", "/nowhere/at/all")]), []);
        let told = asked(&[("PIP_FIND_LINKS", "/nowhere/at/all https://w.example /")]);
        assert_eq!(
            told,
            [("UV_FIND_LINKS".into(), "https://w.example,/".into())]
        );
    }

    #[test]
    fn pips_file_is_read() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".config/pip");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(
            folder.join("pip.conf"),
            "[global]\nindex-url = https://i.example\n",
        )
        .unwrap();
        let home = home.path().to_str().unwrap();
        assert_eq!(
            asked(&[("HOME", home)]),
            [("UV_INDEX_URL".into(), "https://i.example".into())]
        );
    }

    #[test]
    fn sections_comments_and_continued_lines() {
        let options = parse(
            "# c\n[list]\nindex-url = no\n[global]\ntimeout: 9\nextra_index_url =\n  a\n  b\n\n; c\n[install]\nno-index = true\n",
        );
        let expected = [
            ("extra-index-url", "a b"),
            ("no-index", "true"),
            ("timeout", "9"),
        ];
        assert_eq!(options.len(), expected.len());
        for (name, value) in expected {
            assert_eq!(options.get(name).map(String::as_str), Some(value));
        }
        assert!(!parse("index-url = outside\n= \n[").contains_key("index-url"));
    }
}
