//! `tidelock rules` and `tidelock explain`.

use std::io::Write;

use serde_json::json;
use tidelock::rules::{RULES, find};

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
            let width = |text: fn(&&tidelock::rule::RuleMeta) -> usize| rules().map(|meta| text(&meta)).max();
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
    let wanted = [name.to_ascii_uppercase(), name.to_ascii_lowercase()];
    match wanted.iter().find_map(|name| find(name)) {
        Some(meta) => {
            super::print(&format!("{} {} ({})\n\n{}", meta.code, meta.name, meta.severity, meta.markdown()))
        }
        None => {
            Err(CliError::UnknownRule { name: name.escape_debug().to_string(), near: nearest(name) }.into())
        }
    }
}

/// The rule whose name begins or ends like what was typed.
fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let names = RULES.iter().map(|rule| rule.meta().name);
    names.into_iter().find(|known| name.len() > 3 && (known.contains(&name) || name.contains(known)))
}
