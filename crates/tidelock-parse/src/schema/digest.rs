//! Flags of well-known providers, small enough to be built in.
//!
//! Layout, all integers LEB128, all texts with their length in front:
//!
//! ```text
//! magic · length of index · index · chunks
//! index    = providers · { key · version · chunks · { first type · deflated bytes · inflated bytes } }
//! chunk    = raw deflate of { type · bytes · state version · fields of the root }      sorted by type
//! fields   = 0 · number of earlier fields of this type that are the same | 1 + fields · { name · node }
//! node     = marks · shape · (node | fields | nodes · { node } | nothing)                 by shape
//! ```
//!
//! One chunk holds a few dozen types, so that looking one up inflates little, and nothing of other providers.

mod encode;

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

pub use encode::{DigestInput, encode};

use super::{
    ResourceSchema,
    node::{Fields, Inside, Marks, SchemaNode, Setting, Shape},
};

const MAGIC: &[u8] = b"tidelock schema digest 1\n";

/// Nesting of a schema; real ones stay below 20 levels.
const MAX_DEPTH: usize = 64;

/// A chunk that claims to be bigger is damaged.
const MAX_CHUNK: usize = 4 << 20;

/// The digest: an index, and chunks that are inflated on demand.
#[derive(Debug)]
pub struct Digest {
    bytes: Cow<'static, [u8]>,
    providers: Vec<DigestProvider>,
}

/// One provider of a digest. Displays as reports name it: `hashicorp/aws 4 (2022)`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DigestProvider {
    /// Source address, without the host where it is a public registry.
    pub key: Box<str>,
    /// The version the flags are from.
    pub version: Box<str>,
    chunks: Vec<Chunk>,
}

impl fmt::Display for DigestProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.version)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Chunk {
    first: Box<str>,
    start: usize,
    deflated: usize,
    inflated: usize,
}

impl Digest {
    /// The one that is built in.
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Digest> = OnceLock::new();
        // A test reads it, so the empty digest stands for one that cannot be shipped.
        BUILTIN.get_or_init(|| {
            let bytes: &'static [u8] = include_bytes!("../../digest/schemas.digest");
            Self::from_bytes(bytes).unwrap_or(Self { bytes: Cow::default(), providers: Vec::new() })
        })
    }

    /// Reads the index; `None` if the bytes are no digest.
    pub fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>) -> Option<Self> {
        let bytes = bytes.into();
        let mut reader = Reader(bytes.strip_prefix(MAGIC)?);
        let length = reader.number()?;
        let mut index = Reader(reader.take(length)?);
        let mut start = bytes.len() - reader.0.len();
        let mut providers = Vec::new();
        for _ in 0..index.number()? {
            let (key, version) = (index.text()?.into(), index.text()?.into());
            let mut chunks = Vec::new();
            for _ in 0..index.number()? {
                let first = index.text()?.into();
                let chunk = Chunk { first, start, deflated: index.number()?, inflated: index.number()? };
                start = start.checked_add(chunk.deflated)?;
                chunks.push(chunk);
            }
            providers.push(DigestProvider { key, version, chunks });
        }
        Some(Self { bytes, providers })
    }

    /// The providers it covers, sorted by key.
    pub fn providers(&self) -> &[DigestProvider] {
        &self.providers
    }

    /// The schema of a managed resource type. `key` is a source address as in [`DigestProvider::key`].
    pub fn resource(&self, key: &str, type_name: &str) -> Option<(ResourceSchema, &DigestProvider)> {
        let at = self.providers.binary_search_by(|provider| (*provider.key).cmp(key)).ok()?;
        let provider = self.providers.get(at)?;
        let behind = provider.chunks.partition_point(|chunk| *chunk.first <= *type_name);
        let chunk = provider.chunks.get(behind.checked_sub(1)?)?;
        let bytes = self.inflate(chunk)?;
        let (_, body) = Types(Reader(&bytes)).find(|(name, _)| *name == type_name)?;
        Some((resource(body)?, provider))
    }

    /// Every type of a provider with its schema, sorted; stops at the first that cannot be decoded.
    pub fn resources(&self, provider: &DigestProvider) -> Vec<(String, ResourceSchema)> {
        let mut all = Vec::new();
        for bytes in provider.chunks.iter().map_while(|chunk| self.inflate(chunk)) {
            all.extend(
                Types(Reader(&bytes)).map_while(|(name, body)| Some((name.to_owned(), resource(body)?))),
            );
        }
        all
    }

    fn inflate(&self, chunk: &Chunk) -> Option<Vec<u8>> {
        let deflated = self.bytes.get(chunk.start..chunk.start.checked_add(chunk.deflated)?)?;
        let limit = chunk.inflated.min(MAX_CHUNK);
        miniz_oxide::inflate::decompress_to_vec_with_limit(deflated, limit).ok()
    }
}

