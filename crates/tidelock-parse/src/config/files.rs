//! The files of one module directory: which are read, in which order, and what does not parse.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use miette::{NamedSource, SourceSpan};

use super::{
    Dialect, MAX_FILE_BYTES, MAX_FILES,
    diagnostic::ConfigError,
    json::{JsonError, JsonFile, Texts},
    location::{BOM, FileId, Place, Sources, Syntax},
    native::Origin,
    syntax::Body,
    tree::{ReadError, SourceTree, join},
};
use crate::quoted::is_identifier;

/// Reads and parses files, and collects what is wrong with them.
pub(crate) struct Files<'t> {
    pub(crate) tree: &'t dyn SourceTree,
    pub(crate) dialect: Dialect,
    pub(crate) sources: Sources,
    pub(crate) problems: Vec<ConfigError>,
    read: usize,
}

/// The parsed files of a directory.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// Primary files, in the order of their names.
    pub(crate) primary: Vec<Body>,
    /// Override files, in the order in which they apply.
    pub(crate) overrides: Vec<Body>,
    /// Files that could not be read or parsed.
    pub(crate) broken: Vec<Broken>,
}

/// A file that is left out.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) path: String,
    pub(crate) role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Primary,
    Override,
}

/// Which grammar a variables file or a module file has is said by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Module,
    Variables,
}

impl<'t> Files<'t> {
    pub(crate) fn new(tree: &'t dyn SourceTree, dialect: Dialect) -> Self {
        Self { tree, dialect, sources: Sources::default(), problems: Vec::new(), read: 0 }
    }

    /// Reads the files of a module; `None` if the directory has none.
    pub(crate) fn directory(&mut self, dir: &str) -> Option<Directory> {
        let names = self.tree.list(dir);
        let mut files = Directory::default();
        let mut any = false;
        for (name, role) in module_files(&names, self.dialect) {
            any = true;
            let path = join(dir, name);
            match self.parse(&path, Kind::Module) {
                Some(body) if role == Role::Primary => files.primary.push(body),
                Some(body) => files.overrides.push(body),
                None => files.broken.push(Broken { path, role }),
            }
        }
        any.then_some(files)
    }

    /// Reads a variables file; `None` if it cannot be.
    pub(crate) fn variables(&mut self, path: &str) -> Option<Body> {
        self.parse(path, Kind::Variables)
    }

    fn parse(&mut self, path: &str, kind: Kind) -> Option<Body> {
        let bytes = self.bytes(path)?;
        let Ok(text) = std::str::from_utf8(&bytes) else {
            self.problems.push(ConfigError::Encoding { file: path.to_owned() });
            return None;
        };
        let json = std::path::Path::new(path).extension().is_some_and(|extension| extension == "json");
        let syntax = if json { Syntax::Json } else { Syntax::Hcl };
        let text: Arc<str> = Arc::from(text);
        let file = self.sources.add(path, Arc::clone(&text), syntax);
        let body = text.strip_prefix(BOM).unwrap_or(&text);
        let skipped = text.len() - body.len();
        let parsed =
            if json { parse_json(file, body, skipped, kind) } else { parse_native(file, body, skipped) };
        match parsed {
            Ok(body) => Some(body),
            Err((at, message)) => {
                self.syntax_error(file, path, at, message, kind);
                None
            }
        }
    }

