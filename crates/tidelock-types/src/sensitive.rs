//! Values that a schema calls sensitive.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value that the provider's schema marks as sensitive: no `Debug` output shows it, [`Sensitive::reveal`] does.
///
/// It serialises as the value it holds: whoever writes typed values out writes their secrets.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// The value.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sensitive(..)")
    }
}
