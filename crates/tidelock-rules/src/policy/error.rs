//! What is wrong with a policy or a lock.

use std::{ops::Range, sync::Arc};

use miette::{NamedSource, SourceSpan};

use tidelock_parse::redact;

use super::did_you_mean::{self, Complaint};

/// A policy or a lock cannot be used: nothing is judged by half of one.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum PolicyError {
    /// A file is not what it should be: broken TOML, an unknown key, a word or value that means nothing.
    #[error("{file}: {message}")]
    #[diagnostic(code(tidelock::policy::invalid))]
    Invalid {
        /// Path of the file.
        file: String,
        /// What is wrong, lower case.
        message: String,
        /// The file.
        #[source_code]
        source_code: Arc<NamedSource<String>>,
        /// Where.
        #[label("here")]
        at: SourceSpan,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A file that `extends` names cannot be used.
    #[error("{file}: `{extends}` {why}")]
    #[diagnostic(
        code(tidelock::policy::extends),
        help("`extends` names policy files by their path from the directory of the file that it stands in")
    )]
    Extends {
        /// Path of the file.
        file: String,
        /// What it extends.
        extends: String,
        /// What is wrong with that.
        why: ExtendsFault,
        /// The file.
        #[source_code]
        source_code: Arc<NamedSource<String>>,
        /// Where.
        #[label("named here")]
        at: SourceSpan,
    },
    /// A file that was asked for does not exist.
    #[error("{file}: there is no such policy file")]
    #[diagnostic(code(tidelock::policy::missing), help("`tidelock init` writes one to start from"))]
    Missing {
        /// Path of the file.
        file: String,
    },
    /// A file exists and cannot be read.
    #[error("{file}: this policy file cannot be read")]
    #[diagnostic(
        code(tidelock::policy::unreadable),
        help("check its permissions, and that it is a file; a link must lead to one")
    )]
    Unreadable {
        /// Path of the file.
        file: String,
    },
    /// A file is larger than what is read.
    #[error("{file}: this policy file is larger than {} KiB", super::MAX_FILE_BYTES >> 10)]
    #[diagnostic(code(tidelock::policy::size), help("check what it is: nobody writes such a policy by hand"))]
    TooLarge {
        /// Path of the file.
        file: String,
    },
    /// A file is no UTF-8 text.
    #[error("{file}: this policy file is not UTF-8 text")]
    #[diagnostic(code(tidelock::policy::encoding), help("save it as UTF-8"))]
    Encoding {
        /// Path of the file.
        file: String,
    },
}

/// Why a file cannot be extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtendsFault {
    /// It does not exist, or not where the tree reaches.
    #[error("does not exist")]
    Missing,
    /// It is no relative path.
    #[error("is not a relative path")]
    NotRelative,
    /// It is a directory.
    #[error("is a directory, where a file is needed")]
    NoFile,
    /// It leads back to the file.
    #[error("extends this file in turn")]
    Cycle,
    /// Too many files extend each other.
    #[error("is more than {} files away from the policy", super::MAX_DEPTH)]
    TooDeep,
}

impl PolicyError {
    /// From what the reader of TOML says; `text` is the whole file.
    pub(crate) fn from_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let Complaint { message, help } = did_you_mean::complaint(&redact::cut_text(error.message()));
        Self::Invalid {
            file: file.to_owned(),
            message,
            source_code: source(file, text),
            at: span(error.span()),
            help: Some(help),
        }
    }

    /// About a value that the reader of TOML has no objection to.
    pub(crate) fn at(file: &str, text: &str, at: Range<usize>, message: String, help: &str) -> Self {
        Self::Invalid {
            file: file.to_owned(),
            message,
            source_code: source(file, text),
            at: span(Some(at)),
            help: Some(help.to_owned()),
        }
    }

    pub(super) fn extends(
        file: &str,
        text: &str,
        extends: &str,
        why: ExtendsFault,
        at: Range<usize>,
    ) -> Self {
        Self::Extends {
            file: file.to_owned(),
            extends: extends.to_owned(),
            why,
            source_code: source(file, text),
            at: span(Some(at)),
        }
    }
}

/// Shared, so that the error stays small. What is secret by form is not quoted, even where nobody should write it.
fn source(file: &str, text: &str) -> Arc<NamedSource<String>> {
    Arc::new(NamedSource::new(file, redact::blank_text(text)).with_language("toml"))
}

fn span(range: Option<Range<usize>>) -> SourceSpan {
    range.map_or_else(|| (0, 0).into(), |range| (range.start, range.len()).into())
}
