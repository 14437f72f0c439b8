//! Renders reports: pure functions from a report, options and a writer. Nothing here decides anything.
//!
//! | format | for | module |
//! | --- | --- | --- |
//! | human | people at a terminal or in a CI log | [`human`] |
//! | JSON | programs; the published contract, see [`json::SCHEMA`] | [`json`] |
//! | Markdown | comments on pull requests, job summaries | [`markdown`] |
//! | SARIF 2.1.0 | code scanning: findings beside the lines they are about | [`sarif`] |
//! | `JUnit` XML | CI systems that show tests | [`junit`] |
//! | GitHub | annotations of a workflow run | [`github`] |
//! | GitLab | the code quality report of a merge request | [`gitlab`] |
//! | Graphviz, Mermaid, JSON | people who want to see what refers to what | [`graph`] |
//! | plain | shell scripts: the verdict in one word | [`plain`] |
//!
//! [`diff`] writes what differs between two artifacts, [`overview`] what is in one, in three of these forms. [`summary`] reads JSON reports back and joins those of many stacks into one page.
//!
//! Every text that stems from an artifact is escaped for the format it lands in: terminal control characters,
//! Markdown, HTML, XML, workflow commands.

#![forbid(unsafe_code)]

mod actions;
pub mod diff;
mod escape;
mod gate;
pub mod github;
pub mod gitlab;
pub mod graph;
mod groups;
mod headline;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod overview;
mod phrase;
mod place;
pub mod plain;
mod rows;
pub mod sarif;
pub mod summary;
mod value;

/// How much a report for people shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The headline alone.
    Quiet,
    /// What is to be decided; noise as counts.
    #[default]
    Normal,
    /// Everything, values in full length.
    Verbose,
}
