//! Rust from shapes.
//!
//! tfschema-bindgen reads primitive attributes and blocks, and nothing of what it does not know of schemas as they are today.
//! So each resource type goes through it alone, in a form that it reads; afterwards its registry is put right (names, types,
//! nesting), and then it writes the structs.

use std::{
    collections::BTreeMap,
    io::{Error, Result},
};

use serde_json::{Map, Value, json};
use serde_reflection::{ContainerFormat, Format, Named};
use tfschema_bindgen::{
    binding::{TerraformSchemaExport, export_schema_to_registry},
    config::{CodeGeneratorConfig, DocComments},
    emit::{CodeGenerator, Registry},
};

use crate::shape::{Field, Fields, Shape};

/// The first lines of every file.
const HEADER: &str = "// Written by the generator beside this crate; what is changed here is lost. See `generator/README.md`.\n";

/// Words that a field may only be called with `r#`. bindgen has a list of its own, which is shorter.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct",
    "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where",
    "while", "yield",
];

/// The module of one resource type.
///
/// # Errors
/// If tfschema-bindgen refuses what it is given, or gives something else than it was asked for.
pub fn module(type_name: &str, shape: &Shape) -> Result<String> {
    let mut plan = Plan { type_name, structs: BTreeMap::new() };
    plan.lay_out(type_name, &shape.fields);
    let export: TerraformSchemaExport = serde_json::from_value(plan.schema(&shape.fields))?;
    let registry = export_schema_to_registry(&export).map_err(|error| Error::other(error.to_string()))?;
    let registry = plan.correct(registry)?;
    let text = plan.write(shape, &registry)?;
    Ok(tidy(&text))
}

/// `ProxmoxVirtualEnvironmentVm`.
pub fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('_').map(capital).collect()
}

/// The structs of one resource type, by a name that no other has: blocks of one name may differ by place.
struct Plan<'s> {
    type_name: &'s str,
    structs: BTreeMap<String, &'s Fields>,
}

impl<'s> Plan<'s> {
    fn lay_out(&mut self, name: &str, fields: &'s Fields) {
        self.structs.insert(name.to_owned(), fields);
        for (field, shape) in fields {
            if let Field::Block { fields, .. } = shape {
                self.lay_out(&format!("{name}_{field}"), fields);
            }
        }
    }

    /// A schema that bindgen reads: one resource type, every attribute a text, every block with a name of its own.
    fn schema(&self, fields: &Fields) -> Value {
        let nothing = json!({ "version": 0, "block": { "attributes": { "_": { "type": "string" } } } });
        let resource = json!({ "version": 0, "block": block(self.type_name, fields) });
        json!({
            "format_version": "1.0",
            "provider_schemas": { "provider": {
                "provider": nothing, "resource_schemas": { self.type_name: resource },
            } },
        })
    }

    /// The structs as they should be: with Rust's names, exact types, and without what only configurations have.
    fn correct(&self, registry: Registry) -> Result<Registry> {
        let mut corrected = Registry::new();
        for ((_, name), container) in registry {
            let name = name.strip_suffix("_details").unwrap_or(&name);
            let (Some(shapes), ContainerFormat::Struct(fields)) = (self.structs.get(name), container) else {
                continue;
            };
            let kept = fields.into_iter().filter_map(|field| self::field(name, &field.name, shapes));
            let kept: Vec<Named<Format>> = kept.collect();
            if kept.len() != shapes.len() {
                return Err(Error::other(format!("{name}: {} of {} fields", kept.len(), shapes.len())));
            }
            corrected.insert((None, camel(name)), ContainerFormat::Struct(kept));
        }
        if corrected.len() == self.structs.len() {
            Ok(corrected)
        } else {
            Err(Error::other(format!("{}: {} structs", self.type_name, corrected.len())))
        }
    }

    fn write(&self, shape: &Shape, registry: &Registry) -> Result<String> {
        // Named as if they came from elsewhere, so that bindgen puts none of them into a box.
        let mut names: Vec<String> = registry.keys().map(|(_, name)| name.clone()).collect();
        names.extend(["Bytes", "Map", "Sensitive<String>", "Value"].map(str::to_owned));
        let config = CodeGeneratorConfig::new(self.type_name.to_owned())
            .with_external_definitions(BTreeMap::from([(String::new(), names)]))
            .with_comments(self.comments(shape));
        let mut out = Vec::new();
        CodeGenerator::new(&config)
            .with_derive_macros(["Clone", "Debug", "PartialEq"].map(str::to_owned).to_vec())
            .output(&mut out, registry)
            .map_err(|error| Error::other(error.to_string()))?;
        let text = String::from_utf8(out).map_err(Error::other)?;
        // What bindgen writes before the first struct: an `allow` that is not allowed here, and its own imports.
        let (_, structs) = text.split_once("\n\n").ok_or_else(|| Error::other("no structs"))?;
        Ok(structs.to_owned())
    }

