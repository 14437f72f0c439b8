//! Protobuf, as far as a saved plan needs it: numbers, and what has a length.

#![allow(
    clippy::cast_possible_truncation,
    reason = "lengths of what tests make, and bytes cut off on purpose"
)]

/// A message under construction.
#[derive(Debug, Clone, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    pub(super) fn bytes(self) -> Vec<u8> {
        self.0
    }

    /// Zero is not written, as in proto3.
    pub(super) fn number(&mut self, field: u64, value: u64) {
        if value != 0 {
            self.varint(field << 3);
            self.varint(value);
        }
    }

    pub(super) fn flag(&mut self, field: u64, value: bool) {
        self.number(field, value.into());
    }

    pub(super) fn text(&mut self, field: u64, value: &str) {
        if !value.is_empty() {
            self.bytes_field(field, value.as_bytes());
        }
    }

    pub(super) fn message(&mut self, field: u64, value: &Self) {
        self.bytes_field(field, &value.0);
    }

    pub(super) fn bytes_field(&mut self, field: u64, value: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}
