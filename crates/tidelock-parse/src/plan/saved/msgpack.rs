//! Values of saved plans: `MessagePack` as the `cty` library of both products writes it.
//!
//! Numbers are integers where they fit 64 bits, floats where these are exact, and texts otherwise; unknown values are
//! extensions; what has a dynamic type comes as a list of its type (JSON, as bytes) and itself. A text of `cty` is never
//! written as bytes, so that such a list cannot be mistaken.

use std::collections::BTreeMap;

use rmp::{Marker, decode};

use super::guide;
use crate::{
    number::Number,
    schema::model::Type,
    value::{MAX_DEPTH, Value, ValueError},
};

/// What was decoded.
pub(super) struct Decoded<T> {
    pub(super) value: T,
    /// Whether it holds a text that may be a number, outside of what came with its type.
    pub(super) is_open: bool,
}

/// Decodes the only value in `bytes`; no bytes at all are no value, which is null.
pub(super) fn decoded(bytes: &[u8]) -> Result<Decoded<Value>, ValueError> {
    let mut reader = Reader::new(bytes);
    if bytes.is_empty() {
        return Ok(Decoded { value: Value::Null, is_open: false });
    }
    let value = reader.value(MAX_DEPTH)?;
    if reader.left.is_empty() {
        Ok(Decoded { value, is_open: reader.is_open })
    } else {
        Err(ValueError::Msgpack)
    }
}

/// The same for a value that is known to come with its type, or to be a key.
pub(super) fn value(bytes: &[u8]) -> Result<Value, ValueError> {
    decoded(bytes).map(|decoded| decoded.value)
}

/// Decodes these entries of an object alone; none if it is no object.
pub(super) fn entries(bytes: &[u8], names: &[&str]) -> Result<Decoded<Value>, ValueError> {
    let mut reader = Reader::new(bytes);
    let mut found = BTreeMap::new();
    if !matches!(reader.peek(), Some(Marker::FixMap(_) | Marker::Map16 | Marker::Map32)) {
        return Ok(Decoded { value: Value::Object(found), is_open: false });
    }
    for _ in 0..reader.map_len()? {
        let name = reader.text()?;
        if names.contains(&name) {
            let value = reader.value(MAX_DEPTH - 1)?;
            if found.insert(name.into(), value).is_some() {
                return Err(ValueError::DuplicateKey);
            }
        } else {
            reader.skip()?;
        }
    }
    Ok(Decoded { value: Value::Object(found), is_open: reader.is_open })
}

/// Most parts of one value; a part of a byte takes 32 in memory.
const MAX_PARTS: usize = 2_000_000;

/// What is left to read.
struct Reader<'b> {
    left: &'b [u8],
    /// How many parts there may still be.
    parts: usize,
    /// Whether what is read came with its type.
    is_typed: bool,
    /// See [`Decoded::is_open`].
    is_open: bool,
}

/// Any complaint of the reader; its text is dropped, because it may quote the input.
fn broken<E>(_: E) -> ValueError {
    ValueError::Msgpack
}

