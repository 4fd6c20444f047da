//! Ranges of addresses such as `10.0.0.0/16`.

use crate::arm::ArmError;
use ::http::StatusCode;
use std::net::Ipv4Addr;

/// A range of IPv4 addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefix {
    first: u32,
    length: u32,
}

impl Prefix {
    /// Reads a range that begins where its length says it does. The texts of the refusals are from
    /// memory, not from a recording.
    ///
    /// # Errors
    /// 400 for anything else; 501 for IPv6.
    pub(super) fn parse(text: &str, id: &str) -> Result<Self, ArmError> {
        if text.contains(':') {
            return Err(super::model::not_emulated("ranges of IPv6"));
        }
        let parts = text.split_once('/').and_then(|(address, length)| {
            let address: Ipv4Addr = address.parse().ok()?;
            let length: u32 = length.parse().ok().filter(|length| *length <= 32)?;
            Some((u32::from(address), length))
        });
        let Some((first, length)) = parts else {
            return Err(ArmError::new(
                StatusCode::BAD_REQUEST,
                "InvalidAddressPrefixFormat",
                format!(
                    "Address prefix {text} of resource {id} is not formatted correctly. It should \
                     follow CIDR notation, for example 10.0.0.0/24."
                ),
            ));
        };
        let prefix = Self { first, length };
        let begin = first & prefix.mask();
        if begin != first {
            return Err(ArmError::new(
                StatusCode::BAD_REQUEST,
                "InvalidCIDRNotation",
                format!(
                    "The address prefix {text} in resource {id} has an invalid CIDR notation. For \
                     the given prefix length, the address prefix should be {}/{length}.",
                    Ipv4Addr::from(begin)
                ),
            ));
        }
        Ok(prefix)
    }

    /// How many bits are the same for all of its addresses.
    pub(super) fn length(self) -> u32 {
        self.length
    }

    fn mask(self) -> u32 {
        u32::MAX.checked_shl(32 - self.length).unwrap_or_default()
    }

    /// Whether the other range is a part of this one.
    pub(super) fn contains(self, other: Self) -> bool {
        self.length <= other.length && other.first & self.mask() == self.first
    }

    /// Whether the two have an address in common.
    pub(super) fn overlaps(self, other: Self) -> bool {
        self.contains(other) || other.contains(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        Prefix::parse(text, "/id").unwrap()
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for (wrong, code) in [
            ("10.0.0.0", "InvalidAddressPrefixFormat"),
            ("10.0.0/8", "InvalidAddressPrefixFormat"),
            ("10.0.0.0/33", "InvalidAddressPrefixFormat"),
            ("10.0.0.1/16", "InvalidCIDRNotation"),
            ("fd00::/8", "NotEmulated"),
        ] {
            assert_eq!(
                Prefix::parse(wrong, "/id").unwrap_err().code,
                code,
                "{wrong}"
            );
        }
    }

    #[test]
    fn ranges_contain_and_overlap() {
        let all = prefix("0.0.0.0/0");
        let (wide, narrow) = (prefix("10.0.0.0/16"), prefix("10.0.254.0/23"));
        assert!(all.contains(wide) && wide.contains(narrow) && !narrow.contains(wide));
        assert!(narrow.overlaps(wide) && wide.overlaps(narrow));
        assert!(!narrow.overlaps(prefix("10.1.0.0/23")));
    }
}
