//! Where something stands in the sources.

use std::sync::{Arc, OnceLock};

use serde::Serialize;

use crate::redact;

/// A place in a source file, for people and for links.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Location {
    /// Path of the file inside the [`SourceTree`](super::SourceTree), `/`-separated.
    pub file: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

/// Bytes of a source file, zero-based and half open; a byte order mark counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Byte behind the last one.
    pub end: usize,
}

/// Position of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileId(u32);

/// The bytes of one file that an expression, attribute or block header takes.
///
/// An empty one marks something whose exact bytes are not known (inside a template of a JSON text).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) file: FileId,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Place {
    pub(crate) fn is_exact(self) -> bool {
        self.start < self.end
    }

    pub(crate) fn span(self) -> Span {
        Span { start: self.start as usize, end: self.end as usize }
    }
}

/// The two syntaxes of the configuration language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    Hcl,
    Json,
}

/// One file that was read.
#[derive(Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: Arc<str>,
    pub(crate) text: Arc<str>,
    pub(crate) syntax: Syntax,
    /// Byte at which each line starts.
    lines: Vec<u32>,
    quotable: OnceLock<Arc<str>>,
}

impl SourceFile {
    /// The text as it may be quoted: without what is secret by form, and places stay where they are.
    pub(crate) fn quotable(&self) -> Arc<str> {
        Arc::clone(self.quotable.get_or_init(|| {
            let text = redact::blank_text(&self.text);
            if text.contains("key_provider") { without_texts(&text).into() } else { text.into() }
        }))
    }
}

/// A file that configures encryption may hold passphrases: whatever stands behind the first quotation mark of a line is
/// blanked there, byte by byte.
fn without_texts(text: &str) -> String {
    let blanked = text.split_inclusive('\n').map(|line| {
        let Some((before, secret)) = line.find('"').and_then(|at| line.split_at_checked(at)) else {
            return line.to_owned();
        };
        let secret_without_end = secret.trim_end_matches(['\r', '\n']);
        let end = secret.strip_prefix(secret_without_end).unwrap_or_default();
        format!("{before}{}{end}", "*".repeat(secret_without_end.len()))
    });
    blanked.collect()
}

/// All files that were read.
#[derive(Debug, Default)]
pub(crate) struct Sources(Vec<SourceFile>);

impl Sources {
    pub(crate) fn add(&mut self, path: &str, text: Arc<str>, syntax: Syntax) -> FileId {
        let breaks = text.bytes().zip(1_u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next);
        let lines = std::iter::once(0).chain(breaks).collect();
        self.0.push(SourceFile { path: path.into(), text, syntax, lines, quotable: OnceLock::new() });
        FileId(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }

    pub(crate) fn get(&self, file: FileId) -> Option<&SourceFile> {
        self.0.get(file.0 as usize)
    }

    /// The text at `place`; empty if there is none.
    pub(crate) fn text(&self, place: Place) -> &str {
        self.get(place.file)
            .and_then(|file| file.text.get(place.start as usize..place.end as usize))
            .unwrap_or_default()
    }

    pub(crate) fn location(&self, place: Place) -> Location {
        let Some(file) = self.get(place.file) else {
            return Location { file: String::new(), line: 1, column: None };
        };
        let line = file.lines.partition_point(|start| *start <= place.start).max(1);
        let line_start = file.lines.get(line - 1).copied().unwrap_or(0);
        let before = file.text.get(line_start as usize..place.start as usize).unwrap_or_default();
        let column = before.trim_start_matches(BOM).chars().count() + 1;
        Location {
            file: file.path.to_string(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).ok(),
        }
    }
}

/// UTF-8 byte order mark, which OpenTofu and Terraform skip at the start of a file.
pub(crate) const BOM: char = '\u{feff}';

#[cfg(test)]
mod tests {
    use super::*;

    fn quotable(text: &str) -> String {
        let mut sources = Sources::default();
        let file = sources.add("a.tf", text.into(), Syntax::Hcl);
        let quoted = sources.get(file).unwrap().quotable().to_string();
        assert_eq!(quoted.len(), text.len());
        quoted
    }

    #[test]
    fn what_configures_encryption_is_quoted_without_its_texts() {
        let text = "key_provider \"pbkdf2\" \"é\" {\r\n  passphrase = \"hush\"\n  iterations = 7 }\n\"";
        assert_eq!(
            quotable(text),
            "key_provider ***************\r\n  passphrase = ******\n  iterations = 7 }\n*"
        );
        assert_eq!(quotable("locals { a = \"b\" }"), "locals { a = \"b\" }");
    }

    #[test]
    fn what_is_secret_by_form_is_blanked_where_it_stands() {
        assert_eq!(quotable("a {\n  password = \"hünter2\"\n  b"), "a {\n  password = \"********\"\n  b");
    }
}
