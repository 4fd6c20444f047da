//! Identifiers and times as Azure writes them.

use jiff::{Timestamp, tz::TimeZone};

/// A new GUID, lower case with dashes: for operations, object ids, request ids.
pub(crate) fn operation_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A time in whole seconds: `2025-07-10T08:02:21Z`.
pub(crate) fn seconds(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

/// A time with seven digits after the point: `2025-07-10T08:02:21.1234567Z`.
pub(crate) fn seven_digits(time: Timestamp) -> String {
    let ticks = time.subsec_nanosecond().unsigned_abs() / 100;
    format!(
        "{}.{ticks:07}Z",
        time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_azure_writes_them() {
        let time: Timestamp = "2025-07-10T08:02:21.012345678Z".parse().unwrap();
        assert_eq!(seconds(time), "2025-07-10T08:02:21Z");
        assert_eq!(seven_digits(time), "2025-07-10T08:02:21.0123456Z");
    }
}
