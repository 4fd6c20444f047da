//! A target that is open, with a shell in it.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

use docproof_core::scenario::{Line, Script};
use docproof_core::source::Position;
use docproof_run::environment::{Environment, EnvironmentError, Target};
use docproof_run::session::{BlockOutcome, Session};
use std::time::Duration;

/// A machine may have much else to do.
const LIMIT: Duration = Duration::from_secs(240);

/// As a user is told it.
pub(crate) fn told(error: EnvironmentError) -> String {
    match error.help {
        Some(help) => format!("{}\nhelp: {help}", error.message),
        None => error.message,
    }
}

pub(crate) fn script(text: &str) -> Script {
    let position = Position {
        file: "article.md".into(),
        line: 1,
        column: 1,
    };
    let line = |text: &str| Line {
        text: text.to_owned(),
        position: position.clone(),
    };
    Script {
        lines: text.lines().map(line).collect(),
    }
}

/// An environment with a shell in it.
pub(crate) struct Open {
    pub(crate) session: Session,
    pub(crate) environment: Box<dyn Environment>,
}

impl Open {
    pub(crate) async fn new(target: &dyn Target) -> Result<Self, String> {
        let environment = target.prepare(&[]).await.map_err(told)?;
        let session = Session::open(environment.as_ref()).await;
        Ok(Self {
            session: session.map_err(|error| error.to_string())?,
            environment,
        })
    }

    pub(crate) async fn run(&mut self, text: &str) -> Result<BlockOutcome, String> {
        let ran = self.session.run(&script(text), LIMIT).await;
        ran.map_err(|error| error.to_string())
    }

    pub(crate) fn close(self) {
        drop(self.session);
        tokio::task::block_in_place(|| drop(self.environment));
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ended = runtime.block_on(future);
    runtime.shutdown_background();
    ended
}
