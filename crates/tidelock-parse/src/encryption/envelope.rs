//! The envelope: one JSON object around base64 text (format notes, 6.1).

use std::{borrow::Cow, collections::BTreeMap, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{
    EncryptionError,
    metadata::{Entry, Provider},
};
use crate::{
    input::{Document, Input, Kind},
    object::Entries,
    source::Source,
};

/// The only version there is.
const VERSION: &str = "v0";

/// What an envelope says is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sealed {
    /// It carries a serial or a lineage.
    State,
    /// It carries neither.
    Plan,
}

impl Sealed {
    /// The command that lets `tofu` decrypt it.
    pub(super) const fn with_tofu(self) -> &'static str {
        match self {
            Self::State => "`tofu state pull > state.json`",
            Self::Plan => "`tofu show -json PLANFILE > plan.json`",
        }
    }
}

/// An encrypted file, as far as it can be read without a key. Nothing in it is authenticated before it is opened.
pub struct Envelope {
    /// Name of the input.
    input: String,
    /// Copy of the state's serial.
    pub serial: Option<u64>,
    /// Copy of the state's lineage.
    pub lineage: Option<String>,
    /// Metadata of the key providers by key: `key_provider.TYPE.NAME`, or an alias.
    meta: BTreeMap<String, String>,
    /// Nonce, ciphertext and tag.
    data: Vec<u8>,
}

/// The wire shape. `serde` refuses a field that stands twice.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default)]
    serial: Option<u64>,
    #[serde(default)]
    lineage: Option<String>,
    meta: Option<Entries<String, String>>,
    #[serde(borrow)]
    encrypted_data: &'a RawValue,
    encryption_version: String,
}

impl Envelope {
    /// Reads the envelope in `source`; `None` if it holds something else.
    ///
    /// Only the first key is looked at where that decides, so that asking costs nothing for a big plan.
    ///
    /// # Errors
    /// [`EncryptionError::Envelope`] if it is damaged, [`EncryptionError::Version`] if it is of another version,
    /// [`EncryptionError::Several`] if other artifacts stand beside it.
    pub fn read(source: &Source) -> Result<Option<Self>, EncryptionError> {
        // Text in no known encoding is for the detector to complain about.
        let Ok((source, _)) = crate::input::decode(source) else { return Ok(None) };
        let Ok(text) = std::str::from_utf8(source.bytes()) else { return Ok(None) };
        let Some(text) = envelope_in(&source, text)? else { return Ok(None) };
        let input = source.name().to_owned();
        let damaged = |what| EncryptionError::Envelope { input: input.clone(), what };
        let wire: Wire<'_> =
            serde_json::from_str(text).map_err(|_| damaged("it is not the JSON that tofu writes"))?;
        if wire.encryption_version != VERSION {
            return Err(EncryptionError::Version { input });
        }
        let data: Cow<'_, str> = serde_json::from_str(wire.encrypted_data.get())
            .map_err(|_| damaged("its `encrypted_data` is no text"))?;
        let data =
            STANDARD.decode(data.as_bytes()).map_err(|_| damaged("its `encrypted_data` is not base64"))?;
        let meta = wire.meta.unwrap_or_default().into_unique();
        let meta = meta.ok_or_else(|| damaged("a key of its `meta` stands twice"))?;
        Ok(Some(Self { serial: wire.serial, lineage: wire.lineage, meta, data, input }))
    }

    /// Whether it is around a state or around a plan.
    pub fn sealed(&self) -> Sealed {
        if self.serial.is_some() || self.lineage.is_some() { Sealed::State } else { Sealed::Plan }
    }

    /// The key providers that took part, sorted by key, each with the key of its entry.
    pub fn providers(&self) -> impl Iterator<Item = (&str, Provider)> {
        self.meta.keys().filter_map(|key| Some((key.as_str(), self.entry(key)?.provider())))
    }

    pub(super) fn input(&self) -> &str {
        &self.input
    }

    pub(super) fn data(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.data.clone())
    }

    /// How many entries there are.
    pub(super) fn entries(&self) -> usize {
        self.meta.len()
    }

    /// The entry of a key.
    pub(super) fn entry(&self, key: &str) -> Option<Entry<'_>> {
        self.meta.get_key_value(key).map(|(key, document)| Entry::new(key, document))
    }

    /// All entries, sorted by key.
    pub(super) fn all(&self) -> impl Iterator<Item = Entry<'_>> {
        self.meta.iter().map(|(key, document)| Entry::new(key, document))
    }
}

impl fmt::Debug for Envelope {
    /// Without the ciphertext, which nobody wants to see.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { input, serial, lineage, meta, data } = self;
        let data = format_args!("{} bytes", data.len());
        f.debug_struct("Envelope")
            .field("input", input)
            .field("serial", serial)
            .field("lineage", lineage)
            .field("meta", &meta.keys())
            .field("data", &data)
            .finish()
    }
}

/// The text of the envelope: all of the input, or what stands among lines of other text.
fn envelope_in<'t>(source: &'t Source, text: &'t str) -> Result<Option<&'t str>, EncryptionError> {
    let begins = may_be_envelope(text);
    if begins && names_a_version(text) {
        return Ok(Some(text));
    }
    // A plan or a state is told by its first key, however big it is.
    let other = text.trim_start().starts_with('{') && !begins;
    if other || !text.contains("\"encryption_version\"") {
        return Ok(None);
    }
    // What cannot be read is for the detector to complain about.
    let Ok(input) = Input::read(source) else { return Ok(None) };
    let sealed = |document: &&Document| matches!(document.kind, Kind::EncryptedState | Kind::EncryptedPlan);
    match (input.documents.iter().find(sealed), input.documents.len()) {
        (None, _) => Ok(None),
        (Some(only), 1) => Ok(source.text(only.text).ok()),
        (Some(_), documents) => Err(EncryptionError::Several { input: source.name().to_owned(), documents }),
    }
}