    fn comments(&self, shape: &Shape) -> DocComments {
        let mut comments = DocComments::new();
        for (name, fields) in &self.structs {
            let text = match name.strip_prefix(self.type_name).filter(|place| !place.is_empty()) {
                None => format!("Values of a `{name}`, as of {}.", shape.provider),
                Some(place) => format!("`{}` of a `{}`.", place.trim_start_matches('_'), self.type_name),
            };
            let path = vec![self.type_name.to_owned(), camel(name)];
            comments.insert(path.clone(), text);
            for (field, shape) in *fields {
                let path = path.iter().cloned().chain([escaped(field)]).collect();
                comments.insert(path, described(shape));
            }
        }
        comments
    }
}

fn block(name: &str, fields: &Fields) -> Value {
    let mut attributes = Map::new();
    let mut blocks = Map::new();
    for (field, shape) in fields {
        if let Field::Block { fields, .. } = shape {
            let unique = format!("{name}_{field}");
            blocks.insert(unique.clone(), json!({ "nesting_mode": "list", "block": block(&unique, fields) }));
        } else {
            attributes.insert(field.clone(), json!({ "type": "string", "optional": true }));
        }
    }
    if attributes.is_empty() {
        // Without attributes bindgen drops the whole block.
        attributes.insert("_".to_owned(), json!({ "type": "string", "optional": true }));
    }
    json!({ "attributes": attributes, "block_types": blocks })
}

/// The field of a struct that bindgen means, if the struct has it.
fn field(owner: &str, name: &str, shapes: &Fields) -> Option<Named<Format>> {
    let bare = name.trim_start_matches("r#");
    let bare = bare.strip_prefix(owner).and_then(|rest| rest.strip_prefix('_')).unwrap_or(bare);
    let format = match shapes.get(bare)? {
        Field::Attribute { r#type, flags } if flags.contains('s') && *r#type == "string" => {
            Format::TypeName("Sensitive<String>".to_owned())
        }
        Field::Attribute { r#type, .. } => format(r#type),
        Field::Block { nesting, .. } => {
            let inner = Format::TypeName(camel(&format!("{owner}_{bare}")));
            match nesting.as_str() {
                "list" | "set" => Format::Seq(Box::new(inner)),
                "map" => Format::Map { key: Box::new(Format::Str), value: Box::new(inner) },
                _ => inner,
            }
        }
    };
    // Everything may be null: what is not set, not known yet, or never came to be.
    Some(Named { name: escaped(bare), value: Format::Option(Box::new(format)) })
}

fn format(type_: &Value) -> Format {
    match type_ {
        Value::String(text) => match text.as_str() {
            "string" => Format::Str,
            "bool" => Format::Bool,
            "integer" => Format::I64,
            "number" => Format::F64,
            _ => Format::TypeName("Value".to_owned()),
        },
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(nesting), inner] if nesting == "map" => {
                Format::Map { key: Box::new(Format::Str), value: Box::new(format(inner)) }
            }
            [_, inner] => Format::Seq(Box::new(format(inner))),
            _ => Format::TypeName("Value".to_owned()),
        },
        _ => Format::TypeName("Value".to_owned()),
    }
}

fn escaped(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("r#{name}") } else { name.to_owned() }
}

fn described(field: &Field) -> String {
    let words = field.flags().chars().filter_map(|flag| match flag {
        'r' => Some("required"),
        'o' => Some("optional"),
        'c' => Some("computed"),
        's' => Some("sensitive"),
        _ => None,
    });
    let words: Vec<&str> = words.collect();
    let text = match (words.join(", "), field) {
        (words, _) if !words.is_empty() => words,
        (_, Field::Block { nesting, .. }) if nesting == "single" => "block".to_owned(),
        (_, Field::Block { .. }) => "blocks".to_owned(),
        _ => "part of it".to_owned(),
    };
    format!("{}.", camel(&text))
}

/// As rustfmt would have it, with the imports that are needed.
fn tidy(structs: &str) -> String {
    let mut text = HEADER.to_owned();
    text.push('\n');
    if structs.contains("Map<") {
        text.push_str("use std::collections::BTreeMap as Map;\n\n");
    }
    text.push_str("use serde::{Deserialize, Serialize};\n");
    if structs.contains("<Value>") {
        text.push_str("use serde_json::Value;\n");
    }
    if structs.contains("Sensitive<") {
        text.push_str("\nuse crate::Sensitive;\n");
    }
    text.push('\n');
    let mut before = "";
    for line in structs.lines() {
        // bindgen leaves a line free before every comment, the first one in a struct included.
        let is_inside = before.ends_with('{') || line.is_empty() && before.starts_with(' ');
        if !(line.is_empty() && (is_inside || before.is_empty())) {
            if line.starts_with("#[derive(") {
                text.push_str("#[non_exhaustive]\n");
            }
            text.push_str(line);
            text.push('\n');
        }
        before = line;
    }
    text.trim_end().to_owned() + "\n"
}
