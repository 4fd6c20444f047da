//! `docproof-emulator`: the emulator as a program of its own, the one file of its container image.
//!
//! Without arguments it serves Azure to the network that it is in. The other verbs are for the inside
//! of containers: what asks whether it is well, what prints its certificate, what lets a harness drive
//! it, what stands beside each container of a run ([`beside`]), and what answers calls of `az` in one
//! ([`docproof_az`]).
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that tells what it does; nothing else runs in its container"
)]

mod arguments;
mod beside;
mod client;
mod files;
mod serve;

use arguments::Verb;
use std::process::ExitCode;

fn main() -> ExitCode {
    docproof_az::enter_if_called();
    let verb = match Verb::parse(std::env::args().skip(1)) {
        Ok(verb) => verb,
        Err(message) => {
            eprintln!("error: {message}\n\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let ended = runtime.and_then(|runtime| {
        let ended = runtime.block_on(run(verb));
        // Connections that clients keep open must not hold up the end.
        runtime.shutdown_background();
        ended
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
    }
}

async fn run(verb: Verb) -> std::io::Result<()> {
    match verb {
        Verb::Serve(options) => serve::run(options).await,
        Verb::Beside(options) => beside::run(options).await,
        Verb::Drive => client::drive(),
        Verb::Files => files::serve().await,
        Verb::AnswerAz => match docproof_az::answer_alone()? {},
        Verb::Health => client::health().await,
        Verb::Certificate => client::certificate().await.map(|pem| print!("{pem}")),
        Verb::Help => {
            println!("{}", arguments::USAGE);
            Ok(())
        }
    }
}
