//! `tidelock rules` and `tidelock explain`.

use std::io::Write;

use serde_json::json;
use tidelock::{
    rule::RuleMeta,
    rules::{RULES, find},
};

use crate::{
    args::ListFormat,
    error::{CliError, Failure},
    outcome::Outcome,
    output::Output,
};

pub(super) fn list(format: ListFormat) -> Result<Outcome, Failure> {
    let rules = || RULES.iter().map(|rule| rule.meta());
    Output::Stdout.write(|out| match format {
        ListFormat::Human => {
            let width = |text: fn(&&RuleMeta) -> usize| rules().map(|meta| text(&meta)).max();
            let name = width(|meta| meta.name.len()).unwrap_or(0);
            let severity = width(|meta| meta.severity.len()).unwrap_or(0);
            for meta in rules() {
                writeln!(
                    out,
                    "{}  {:name$}  {:severity$}  {}",
                    meta.code, meta.name, meta.severity, meta.summary
                )?;
            }
            writeln!(out, "\n`tidelock explain CODE` tells more.")
        }
        ListFormat::Json => {
            let list: Vec<_> = rules()
                .map(|meta| {
                    json!({
                        "code": meta.code,
                        "rule": meta.name,
                        "severity": meta.severity,
                        "commands": meta.commands,
                        "summary": meta.summary,
                    })
                })
                .collect();
            serde_json::to_writer_pretty(&mut *out, &list)?;
            writeln!(out)
        }
    })?;
    Ok(Outcome::Done)
}

pub(super) fn explain(name: &str) -> Result<Outcome, Failure> {
    let meta = find_typed(name)?;
    super::print(&format!("{} {} ({})\n\n{}", meta.code, meta.name, meta.severity, meta.markdown()))
}

/// The rule that somebody means by a code or a name.
pub(super) fn find_typed(name: &str) -> Result<&'static RuleMeta, CliError> {
    let wanted = [name.to_ascii_uppercase(), name.to_ascii_lowercase()];
    let unknown = || CliError::UnknownRule { name: name.escape_debug().to_string(), near: nearest(name) };
    wanted.iter().find_map(|name| find(name)).ok_or_else(unknown)
}

/// The rule whose name begins or ends like what was typed.
fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let names = RULES.iter().map(|rule| rule.meta().name);
    let part = names.clone().find(|known| name.len() > 3 && (known.contains(&name) || name.contains(known)));
    part.or_else(|| tidelock::policy::nearest(&name, names))
}
