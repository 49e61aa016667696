//! JSON as PHP's `json_encode` prints it: slashes and everything beyond ASCII escaped.
//!
//! Invariant: keys come out in the order in which the fields are declared.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// The text of `value`.
pub(super) fn encode<T: Serialize>(value: &T) -> String {
    let mut bytes = Vec::with_capacity(256);
    let mut serializer = Serializer::with_formatter(&mut bytes, PhpFormatter);
    match value.serialize(&mut serializer) {
        Ok(()) => String::from_utf8(bytes).unwrap_or_default(),
        // PHP's json_encode returns false here, which prints as nothing.
        Err(_) => String::new(),
    }
}

struct PhpFormatter;

impl Formatter for PhpFormatter {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if fragment.bytes().all(|byte| byte.is_ascii() && byte != b'/') {
            return writer.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            if character == '/' {
                writer.write_all(b"\\/")?;
            } else if character.is_ascii() {
                write!(writer, "{character}")?;
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn escapes_as_php_does() {
        assert_eq!(
            encode(&"a/b é 🎉 \" \n"),
            r#""a\/b \u00e9 \ud83c\udf89 \" \n""#
        );
    }
}
