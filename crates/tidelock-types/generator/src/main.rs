//! Writes the typed resources of `tidelock-types`.
//!
//! Without arguments: from `schema.json`, the shapes of the chosen types. With the files that `terraform providers schema
//! -json` printed: `schema.json` first, as far as these have the chosen types.

mod bindings;
mod derive;
mod shape;

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Error},
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let input = here.join("schema.json");
    let schemas: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    if !schemas.is_empty() {
        let read = |path: &PathBuf| Ok(serde_json::from_slice(&fs::read(path)?)?);
        let schemas: Vec<serde_json::Value> = schemas.iter().map(read).collect::<io::Result<_>>()?;
        let mut shapes = shape::read(&input).unwrap_or_default();
        shapes.extend(derive::shapes(&schemas)?);
        fs::write(&input, lines(&shapes)?)?;
    }
    let src = here.join("../src");
    for (name, text) in files(&input)? {
        let path = src.join(name);
        fs::create_dir_all(path.parent().ok_or_else(|| Error::other("no folder"))?)?;
        fs::write(path, text)?;
    }
    Ok(())
}

/// JSON with a line for each type, so that a difference tells which one changed.
fn lines(shapes: &shape::Shapes) -> io::Result<String> {
    let line =
        |(name, shape)| Ok(format!("{}: {}", serde_json::to_string(name)?, serde_json::to_string(shape)?));
    let lines: Vec<String> = shapes.iter().map(line).collect::<io::Result<_>>()?;
    Ok(format!("{{\n{}\n}}\n", lines.join(",\n")))
}

/// Every file that is written, relative to the sources of the crate.
fn files(input: &Path) -> io::Result<BTreeMap<String, String>> {
    let shapes = shape::read(input)?;
    let mut files = BTreeMap::new();
    let mut index =
        String::from("// Written by the generator beside this crate; what is changed here is lost.\n");
    for type_name in shapes.keys() {
        index.push_str(&format!("\n/// A `{type_name}` and what is inside of it.\npub mod {type_name};\n"));
    }
    index.push('\n');
    for (type_name, shape) in &shapes {
        index.push_str(&format!("pub use {type_name}::{};\n", bindings::camel(type_name)));
        files.insert(format!("generated/{type_name}.rs"), bindings::module(type_name, shape)?);
    }
    for type_name in shapes.keys() {
        let name = bindings::camel(type_name);
        let line = format!("    const TYPE_NAME: &'static str = \"{type_name}\";");
        index.push_str(&format!("\nimpl crate::Resource for {name} {{\n{line}\n}}\n"));
    }
    files.insert("generated.rs".to_owned(), index);
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_checked_in_is_what_is_generated() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let src = here.join("../src");
        let files = files(&here.join("schema.json")).unwrap();
        for (name, text) in &files {
            let found = fs::read_to_string(src.join(name)).unwrap_or_default();
            assert!(found == *text, "{name} differs: run `cargo run` in crates/tidelock-types/generator");
        }
        for entry in fs::read_dir(src.join("generated")).unwrap() {
            let name = format!("generated/{}", entry.unwrap().file_name().to_str().unwrap());
            assert!(files.contains_key(&name), "{name} is generated no more");
        }
    }
}