/// The types of an inflated chunk, each with its undecoded body.
struct Types<'a>(Reader<'a>);

impl<'a> Iterator for Types<'a> {
    type Item = (&'a str, Reader<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.0.text()?;
        let length = self.0.number()?;
        Some((name, Reader(self.0.take(length)?)))
    }
}

fn resource(mut body: Reader<'_>) -> Option<ResourceSchema> {
    let version = u64::try_from(body.number()?).ok()?;
    let inside = body.fields(MAX_DEPTH, &mut Vec::new())?;
    let marks = Marks { setting: None, sensitive: false, write_only: false };
    Some(ResourceSchema { version, root: SchemaNode { marks, shape: Shape::Object, inside } })
}

/// What is left to read. Every read returns `None` at the end instead of going over it.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0_usize;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// `seen`: the fields of this type that are complete.
    fn fields(&mut self, depth: usize, seen: &mut Vec<Arc<Fields>>) -> Option<Inside> {
        let Some(count) = self.number()?.checked_sub(1) else {
            return Some(Inside::Fields(Arc::clone(seen.get(self.number()?)?)));
        };
        let inner = depth.checked_sub(1)?;
        let fields = (0..count).map(|_| Some((self.text()?.into(), self.node(inner, seen)?)));
        let fields = Arc::new(fields.collect::<Option<Fields>>()?);
        seen.push(Arc::clone(&fields));
        Some(Inside::Fields(fields))
    }

    fn node(&mut self, depth: usize, seen: &mut Vec<Arc<Fields>>) -> Option<SchemaNode> {
        let marks = marks_of(self.byte()?)?;
        let shape = *SHAPES.get(usize::from(self.byte()?))?;
        let inner = depth.checked_sub(1)?;
        let inside = match shape {
            Shape::List | Shape::Set | Shape::Map => Inside::Element(Box::new(self.node(inner, seen)?)),
            Shape::Object => self.fields(inner, seen)?,
            Shape::Tuple => {
                let count = self.number()?;
                Inside::Positions((0..count).map(|_| self.node(inner, seen)).collect::<Option<_>>()?)
            }
            Shape::String | Shape::Number | Shape::Bool | Shape::Dynamic => Inside::Leaf,
        };
        Some(SchemaNode { marks, shape, inside })
    }
}

/// By their number in the digest.
const SHAPES: [Shape; 9] = [
    Shape::String,
    Shape::Number,
    Shape::Bool,
    Shape::Dynamic,
    Shape::List,
    Shape::Set,
    Shape::Map,
    Shape::Object,
    Shape::Tuple,
];

/// By their number in the digest.
const SETTINGS: [Option<Setting>; 5] = [
    None,
    Some(Setting::Required),
    Some(Setting::Optional),
    Some(Setting::OptionalComputed),
    Some(Setting::Computed),
];

const SENSITIVE: u8 = 0x10;
const WRITE_ONLY: u8 = 0x20;

fn marks_of(byte: u8) -> Option<Marks> {
    let setting = *SETTINGS.get(usize::from(byte & 0x0f))?;
    Some(Marks { setting, sensitive: byte & SENSITIVE != 0, write_only: byte & WRITE_ONLY != 0 })
}
