//! Ranges of addresses such as `10.0.0.0/16`, and how those of subnets must fit.

use super::model::{not_emulated, refuse};
use crate::arm::ArmError;
use serde_json::Value;
use std::net::Ipv4Addr;

/// A range of IPv4 addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Prefix {
    first: u32,
    length: u32,
}

impl Prefix {
    /// Reads a range that begins where its length says it does. The texts of the refusals are from
    /// memory, not from a recording.
    ///
    /// # Errors
    /// 400 for anything else; 501 for IPv6.
    fn parse(text: &str, id: &str) -> Result<Self, ArmError> {
        if text.contains(':') {
            return Err(not_emulated("ranges of IPv6"));
        }
        let parts = text.split_once('/').and_then(|(address, length)| {
            let address: Ipv4Addr = address.parse().ok()?;
            let length: u32 = length.parse().ok().filter(|length| *length <= 32)?;
            Some((u32::from(address), length))
        });
        let Some((first, length)) = parts else {
            return Err(refuse(
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
            return Err(refuse(
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
    fn length(self) -> u32 {
        self.length
    }

    fn mask(self) -> u32 {
        u32::MAX.checked_shl(32 - self.length).unwrap_or_default()
    }

    /// Whether the other range is a part of this one.
    fn contains(self, other: Self) -> bool {
        self.length <= other.length && other.first & self.mask() == self.first
    }

    /// Whether the two have an address in common.
    fn overlaps(self, other: Self) -> bool {
        self.contains(other) || other.contains(self)
    }
}

/// Every subnet must be in the network's ranges, and in no other subnet's. The texts are quoted in
/// public (azure-docs 123869), not recorded.
///
/// # Errors
/// 400, and what [`Prefix::parse`] refuses.
pub(super) fn check_ranges(vnet: &Value) -> Result<(), ArmError> {
    let id = vnet["id"].as_str().unwrap_or_default();
    let network = vnet["name"].as_str().unwrap_or_default();
    let spaces = ranges(&vnet["properties"]["addressSpace"], id)?;
    let mut taken: Vec<Prefix> = Vec::new();
    for subnet in vnet["properties"]["subnets"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let name = subnet["name"].as_str().unwrap_or_default();
        let own = ranges(
            &subnet["properties"],
            subnet["id"].as_str().unwrap_or_default(),
        )?;
        let wrong = |code: &str, why: &str| {
            let message = format!(
                "Subnet '{name}' is not valid because its IP address range {why} virtual network \
                 '{network}'."
            );
            Err(refuse(code, message))
        };
        if name.is_empty() || own.is_empty() {
            // The wording is quoted in public issues.
            let message = format!("Subnet '{name}' is not valid in virtual network '{network}'.");
            return Err(refuse("NetcfgInvalidSubnet", message));
        }
        for range in own {
            if !spaces.iter().any(|space| space.contains(range)) {
                let why = "is outside the IP address range of";
                return wrong("NetcfgSubnetRangeOutsideVnet", why);
            }
            if taken.iter().any(|other| other.overlaps(range)) {
                let why = "overlaps with that of an existing subnet in";
                return wrong("NetcfgSubnetRangesOverlap", why);
            }
            taken.push(range);
        }
    }
    Ok(())
}

fn ranges(of: &Value, id: &str) -> Result<Vec<Prefix>, ArmError> {
    let several = of["addressPrefixes"].as_array().into_iter().flatten();
    let texts = of["addressPrefix"]
        .as_str()
        .into_iter()
        .chain(several.filter_map(Value::as_str));
    texts.map(|text| Prefix::parse(text, id)).collect()
}

/// How many bits of a subnet's addresses are the same; the smaller, the more addresses it has.
pub(crate) fn prefix_length(subnet: &Value) -> Option<u32> {
    let ranges = ranges(&subnet["properties"], "").ok()?;
    ranges.into_iter().map(Prefix::length).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
    fn a_subnet_outside_or_on_another_one_is_refused() {
        let check = |prefixes: &[&str]| {
            let subnets: Vec<Value> = (1..)
                .zip(prefixes)
                .map(|(n, range)| {
                    json!({"name": format!("s{n}"), "properties": {"addressPrefix": range}})
                })
                .collect();
            check_ranges(&json!({"name": "v", "id": "/v", "properties": {
                "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets,
            }}))
        };
        for (ranges, code) in [
            (vec!["10.1.0.0/24"], "NetcfgSubnetRangeOutsideVnet"),
            (
                vec!["10.0.0.0/24", "10.0.0.128/25"],
                "NetcfgSubnetRangesOverlap",
            ),
        ] {
            assert_eq!(check(&ranges).unwrap_err().code, code);
        }
        assert!(check(&["10.0.0.0/24", "10.0.1.0/24"]).is_ok());
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
