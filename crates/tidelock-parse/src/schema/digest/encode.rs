//! Writing a digest.

use super::{MAGIC, SENSITIVE, SETTINGS, SHAPES, WRITE_ONLY};
use crate::schema::{
    ResourceSchema, SchemaError, SchemaFile,
    node::{Fields, Inside, Marks, SchemaNode},
};

/// Bytes of a chunk before it is deflated, after which the next one begins. Inflating this takes about 0.1 ms.
const CHUNK: usize = 48 << 10;

/// Best compression that `miniz_oxide` has.
const LEVEL: u8 = 10;

/// One provider to be written.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DigestInput<'a> {
    /// A file that has it.
    pub file: &'a SchemaFile,
    /// Source address, as in [`SchemaFile::providers`].
    pub provider: &'a str,
    /// The version to be named in reports.
    pub version: &'a str,
}

impl<'a> DigestInput<'a> {
    /// All managed resource types of `provider` in `file`.
    pub fn new(file: &'a SchemaFile, provider: &'a str, version: &'a str) -> Self {
        Self { file, provider, version }
    }
}

/// Writes a digest of these providers. The same inputs give the same bytes.
///
/// # Errors
/// [`SchemaError::Resource`] if a type cannot be decoded.
pub fn encode(inputs: &[DigestInput<'_>]) -> Result<Vec<u8>, SchemaError> {
    let mut inputs = inputs.to_vec();
    inputs.sort_by_key(|input| input.provider);
    let (mut index, mut chunks) = (Vec::new(), Vec::new());
    number(&mut index, inputs.len());
    for input in &inputs {
        provider(input, &mut index, &mut chunks)?;
    }
    let mut digest = MAGIC.to_vec();
    number(&mut digest, index.len());
    digest.append(&mut index);
    digest.append(&mut chunks);
    Ok(digest)
}

fn provider(input: &DigestInput<'_>, index: &mut Vec<u8>, chunks: &mut Vec<u8>) -> Result<(), SchemaError> {
    let mut raw: Vec<(&str, Vec<u8>)> = Vec::new();
    for type_name in input.file.types(input.provider) {
        let Some(schema) = input.file.resource(input.provider, type_name)? else { continue };
        match raw.last_mut() {
            Some((_, bytes)) if bytes.len() < CHUNK => resource(bytes, type_name, &schema),
            _ => {
                let mut bytes = Vec::new();
                resource(&mut bytes, type_name, &schema);
                raw.push((type_name, bytes));
            }
        }
    }
    text(index, input.provider);
    text(index, input.version);
    number(index, raw.len());
    for (first, bytes) in &raw {
        let deflated = miniz_oxide::deflate::compress_to_vec(bytes, LEVEL);
        text(index, first);
        number(index, deflated.len());
        number(index, bytes.len());
        chunks.extend(deflated);
    }
    Ok(())
}

fn resource(out: &mut Vec<u8>, type_name: &str, schema: &ResourceSchema) {
    let mut body = Vec::new();
    number(&mut body, usize::try_from(schema.version).unwrap_or(usize::MAX));
    Tree { out: &mut body, seen: Vec::new() }.inside(&schema.root.inside);
    text(out, type_name);
    number(out, body.len());
    out.append(&mut body);
}

/// Writes the nodes of one type.
struct Tree<'a> {
    out: &'a mut Vec<u8>,
    /// The fields that are complete, in the order in which the reader meets their ends.
    seen: Vec<&'a Fields>,
}

impl<'a> Tree<'a> {
    fn inside(&mut self, inside: &'a Inside) {
        match inside {
            Inside::Leaf => {}
            Inside::Element(element) => self.node(element),
            Inside::Fields(fields) => self.fields(fields),
            Inside::Positions(nodes) => {
                number(self.out, nodes.len());
                for node in nodes {
                    self.node(node);
                }
            }
        }
    }

    fn fields(&mut self, fields: &'a Fields) {
        if let Some(at) = self.seen.iter().position(|seen| *seen == fields) {
            number(self.out, 0);
            number(self.out, at);
            return;
        }
        number(self.out, fields.len() + 1);
        for (name, field) in fields {
            text(self.out, name);
            self.node(field);
        }
        self.seen.push(fields);
    }

    fn node(&mut self, node: &'a SchemaNode) {
        self.out.push(marks(node.marks));
        self.out.push(place(&SHAPES, &node.shape));
        self.inside(&node.inside);
    }
}

fn marks(marks: Marks) -> u8 {
    let sensitive = if marks.sensitive { SENSITIVE } else { 0 };
    let write_only = if marks.write_only { WRITE_ONLY } else { 0 };
    place(&SETTINGS, &marks.setting) | sensitive | write_only
}

/// The number of a value in a table that has every value.
fn place<T: PartialEq>(table: &[T], wanted: &T) -> u8 {
    (0_u8..).zip(table).find(|(_, value)| *value == wanted).map_or(u8::MAX, |(at, _)| at)
}

fn number(out: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        out.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or_default());
}

fn text(out: &mut Vec<u8>, text: &str) {
    number(out, text.len());
    out.extend(text.as_bytes());
}