impl<'b> Reader<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self { left: bytes, parts: MAX_PARTS, is_typed: false, is_open: false }
    }

    fn peek(&self) -> Option<Marker> {
        self.left.first().map(|byte| Marker::from_u8(*byte))
    }

    fn take(&mut self, length: u32) -> Result<&'b [u8], ValueError> {
        let length = usize::try_from(length).map_err(broken)?;
        let (taken, rest) = self.left.split_at_checked(length).ok_or(ValueError::Msgpack)?;
        self.left = rest;
        Ok(taken)
    }

    /// A count of things of which each takes a byte at least.
    fn counted(&self, count: u32) -> Result<usize, ValueError> {
        usize::try_from(count).ok().filter(|count| *count <= self.left.len()).ok_or(ValueError::Msgpack)
    }

    fn array_len(&mut self) -> Result<usize, ValueError> {
        let count = decode::read_array_len(&mut self.left).map_err(broken)?;
        self.counted(count)
    }

    fn map_len(&mut self) -> Result<usize, ValueError> {
        let count = decode::read_map_len(&mut self.left).map_err(broken)?;
        self.counted(count)
    }

    fn text(&mut self) -> Result<&'b str, ValueError> {
        let length = decode::read_str_len(&mut self.left).map_err(broken)?;
        std::str::from_utf8(self.take(length)?).map_err(broken)
    }

    fn value(&mut self, depth: usize) -> Result<Value, ValueError> {
        let deeper = depth.checked_sub(1).ok_or(ValueError::TooDeep)?;
        self.parts = self.parts.checked_sub(1).ok_or(ValueError::TooLarge)?;
        Ok(match self.peek().ok_or(ValueError::Msgpack)? {
            Marker::Null => {
                self.take(1)?;
                Value::Null
            }
            Marker::True | Marker::False => Value::Bool(decode::read_bool(&mut self.left).map_err(broken)?),
            Marker::FixPos(_) | Marker::U8 | Marker::U16 | Marker::U32 | Marker::U64 => {
                Value::Number(decode::read_int::<u64, _>(&mut self.left).map_err(broken)?.into())
            }
            Marker::FixNeg(_) | Marker::I8 | Marker::I16 | Marker::I32 | Marker::I64 => {
                Value::Number(decode::read_int::<i64, _>(&mut self.left).map_err(broken)?.into())
            }
            Marker::F32 => float(decode::read_f32(&mut self.left).map_err(broken)?.into())?,
            Marker::F64 => float(decode::read_f64(&mut self.left).map_err(broken)?)?,
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                let text = self.text()?;
                self.is_open |= !self.is_typed && guide::is_candidate(text);
                Value::String(text.into())
            }
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                let count = self.array_len()?;
                if count == 2 && matches!(self.peek(), Some(Marker::Bin8 | Marker::Bin16 | Marker::Bin32)) {
                    return self.dynamic(deeper);
                }
                Value::List((0..count).map(|_| self.value(deeper)).collect::<Result<_, _>>()?)
            }
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                let mut fields = BTreeMap::new();
                for _ in 0..self.map_len()? {
                    let name: Box<str> = self.text()?.into();
                    if fields.insert(name, self.value(deeper)?).is_some() {
                        return Err(ValueError::DuplicateKey);
                    }
                }
                Value::Object(fields)
            }
            Marker::FixExt1
            | Marker::FixExt2
            | Marker::FixExt4
            | Marker::FixExt8
            | Marker::FixExt16
            | Marker::Ext8
            | Marker::Ext16
            | Marker::Ext32 => {
                // Type 0 is unknown, 12 unknown with refinements; whatever else comes is not known to us either.
                let about = decode::read_ext_meta(&mut self.left).map_err(broken)?;
                self.take(about.size)?;
                Value::Unknown
            }
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 | Marker::Reserved => {
                return Err(ValueError::Msgpack);
            }
        })
    }

    /// The two elements of a value of dynamic type.
    fn dynamic(&mut self, depth: usize) -> Result<Value, ValueError> {
        let length = decode::read_bin_len(&mut self.left).map_err(broken)?;
        // A type that is not understood only leaves numbers as they are written.
        let given: Option<Type> = serde_json::from_slice(self.take(length)?).ok();
        let around = std::mem::replace(&mut self.is_typed, true);
        let value = self.value(depth)?;
        self.is_typed = around;
        Ok(match given {
            Some(given) => guide::by_type(value, &given),
            None => value,
        })
    }

    /// Passes over one value, however deep, without recursion.
    fn skip(&mut self) -> Result<(), ValueError> {
        let mut left: u64 = 1;
        while left > 0 {
            left -= 1;
            match self.peek().ok_or(ValueError::Msgpack)? {
                Marker::Null | Marker::True | Marker::False | Marker::FixPos(_) | Marker::FixNeg(_) => {
                    self.take(1)?;
                }
                Marker::U8 | Marker::I8 => {
                    self.take(2)?;
                }
                Marker::U16 | Marker::I16 => {
                    self.take(3)?;
                }
                Marker::U32 | Marker::I32 | Marker::F32 => {
                    self.take(5)?;
                }
                Marker::U64 | Marker::I64 | Marker::F64 => {
                    self.take(9)?;
                }
                Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                    let length = decode::read_str_len(&mut self.left).map_err(broken)?;
                    self.take(length)?;
                }
                Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
                    let length = decode::read_bin_len(&mut self.left).map_err(broken)?;
                    self.take(length)?;
                }
                Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                    left += self.array_len()? as u64;
                }
                Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                    left += self.map_len()? as u64 * 2;
                }
                Marker::Reserved => return Err(ValueError::Msgpack),
                _ => {
                    let about = decode::read_ext_meta(&mut self.left).map_err(broken)?;
                    self.take(about.size)?;
                }
            }
        }
        Ok(())
    }
}