/// Whether the first key is one of an envelope; neither a state nor a plan starts with one of these.
fn may_be_envelope(text: &str) -> bool {
    let inside = text.trim_start().strip_prefix('{').map(str::trim_start);
    let key = inside.and_then(|inside| inside.strip_prefix('"')).and_then(|rest| rest.split('"').next());
    matches!(key, Some("serial" | "lineage" | "meta" | "encrypted_data" | "encryption_version"))
}

/// Whether the whole is an object with a version of encryption; one that is cut off is for the detector.
fn names_a_version(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Version<'a> {
        #[serde(borrow, default)]
        encryption_version: Option<&'a RawValue>,
    }
    match serde_json::from_str::<Version<'_>>(text) {
        Ok(version) => version.encryption_version.is_some_and(|version| version.get() != "\"\""),
        // Twice the same key: an envelope that somebody edited.
        Err(error) => crate::object::is_duplicate(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Envelope>, EncryptionError> {
        Envelope::read(&Source::new("x", text.as_bytes().to_vec()))
    }

    #[test]
    fn what_is_no_envelope_is_left_alone() {
        for text in [
            "",
            "{}",
            "PK",
            r#"{"version":4,"serial":1}"#,
            r#"{"serial":1,"version":4,"lineage":"x"}"#,
            r#"{"meta":{},"encryption_version":""}"#,
            r#"{"meta":{},"encrypted_data":"","encryption_versi"#,
            "{\"@level\":\"info\"}\n{\"meta\":1}",
        ] {
            assert!(read(text).unwrap().is_none(), "{text}");
        }
        assert!(Envelope::read(&Source::new("x", vec![0xff, 0xfe, 0x00])).unwrap().is_none());
    }

    #[test]
    fn lines_of_other_text_stand_around_an_envelope() {
        let one = r#"{"serial":3,"lineage":"l","meta":{},"encrypted_data":"","encryption_version":"v0"}"#;
        for text in [format!("+ tofu state pull\n{one}"), format!("{one}\ndone\n"), format!("12:00 | {one}")]
        {
            assert_eq!(read(&text).unwrap().map(|envelope| envelope.serial), Some(Some(3)), "{text}");
        }
        for text in [format!("{one}\n{one}"), format!("log\n{one}\n{{\"version\":4}}")] {
            assert!(matches!(read(&text), Err(EncryptionError::Several { documents: 2, .. })), "{text}");
        }
    }

    #[test]
    fn order_white_space_and_further_fields_do_not_matter() {
        let envelope = read(concat!(
            "\u{feff} { \"encryption_version\" : \"v0\", \"encrypted_data\": \"AAAA\",\n \"further\": [{}],",
            " \"meta\": {\"key_provider.pbkdf2.a\": \"e30=\"}, \"lineage\": \"l\", \"serial\": 7 }\n"
        ))
        .unwrap()
        .unwrap();
        assert_eq!((envelope.serial, envelope.lineage.as_deref()), (Some(7), Some("l")));
        assert_eq!(envelope.sealed(), Sealed::State);
        let providers: Vec<_> = envelope.providers().collect();
        assert_eq!(providers, [("key_provider.pbkdf2.a", Provider::Pbkdf2)]);
        assert!(!format!("{envelope:?}").contains("e30"));
    }

    #[test]
    fn neither_serial_nor_lineage_is_a_plan() {
        let envelope = read(r#"{"meta":{},"encrypted_data":"","encryption_version":"v0"}"#).unwrap().unwrap();
        assert_eq!(envelope.sealed(), Sealed::Plan);
        let nulls =
            r#"{"serial":null,"lineage":null,"meta":{},"encrypted_data":"","encryption_version":"v0"}"#;
        assert_eq!(read(nulls).unwrap().unwrap().sealed(), Sealed::Plan);
    }

    #[test]
    fn a_damaged_envelope_is_refused() {
        for text in [
            r#"{"meta":{},"encryption_version":"v0"}"#,
            r#"{"meta":{},"encrypted_data":7,"encryption_version":"v0"}"#,
            r#"{"meta":{},"encrypted_data":"?","encryption_version":"v0"}"#,
            r#"{"meta":{},"encrypted_data":"_-__","encryption_version":"v0"}"#,
            r#"{"meta":{"a":{}},"encrypted_data":"","encryption_version":"v0"}"#,
            r#"{"meta":{"a":"","a":""},"encrypted_data":"","encryption_version":"v0"}"#,
            r#"{"meta":[],"encrypted_data":"","encryption_version":"v0"}"#,
            r#"{"serial":-1,"meta":{},"encrypted_data":"","encryption_version":"v0"}"#,
            r#"{"serial":"1","meta":{},"encrypted_data":"","encryption_version":"v0"}"#,
            r#"{"meta":{},"encrypted_data":"","encrypted_data":"","encryption_version":"v0"}"#,
            r#"{"meta":{},"encrypted_data":"","encryption_version":"v0","encryption_version":"v0"}"#,
            r#"{"meta":{},"encrypted_data":"","encryption_version":0}"#,
        ] {
            assert!(matches!(read(text), Err(EncryptionError::Envelope { .. })), "{text}");
        }
        let later = r#"{"meta":{},"encrypted_data":"","encryption_version":"v1"}"#;
        assert!(matches!(read(later), Err(EncryptionError::Version { .. })));
    }
}
