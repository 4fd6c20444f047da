//! Which GUIDs of a sample are made up, as Microsoft's style asks for.
//!
//! The contributor guide gives one such value for each kind of id (tenant
//! `aaaabbbb-0000-cccc-1111-dddd2222eeee`, application `00001111-aaaa-2222-bbbb-3333cccc4444`,
//! subscription `aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e`, …) and lets an author count on from it for a
//! second one. They all have this in common: read on their own, the letters go up one by one through
//! the alphabet, each as often as one likes, and so do the digits. A random GUID does that once in
//! 10^18 times.

/// What a GUID-shaped text of a sample is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GuidClass {
    /// Made up, and always for the same thing in one article.
    StandIn,
    /// Blotted out: says nothing about which one it is.
    Mask,
    /// A real one, such as the id of a built-in role.
    Real,
}

/// Whether a text has the form of a GUID, `x` counted as a digit.
pub(super) fn is_guid_shaped(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit() || byte.eq_ignore_ascii_case(&b'x'),
        })
}

/// Whether a text is a GUID that a service could have given out.
pub(super) fn is_guid(text: &str) -> bool {
    is_guid_shaped(text) && !text.contains(['x', 'X'])
}

/// Tells made-up from real; the text must be shaped as a GUID.
pub(crate) fn classify(guid: &str) -> GuidClass {
    if guid.contains(['x', 'X']) || guid.bytes().all(|byte| matches!(byte, b'0' | b'-')) {
        return GuidClass::Mask;
    }
    let counts_up = |letters: bool| {
        let mut last: Option<u8> = None;
        guid.bytes()
            .filter(|byte| *byte != b'-' && byte.is_ascii_alphabetic() == letters)
            .map(|byte| byte.to_ascii_lowercase())
            .all(|byte| {
                let next = match last {
                    Some(b'f') => b'a',
                    Some(b'9') => b'0',
                    Some(before) => before + 1,
                    None => byte,
                };
                last.replace(byte)
                    .is_none_or(|before| byte == before || byte == next)
            })
    };
    // Older articles count from 1 in every group, or nearly so.
    if (counts_up(true) && counts_up(false)) || guid.starts_with("12345678-1234-") {
        GuidClass::StandIn
    } else {
        GuidClass::Real
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_guids_are_not_stand_ins() {
        for guid in [
            "00000003-0000-0000-c000-000000000000",
            "4633458b-17de-408a-b874-0445c86b69e6",
            "7f951dda-4ed3-4680-a7ca-43fe172d538d",
            "b24988ac-6180-42a0-ab88-20f7382dd24c",
            "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        ] {
            assert_eq!(classify(guid), GuidClass::Real, "{guid}");
        }
    }

    #[test]
    fn values_of_the_contributor_guide_are_stand_ins() {
        for guid in [
            "aaaabbbb-0000-cccc-1111-dddd2222eeee",
            "bbbbcccc-1111-dddd-2222-eeee3333ffff",
            "00001111-aaaa-2222-bbbb-3333cccc4444",
            "aaaaaaaa-bbbb-cccc-1111-222222222222",
            "bbbbbbbb-cccc-dddd-2222-333333333333",
            "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e",
            "aaaa0000-bb11-2222-33cc-444444dddddd",
            "a0a0a0a0-bbbb-cccc-dddd-e1e1e1e1e1e1",
            "aaaaaaaa-0b0b-1c1c-2d2d-333333333333",
            "AAAAAAAA-0000-1111-2222-BBBBBBBBBBBB",
            "0000aaaa-11bb-cccc-dd22-eeeeee333333",
            "eeeeeeee-ffff-aaaa-5555-666666666666",
            "12345678-1234-1234-1234-123456789012",
        ] {
            assert_eq!(classify(guid), GuidClass::StandIn, "{guid}");
        }
    }

    #[test]
    fn blotted_out_guids_are_masks() {
        for guid in [
            "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX",
            "1234xxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            "00000000-0000-0000-0000-000000000000",
        ] {
            assert!(is_guid_shaped(guid));
            assert_eq!(classify(guid), GuidClass::Mask, "{guid}");
        }
        assert!(!is_guid("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"));
    }
}
