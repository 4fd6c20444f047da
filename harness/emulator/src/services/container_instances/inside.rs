//! What happens inside of a container: its log, and commands in it.

use super::groups::existing;
use super::model;
use super::state::{ContainerInstances, Running, Session};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::json;

fn find(
    all: &ContainerInstances,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    container: &str,
    verb: &str,
) -> Result<(Running, String), ArmError> {
    let (_, id) = path.allow_at(
        cx,
        request,
        (model::KIND, name),
        &format!("containers/{verb}"),
    )?;
    existing(cx, path, &id, name)?;
    let found = all.container(&id, container).ok_or_else(|| {
        // The wording is not recorded.
        ArmError::new(
            StatusCode::NOT_FOUND,
            "ContainerNotFound",
            format!("The container '{container}' of container group '{name}' does not exist."),
        )
    })?;
    Ok((found, id))
}

/// What the container printed: `tail` last lines, `timestamps` before each. Lines carry the time of
/// the container's start, since no time is known for each.
pub(super) fn logs(
    all: &ContainerInstances,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    container: &str,
) -> Result<Response, ArmError> {
    let (running, _) = find(all, cx, request, path, name, container, "logs/read")?;
    let log = running.container.log();
    let log = String::from_utf8_lossy(&log);
    let mut lines: Vec<&str> = log.split_inclusive('\n').collect();
    if let Some(tail) = request
        .query("tail")
        .and_then(|tail| tail.parse::<usize>().ok())
    {
        lines.drain(..lines.len().saturating_sub(tail));
    }
    let stamped = request
        .query("timestamps")
        .is_some_and(|on| on.eq_ignore_ascii_case("true"));
    let content: String = if stamped {
        let at = arm::seven_digits(running.started);
        lines.iter().map(|line| format!("{at} {line}")).collect()
    } else {
        lines.concat()
    };
    Ok(Response::json(
        StatusCode::OK,
        &json!({ "content": content }),
    ))
}

/// Opens a session: where to connect, and the password that the first frame must carry. The
/// command starts when the websocket is there. It is one program without arguments, as documented
/// ("you cannot pass command arguments").
pub(super) fn exec(
    all: &ContainerInstances,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    container: &str,
) -> Result<Response, ArmError> {
    let (running, id) = find(all, cx, request, path, name, container, "exec/action")?;
    // One that has ended takes a session too (recorded in `test_container_exec`), a stopped group none.
    let stopped = all
        .state()
        .groups
        .get(&id.to_lowercase())
        .is_none_or(|group| group.stopped);
    if stopped {
        // The wording is not recorded.
        return Err(ArmError::new(
            StatusCode::CONFLICT,
            "ContainerNotRunning",
            format!("The container '{container}' of container group '{name}' is not running."),
        ));
    }
    let sent = request.json()?;
    let size = |key: &str, default: u16| {
        let number = sent["terminalSize"][key]
            .as_u64()
            .and_then(|n| u16::try_from(n).ok());
        number.filter(|n| *n > 0).unwrap_or(default)
    };
    let (rows, columns) = (size("rows", 24), size("cols", 80));
    let session = arm::operation_id();
    let password = format!("{}{}", arm::operation_id(), arm::operation_id()).replace('-', "");
    let location = existing(cx, path, &id, name)?["location"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    all.state().sessions.insert(
        session.clone(),
        Session {
            group: id.to_lowercase(),
            container: running.name,
            command: sent["command"].as_str().unwrap_or_default().to_owned(),
            columns,
            rows,
            password: password.clone(),
        },
    );
    // The host's first label is an internal name of the cluster; the pattern is recorded in
    // `test_container_exec`.
    let host = format!("sbz{}.{location}.atlas.cloudapp.azure.com", &session[..8]);
    let uri = format!(
        "wss://{host}:19390/execstream/sessionId/{session}?api-version=1.0&rows={rows}&cols={columns}"
    );
    Ok(Response::json(
        StatusCode::OK,
        &json!({ "webSocketUri": uri, "password": password }),
    ))
}
