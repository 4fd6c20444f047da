//! A wheel, which is a ZIP archive, of a few small files: written here, since nothing else needs one.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What the module holds: a loader that loads nothing.
const MODULE: &str =
    "\"\"\"A stand-in of docproof's: no commands, since azure-cli has them built in.\"\"\"

from azure.cli.core import AzCommandsLoader


class EmptyLoader(AzCommandsLoader):

    def load_command_table(self, args):
        return self.command_table


COMMAND_LOADER_CLS = EmptyLoader
";

/// An extension of azure-cli without commands.
pub(super) fn extension(name: &str, version: &str, summary: &str, metadata: &Value) -> Vec<u8> {
    let (module, info) = (
        format!("azext_{name}"),
        format!("{name}-{version}.dist-info"),
    );
    let about =
        format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: {summary}\n");
    let wheel = "Wheel-Version: 1.0\nGenerator: docproof\nRoot-Is-Purelib: true\n\
        Tag: py2-none-any\nTag: py3-none-any\n";
    let mut files = vec![
        (format!("{module}/__init__.py"), MODULE.to_owned()),
        (
            format!("{module}/azext_metadata.json"),
            metadata.to_string(),
        ),
        (format!("{info}/METADATA"), about),
        (format!("{info}/WHEEL"), wheel.to_owned()),
        (format!("{info}/top_level.txt"), format!("{module}\n")),
    ];
    let record = format!("{info}/RECORD");
    let lines = files.iter().map(|(name, content)| {
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(content));
        format!("{name},sha256={hash},{}\n", content.len())
    });
    let mut told: String = lines.collect();
    told.push_str(&format!("{record},,\n"));
    files.push((record, told));
    archive(&files)
}

/// A ZIP archive without compression (APPNOTE 6.3: local headers, central directory, its end).
fn archive(files: &[(String, String)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let begins = number(out.len());
        let mut header = Vec::new();
        // Version 2.0, no flags, stored, midnight of the first day that the format knows.
        header.extend([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
        header.extend(checksum(content.as_bytes()).to_le_bytes());
        header.extend(number(content.len()));
        header.extend(number(content.len()));
        header.extend(short(name.len()));
        header.extend(short(0));
        out.extend(b"PK\x03\x04");
        out.extend(&header);
        out.extend(name.as_bytes());
        out.extend(content.as_bytes());
        // Made by version 2.0 on Unix; no comment, first disk, binary, mode 0644.
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&header);
        directory.extend([0; 6]);
        directory.extend((0o100_644_u32 << 16).to_le_bytes());
        directory.extend(begins);
        directory.extend(name.as_bytes());
    }
    let begins = number(out.len());
    let (count, length) = (short(files.len()), number(directory.len()));
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(length);
    out.extend(begins);
    out.extend(short(0));
    out
}

/// Lengths here are a few kilobytes.
fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes()
}

fn short(value: usize) -> [u8; 2] {
    u16::try_from(value).unwrap_or(u16::MAX).to_le_bytes()
}

/// CRC-32, as ZIP uses it.
fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1));
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::process::Command;

    #[test]
    fn the_checksum_is_that_of_the_format() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn python_reads_the_wheel() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.whl");
        let wheel = extension("x", "1.0", "nothing", &json!({"azext.isPreview": true}));
        std::fs::write(&file, wheel).unwrap();
        let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); \
            print(z.testzip(), z.read('azext_x/azext_metadata.json').decode(), len(z.namelist()))";
        let ran = Command::new("python3")
            .args(["-c", script])
            .arg(&file)
            .output();
        let Ok(ran) = ran else { return }; // no python3 on this machine
        assert_eq!(
            String::from_utf8_lossy(&ran.stdout),
            "None {\"azext.isPreview\":true} 6\n",
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
    }
}