    fn bytes(&mut self, path: &str) -> Option<Cow<'t, [u8]>> {
        if self.read == MAX_FILES {
            self.read += 1;
            self.problems.push(ConfigError::TooMany { what: "files", limit: MAX_FILES });
        }
        if self.read > MAX_FILES {
            return None;
        }
        self.read += 1;
        let file = path.to_owned();
        let problem = match self.tree.read(path, MAX_FILE_BYTES) {
            Ok(bytes) if bytes.len() <= MAX_FILE_BYTES => return Some(bytes),
            Ok(_) | Err(ReadError::TooLarge) => ConfigError::TooLarge { file },
            Err(ReadError::Missing | ReadError::Unreadable) => ConfigError::Unreadable { file },
        };
        self.problems.push(problem);
        None
    }

    fn syntax_error(&mut self, file: FileId, path: &str, at: usize, message: String, kind: Kind) {
        let offset = u32::try_from(at).unwrap_or(u32::MAX);
        let place = Place { file, start: offset, end: offset };
        let problem = match kind {
            Kind::Variables => {
                ConfigError::Variables { file: path.to_owned(), line: self.sources.location(place).line }
            }
            Kind::Module => {
                let (source_code, _) = self.quote(place);
                ConfigError::Syntax { file: path.to_owned(), message, source_code, at: SourceSpan::from(at) }
            }
        };
        self.problems.push(problem);
    }

    /// A file and the span to underline in it.
    pub(crate) fn quote(&self, place: Place) -> (NamedSource<Arc<str>>, SourceSpan) {
        let (path, text) =
            self.sources.get(place.file).map_or(("", Arc::from("")), |file| (&*file.path, file.quotable()));
        let (start, end) = (place.start as usize, place.end as usize);
        (NamedSource::new(path, text), SourceSpan::from((start, end.saturating_sub(start))))
    }
}

type Parsed = Result<Body, (usize, String)>;

fn parse_native(file: FileId, text: &str, skipped: usize) -> Parsed {
    // The parser would take everything up to the next such delimiter for its text.
    if let Some(at) = empty_heredoc(text) {
        return Err((at + skipped, "an empty heredoc cannot be read; write \"\" instead".to_owned()));
    }
    let mut readable = Cow::Borrowed(text);
    let mut left = MAX_HUGE_NUMBERS;
    loop {
        let error = match hcl_edit::parser::parse_body(&readable) {
            // Offsets are those of the file, and numbers are taken from there.
            Ok(body) => return Ok(Origin::File(file, skipped, text).body(&body)),
            Err(error) => error,
        };
        let at = error.location().offset();
        let Some((fewer, next)) = left.checked_sub(1).zip(without_huge_number(&readable, at)) else {
            return Err((at + skipped, error.message().to_owned()));
        };
        (left, readable) = (fewer, Cow::Owned(next));
    }
}

/// Numbers beyond a float that are read in one file; each costs a pass of the parser.
const MAX_HUGE_NUMBERS: usize = 16;

/// The text with a small number of the same length in place of the one at which the parser gave up: it knows floats, the
/// language numbers of any size. `None` if it gave up for another reason.
fn without_huge_number(text: &str, at: usize) -> Option<String> {
    let part_of_number = |c: char| c.is_ascii_digit() || c == '.';
    let before = text.get(..at)?;
    let start = before.trim_end_matches(part_of_number).len();
    let literal = text.get(start..)?;
    let rest = literal.trim_start_matches(part_of_number);
    // With the exponent, if there is one.
    let behind = rest.strip_prefix(['e', 'E']).map_or(rest, |rest| {
        let rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        rest.trim_start_matches(|c: char| c.is_ascii_digit())
    });
    let literal = literal.strip_suffix(behind)?;
    if !literal.parse::<f64>().is_ok_and(f64::is_infinite) {
        return None;
    }
    let zeros: String = literal.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    Some([text.get(..start)?, &zeros, behind].concat())
}

/// Where a heredoc starts that ends on its next line.
fn empty_heredoc(text: &str) -> Option<usize> {
    text.match_indices("<<").map(|(at, _)| at).find(|at| {
        let behind = text.get(at + 2..).unwrap_or_default();
        let mut lines = behind.strip_prefix('-').unwrap_or(behind).lines();
        let delimiter = lines.next().unwrap_or_default();
        is_identifier(delimiter) && lines.next().is_some_and(|line| line.trim() == delimiter)
    })
}

fn parse_json(file: FileId, text: &str, skipped: usize, kind: Kind) -> Parsed {
    let texts = if kind == Kind::Module { Texts::Templates } else { Texts::Plain };
    let json = JsonFile { file, text, skipped, texts };
    let body = if kind == Kind::Module { json.module() } else { json.attributes() };
    body.map_err(|JsonError { at, why }| (at, why.to_owned()))
}

