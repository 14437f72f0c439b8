//! Values that are secret by their form. Replaced by the full detector; the signature is the contract.

use std::ops::Range;

/// Byte ranges of `text` that are secret by form, sorted and not overlapping.
pub fn find(_text: &str) -> Vec<Range<usize>> {
    Vec::new()
}
