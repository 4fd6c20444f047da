//! Blobs: read whole or in part, deleted.

use super::super::error::OciError;
use super::{Ask, is_head};
use crate::http::Response;
use ::http::StatusCode;
use bytes::Bytes;

/// A blob, or the part of it that `Range` asks for.
pub(super) fn get(ask: &Ask<'_>, digest: &str) -> Result<Response, OciError> {
    ask.allow("pull")?;
    let blob = ask
        .all
        .state()
        .contents(&ask.registry.name())
        .blob(&ask.name, digest)
        .ok_or_else(|| OciError::no_blob(digest))?;
    let total = blob.len();
    let range = ask
        .request
        .header("range")
        .filter(|_| !is_head(ask.request));
    let (status, part, content_range) = match range {
        None => (StatusCode::OK, blob, None),
        Some(range) => {
            let (first, last) = within(range, total).ok_or_else(|| {
                OciError::new(
                    StatusCode::RANGE_NOT_SATISFIABLE,
                    "RANGE_INVALID",
                    "invalid content range",
                )
            })?;
            let told = format!("bytes {first}-{last}/{total}");
            (
                StatusCode::PARTIAL_CONTENT,
                blob.slice(first..=last),
                Some(told),
            )
        }
    };
    let mut response = described(status, digest, part).with_header("accept-ranges", "bytes");
    if let Some(told) = content_range {
        response = response.with_header("content-range", told);
    }
    Ok(response)
}

fn described(status: StatusCode, digest: &str, bytes: Bytes) -> Response {
    Response::empty(status)
        .with_bytes("application/octet-stream", bytes)
        .with_header("docker-content-digest", digest)
        .with_header("etag", format!("\"{digest}\""))
}

/// `bytes=first-last`, `bytes=first-` or `bytes=-count`, as places in a blob.
fn within(range: &str, total: usize) -> Option<(usize, usize)> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let end = total.checked_sub(1)?;
    let (first, last) = if first.is_empty() {
        let count: usize = last.parse().ok()?;
        (total.saturating_sub(count), end)
    } else {
        let last = if last.is_empty() {
            end
        } else {
            last.parse().ok()?
        };
        (first.parse().ok()?, last.min(end))
    };
    (first <= last).then_some((first, last))
}

/// Takes a blob out of the repository.
pub(super) fn delete(ask: &Ask<'_>, digest: &str) -> Result<Response, OciError> {
    ask.allow("delete")?;
    let mut state = ask.all.state();
    let contents = state.contents(&ask.registry.name());
    let had = contents
        .repositories
        .get_mut(&ask.name)
        .is_some_and(|repository| repository.blobs.remove(digest));
    if !had {
        return Err(OciError::no_blob(digest));
    }
    Ok(Response::empty(StatusCode::ACCEPTED).with_header("docker-content-digest", digest))
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn parts_of_a_blob() {
        for bad in ["", "bytes=", "bytes=x-1", "bytes=5-4", "bytes=10-", "0-1"] {
            assert_eq!(within(bad, 10), None, "{bad}");
        }
        assert_eq!(within("bytes=0-0", 0), None);
        assert_eq!(within("bytes=2-4", 10), Some((2, 4)));
        assert_eq!(within("bytes=2-", 10), Some((2, 9)));
        assert_eq!(within("bytes=-3", 10), Some((7, 9)));
        assert_eq!(within("bytes=2-99", 10), Some((2, 9)));
    }
}