/// The files of a module among `names`: primary ones by name, then override files by name.
fn module_files(names: &[String], dialect: Dialect) -> Vec<(&str, Role)> {
    // One file per stem, role and syntax: `X.tofu` hides `X.tf`, `X.tofu.json` hides `X.tf.json`.
    let mut chosen: BTreeMap<(Role, &str, bool), (&str, bool)> = BTreeMap::new();
    for name in names {
        let Some((stem, json, tofu)) = module_file(name) else { continue };
        if tofu && dialect == Dialect::Terraform {
            continue;
        }
        let role =
            if stem == "override" || stem.ends_with("_override") { Role::Override } else { Role::Primary };
        let slot = chosen.entry((role, stem, json)).or_insert((name, tofu));
        if tofu {
            *slot = (name, true);
        }
    }
    let mut files: Vec<_> = chosen.into_iter().map(|((role, ..), (name, _))| (name, role)).collect();
    files.sort_by_key(|(name, role)| (*role, *name));
    files
}

/// Stem, whether it is JSON, and whether only OpenTofu reads it; `None` if it is no file of a module.
fn module_file(name: &str) -> Option<(&str, bool, bool)> {
    let skipped =
        name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
    if skipped {
        return None;
    }
    let suffixes = [
        (".tf", false, false),
        (".tf.json", true, false),
        (".tofu", false, true),
        (".tofu.json", true, true),
    ];
    suffixes.into_iter().find_map(|(suffix, json, tofu)| Some((name.strip_suffix(suffix)?, json, tofu)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MemoryTree;

    fn files(names: &[&str], dialect: Dialect) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        module_files(&names, dialect).into_iter().map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn a_number_beyond_a_float_is_read_as_written_and_nothing_else_is_touched() {
        let text = "a = 1e400\nb = \"1e400\"\nc = [-2.5E+999, 1e3]\nd = 1e400x\n";
        let read = |text: &str| {
            let tree = MemoryTree::from([("a.tf", text)]);
            let directory = Files::new(&tree, Dialect::OpenTofu).directory("").unwrap();
            directory.primary.first().map(|body| format!("{:?}", body.attrs))
        };
        assert_eq!(read(text), None, "a number ends where it ends");
        let read = read(&text.replace("1e400x", "2")).unwrap();
        for literal in ["Number(\"1e400\")", "Text(\"1e400\")", "2.5E+999", "1e3"] {
            assert!(read.contains(literal) || read.contains(&literal.replace('"', "")), "{literal}: {read}");
        }
        assert!(!read.contains("0e000"), "{read}");
    }

    #[test]
    fn override_files_come_last_in_lexical_order() {
        let names = ["z.tf", "b_override.tf", "override.tf", "a_override.tf.json", "a.tf.json"];
        assert_eq!(
            files(&names, Dialect::OpenTofu),
            ["a.tf.json", "z.tf", "a_override.tf.json", "b_override.tf", "override.tf"]
        );
    }

    #[test]
    fn a_tofu_file_hides_the_tf_file_of_its_name_and_kind_only() {
        let names = ["a.tf", "a.tofu", "a.tf.json", "b.tf", "b.tofu.json"];
        assert_eq!(files(&names, Dialect::OpenTofu), ["a.tf.json", "a.tofu", "b.tf", "b.tofu.json"]);
        assert_eq!(files(&names, Dialect::Terraform), ["a.tf", "a.tf.json", "b.tf"]);
    }

    #[test]
    fn editor_leftovers_and_tests_are_no_files_of_the_module() {
        let names =
            [".hidden.tf", "a.tf~", "#a.tf#", "x.tftest.hcl", "x.tftest.json", "x.tofutest.hcl", "readme.md"];
        assert!(files(&names, Dialect::OpenTofu).is_empty());
    }
}