/// A float as the tools print it: the shortest decimal that reads back as the same float, never an exponent.
fn float(value: f64) -> Result<Value, ValueError> {
    Number::parse(&value.to_string()).map(Value::Number).ok_or(ValueError::Msgpack)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(bytes: &[u8]) -> String {
        serde_json::to_string(&value(bytes).unwrap()).unwrap()
    }

    #[test]
    fn numbers_keep_all_their_digits() {
        for (bytes, text) in [
            (&b"\x07"[..], "7"),
            (b"\xff", "-1"),
            (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615"),
            (b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00", "-9223372036854775808"),
            (b"\xcb\x3f\xe0\x00\x00\x00\x00\x00\x00", "0.5"),
            (b"\xca\x3f\x00\x00\x00", "0.5"),
            // What no 64 bits can hold is a text, and the type says that it is a number.
            (b"\x92\xc4\x08\"number\"\xa30.1", "0.1"),
            (b"\x92\xc4\x08\"number\"\xb512345678901234567890.", "\"12345678901234567890.\""),
            (b"\x92\xc4\x08\"string\"\xa30.1", "\"0.1\""),
        ] {
            assert_eq!(json(bytes), text);
        }
        assert_eq!(value(b"\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00"), Err(ValueError::Msgpack), "infinity");
    }

    #[test]
    fn what_is_not_known_is_unknown_with_and_without_refinements() {
        for bytes in [&b"\xd4\x00\x00"[..], b"\xc7\x03\x0c\x81\x01\xc2", b"\xd4\x63\x00"] {
            assert_eq!(value(bytes), Ok(Value::Unknown));
        }
        let wrapped = value(b"\x92\xc4\x08\"string\"\xd4\x00\x00");
        assert_eq!(wrapped, Ok(Value::Unknown));
    }

    #[test]
    fn a_list_that_starts_with_a_type_is_a_value_of_that_type() {
        assert_eq!(json(b"\x92\xc4\x08\"string\"\xa3one"), "\"one\"");
        assert_eq!(json(b"\x92\xa1a\xa1b"), r#"["a","b"]"#);
        assert_eq!(json(b"\x81\xa1k\x92\xc4\x11[\"list\",\"number\"]\x91\xa30.1"), r#"{"k":[0.1]}"#);
    }

    #[test]
    fn only_the_entries_asked_for_are_decoded() {
        let bytes = b"\x83\xa1a\x92\x01\x81\xa1x\xc0\xa1b\xa1y\xa1c\xcb\x3f\xe0\x00\x00\x00\x00\x00\x00";
        let found =
            |bytes: &[u8]| serde_json::to_string(&entries(bytes, &["b", "z"]).unwrap().value).unwrap();
        assert_eq!(found(bytes), r#"{"b":"y"}"#);
        assert_eq!(found(b"\xc0"), "{}");
    }

    #[test]
    fn a_text_that_may_be_a_number_leaves_a_question_unless_it_came_with_its_type() {
        for (bytes, is_open) in [
            (&b"\xa3x.1"[..], false),
            (b"\xa40.25", false),
            (b"\xa30.1", true),
            (b"\x92\xc4\x08\"string\"\xa30.1", false),
            (b"\x92\x92\xc4\x08\"string\"\xa30.1\xa30.1", true),
        ] {
            assert_eq!(decoded(bytes).unwrap().is_open, is_open, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn damage_is_an_error_and_no_input_decides_how_deep_we_go() {
        for bytes in [
            &b"\x92\x01"[..],
            b"\xa5abc",
            b"\xdd\xff\xff\xff\xff",
            b"\xdf\xff\xff\xff\xff",
            b"\xc1",
            b"\x01\x02",
            b"\x81\x01\x02",
            b"\xa1\xff",
            b"\xc4\x01a",
        ] {
            assert_eq!(value(bytes), Err(ValueError::Msgpack), "{bytes:?}");
        }
        assert_eq!(value(&vec![0x91; 100_000]), Err(ValueError::TooDeep));
        let mut wide = b"\xdd\x00\x30\x00\x00".to_vec();
        wide.resize(5 + (3 << 20), 0xc0);
        assert_eq!(value(&wide), Err(ValueError::TooLarge));
        let mut deep = b"\x81\xa1a".to_vec();
        deep.extend(vec![0x91; 100_000]);
        deep.push(0xc0);
        assert!(entries(&deep, &["b"]).is_ok(), "what nobody asks for is passed over");
        assert_eq!(value(b"\x82\xa1a\x01\xa1a\x02"), Err(ValueError::DuplicateKey));
    }
}
