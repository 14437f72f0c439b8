//! What can be wrong with a schema file.

/// A schema file, or a part of it, cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum SchemaError {
    /// The input is not JSON of this shape.
    #[error("{input}: not the output of `providers schema -json` (line {line}, column {column})")]
    #[diagnostic(
        code(tidelock::schema::shape),
        help("write it again: `tofu providers schema -json > schema.json`")
    )]
    Shape {
        /// Name of the input.
        input: String,
        /// Line, one-based.
        line: usize,
        /// Column, one-based.
        column: usize,
    },
    /// The input says which format it has, and it is not one we know.
    #[error("{input}: schema format {version} is not supported")]
    #[diagnostic(
        code(tidelock::schema::version),
        help("tidelock reads formats 0.x and 1.x; look for a newer tidelock")
    )]
    Version {
        /// Name of the input.
        input: String,
        /// What it says.
        version: String,
    },
    /// One resource type cannot be decoded; the rest of the file can.
    #[error("{input}: the schema of {type_name} cannot be read")]
    #[diagnostic(
        code(tidelock::schema::resource),
        help("write the file again: `tofu providers schema -json > schema.json`")
    )]
    Resource {
        /// Name of the input.
        input: String,
        /// The resource type.
        type_name: String,
    },
}
