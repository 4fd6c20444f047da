//! What the program is asked to do: [`Verb`].

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// How it is used.
pub(crate) const USAGE: &str = "\
docproof-emulator: Azure, for the network that it is in

  serve                  serve names (53), HTTP (80) and HTTPS (443) on every address; the default
    --role NAME          a role of the user beside Owner; can be given several times
    --operation-seconds N  how long long-running operations take
    --address ADDRESS    where names lead; the first address of this host if not given
    --driven             for a harness that runs containers for it; tells nobody that it is no Azure
  certificate            print the certificate that clients must trust
  health                 end with 0 if the emulator here answers
  drive                  let standard input and output drive the emulator here
  files                  let standard input and output reach the files here
  beside                 what stands beside a container of a run
    --names ADDRESS      who is asked for names
    --relay ADDRESS:PORT=ADDRESS:PORT  what comes to the one goes to the other
    --az FOLDER          put what answer-az needs there
  answer-az              have one process answer every call of `az` in this container";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Serve(ServeOptions),
    Beside(BesideOptions),
    Drive,
    Files,
    AnswerAz,
    Health,
    Certificate,
    Help,
}

/// How to serve.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ServeOptions {
    pub(crate) roles: Vec<String>,
    pub(crate) operation_seconds: u64,
    pub(crate) address: Option<Ipv4Addr>,
    pub(crate) driven: bool,
}

/// How to stand beside a container.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct BesideOptions {
    pub(crate) names: Option<Ipv4Addr>,
    pub(crate) relays: Vec<(SocketAddr, SocketAddr)>,
    pub(crate) az: Option<PathBuf>,
}

impl Verb {
    /// Reads the arguments behind the program's name.
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = arguments.peekable();
        let verb = match arguments.peek() {
            Some(first) if !first.starts_with('-') => arguments.next(),
            _ => None,
        };
        let verb = verb.as_deref().unwrap_or("serve");
        let mut serve = ServeOptions::default();
        let mut beside = BesideOptions::default();
        while let Some(option) = arguments.next() {
            if option == "--help" || option == "-h" {
                return Ok(Self::Help);
            }
            let mut value = || {
                let value = arguments.next();
                value.ok_or_else(|| format!("{option} needs a value"))
            };
            match (verb, option.as_str()) {
                ("serve", "--role") => serve.roles.push(value()?),
                ("serve", "--operation-seconds") => {
                    serve.operation_seconds = read(&option, &value()?)?;
                }
                ("serve", "--address") => serve.address = Some(read(&option, &value()?)?),
                ("serve", "--driven") => serve.driven = true,
                ("beside", "--az") => beside.az = Some(value()?.into()),
                ("beside", "--names") => beside.names = Some(read(&option, &value()?)?),
                ("beside", "--relay") => {
                    let value = value()?;
                    let (from, to) = value
                        .split_once('=')
                        .ok_or_else(|| format!("--relay is FROM=TO, not `{value}`"))?;
                    beside
                        .relays
                        .push((read(&option, from)?, read(&option, to)?));
                }
                _ => return Err(format!("`{verb}` has no option `{option}`")),
            }
        }
        match verb {
            "serve" => Ok(Self::Serve(serve)),
            "beside" => Ok(Self::Beside(beside)),
            "drive" => Ok(Self::Drive),
            "files" => Ok(Self::Files),
            docproof_az::PREPARE => Ok(Self::AnswerAz),
            "health" => Ok(Self::Health),
            "certificate" => Ok(Self::Certificate),
            "help" => Ok(Self::Help),
            other => Err(format!("there is no verb `{other}`")),
        }
    }
}

fn read<T: std::str::FromStr>(option: &str, value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|_| format!("{option} cannot be `{value}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Verb, String> {
        Verb::parse(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        for text in [
            "dance",
            "serve --relay 1=2",
            "--role",
            "serve --operation-seconds soon",
            "beside --relay 127.0.0.1:42356",
            "beside --relay 42356=127.0.0.1:80",
            "beside --names nowhere",
            "beside --az",
            "answer-az --az /opt",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn serving_is_what_is_done_if_nothing_is_said() {
        assert_eq!(parse(""), Ok(Verb::Serve(ServeOptions::default())));
        let Ok(Verb::Serve(options)) = parse("--driven --role A --role B") else {
            panic!("it is `serve`");
        };
        assert_eq!(options.roles, ["A", "B"]);
        assert!(options.driven);
    }
}
