//! What is wrong with a configuration, file by file.

use std::sync::Arc;

use miette::{NamedSource, SourceSpan};

/// A problem with one file or module. The rest of the configuration is read all the same.
///
/// Files of the configuration are quoted; `*.tfvars` files, which hold values, never are.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file of the configuration does not parse.
    #[error("{file}: this does not parse: {message}")]
    #[diagnostic(
        code(tidelock::config::syntax),
        help("only this file is left out; `tofu validate` or `terraform validate` says more")
    )]
    Syntax {
        /// Path of the file.
        file: String,
        /// What the parser expected.
        message: String,
        /// The file.
        #[source_code]
        source_code: NamedSource<Arc<str>>,
        /// Where the parser stopped.
        #[label("here")]
        at: SourceSpan,
    },
    /// A variables file does not parse. It is not quoted.
    #[error("{file}:{line}: this variables file does not parse")]
    #[diagnostic(
        code(tidelock::config::variables),
        help("only this file is left out, and what it sets is taken from the plan where the plan says it")
    )]
    Variables {
        /// Path of the file.
        file: String,
        /// Line where the parser stopped, counted from 1.
        line: u32,
    },
    /// A file is no UTF-8 text.
    #[error("{file}: this is not UTF-8 text")]
    #[diagnostic(code(tidelock::config::encoding), help("save it as UTF-8; only this file is left out"))]
    Encoding {
        /// Path of the file.
        file: String,
    },
    /// A file is larger than what is read.
    #[error("{file}: this is larger than {} MiB", super::MAX_FILE_BYTES >> 20)]
    #[diagnostic(
        code(tidelock::config::size),
        help("nobody writes such a file by hand: check what it is; only this file is left out")
    )]
    TooLarge {
        /// Path of the file.
        file: String,
    },
    /// A file is listed and cannot be read.
    #[error("{file}: this cannot be read")]
    #[diagnostic(code(tidelock::config::read), help("check its permissions; only this file is left out"))]
    Unreadable {
        /// Path of the file.
        file: String,
    },
    /// More files or modules than what is read.
    #[error("more than {limit} {what}: the rest is left out")]
    #[diagnostic(
        code(tidelock::config::many),
        help("give the directory of one root module, not of several stacks")
    )]
    TooMany {
        /// `files` or `modules`.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The sources of a module call are not in the tree.
    #[error("the sources of {module} are not there")]
    #[diagnostic(
        code(tidelock::config::module),
        help(
            "run `tofu init` or `terraform init` in the root module, or give the saved plan, which holds them"
        )
    )]
    ModuleMissing {
        /// Path of the module, as `module.a.module.b`.
        module: String,
        /// The file with the call.
        #[source_code]
        source_code: NamedSource<Arc<str>>,
        /// The call.
        #[label("called here")]
        at: SourceSpan,
    },
    /// A module calls itself, directly or through others.
    #[error("{module} calls a module that it is part of")]
    #[diagnostic(code(tidelock::config::module_cycle), help("the call is left out"))]
    ModuleCycle {
        /// Path of the module, as `module.a.module.b`.
        module: String,
        /// The file with the call.
        #[source_code]
        source_code: NamedSource<Arc<str>>,
        /// The call.
        #[label("called here")]
        at: SourceSpan,
    },
    /// Two primary files declare the same thing; the first one counts.
    #[error("{what} is declared twice")]
    #[diagnostic(
        code(tidelock::config::duplicate),
        help("the first declaration counts; a second one belongs into an override file")
    )]
    Duplicate {
        /// What is declared, such as `resource "aws_instance" "web"`.
        what: String,
        /// The file with the second declaration.
        #[source_code]
        source_code: NamedSource<Arc<str>>,
        /// The second declaration.
        #[label("again here")]
        at: SourceSpan,
    },
    /// A block in an override file has nothing to override.
    #[error("{what} overrides nothing")]
    #[diagnostic(
        code(tidelock::config::override_base),
        help("an override file changes blocks of other files; move the block there")
    )]
    NothingToOverride {
        /// What is declared, such as `resource "aws_instance" "web"`.
        what: String,
        /// The override file.
        #[source_code]
        source_code: NamedSource<Arc<str>>,
        /// The block.
        #[label("here")]
        at: SourceSpan,
    },
}
