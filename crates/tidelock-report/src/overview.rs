//! What is in an artifact: for people, and for a comment. As JSON it is what serde makes of an
//! [`Overview`], in the shape of [`SCHEMA`].

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use tidelock_rules::{
    catalogue::Holds,
    overview::{Listed, ModuleCount, Overview, TypeCount},
};

use crate::{
    Detail,
    escape::{inert, printable},
    human,
    markdown::{self, inline, least},
    phrase::Phrase,
    value::{self, Limits},
};

/// JSON Schema of what `tidelock show --format json` writes. Additions keep the version; readers must accept fields they
/// do not know.
pub const SCHEMA: &str = include_str!("../schema/show-1.json");

/// Lines of one kind that are written unless everything is asked for; the rest is counted.
const MAX_LINES: usize = 12;
/// Changing instances that are written unless everything is asked for.
const MAX_RESOURCES: usize = 200;
/// Columns of the names of facts.
const KEY: usize = 18;

/// A name, and what is said under it.
struct Fact {
    key: &'static str,
    lines: Vec<Phrase>,
}

/// Writes it for people. `title` is the kind of the artifact in words.
///
/// # Errors
/// Whatever `out` returns.
pub fn human(
    title: &str,
    overview: &Overview,
    options: &human::Options,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut text = format!("{}\n", printable(title));
    for fact in facts(overview, options.detail, options.limits()) {
        let mut key = fact.key;
        for line in &fact.lines {
            let _ = writeln!(text, "{key:KEY$}{}", line.plain());
            key = "";
        }
    }
    let (listed, hidden) = listed(overview, options.detail);
    for resource in listed {
        let lead =
            if resource.actions.is_empty() { "instance".to_owned() } else { resource.actions.join(",") };
        let _ = writeln!(text, "{:KEY$}{}", printable(&lead), told(resource).plain());
    }
    for (what, count) in hidden {
        let _ = writeln!(text, "{what:KEY$}{count}, shown by -v");
    }
    out.write_all(inert(&text).as_bytes())
}

/// Bytes kept free for the line that says what is left out.
const RESERVE: usize = 256;

/// Writes it as Markdown, never longer than asked for.
///
/// # Errors
/// Whatever `out` returns.
pub fn markdown(
    title: &str,
    overview: &Overview,
    options: &markdown::Options,
    out: &mut impl Write,
) -> io::Result<()> {
    let limit = least(options.max_bytes);
    let mut text = format!("### tidelock: {}\n\n", inline(&Phrase::default().text(title)));
    let mut left = 0_usize;
    let mut put = |text: &mut String, line: &str| {
        if text.len() + line.len() + RESERVE > limit {
            left += 1;
        } else {
            text.push_str(line);
        }
    };
    for fact in facts(overview, options.detail, options.scope().limits) {
        match fact.lines.as_slice() {
            [only] => put(&mut text, &format!("- {}: {}\n", fact.key, inline(only))),
            lines => {
                put(&mut text, &format!("- {}:\n", fact.key));
                for line in lines {
                    put(&mut text, &format!("  - {}\n", inline(line).trim_start()));
                }
            }
        }
    }
    let (listed, hidden) = listed(overview, options.detail);
    if !listed.is_empty() {
        put(&mut text, "\n| | instance |\n| --- | --- |\n");
    }
    for resource in listed {
        let actions = Phrase::default().text(&resource.actions.join(","));
        put(&mut text, &format!("| {} | {} |\n", inline(&actions), inline(&told(resource))));
    }
    for (what, count) in hidden {
        put(&mut text, &format!("\n{count} {what}, shown by `-v`\n"));
    }
    if left > 0 {
        let _ = writeln!(text, "\n{left} more lines left out (the text is limited to {limit} bytes)");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    out.write_all(inert(&text).as_bytes())
}

/// Writes an artifact that is not looked into, as Markdown.
///
/// # Errors
/// Whatever `out` returns.
pub fn remarks(title: &str, lines: impl Iterator<Item = String>, out: &mut impl Write) -> io::Result<()> {
    let mut text = format!("### tidelock: {}\n\n", inline(&Phrase::default().text(title)));
    for line in lines {
        let _ = writeln!(text, "- {}", inline(&Phrase::default().text(&line)));
    }
    out.write_all(inert(&text).as_bytes())
}

/// What is listed, and what is only counted.
fn listed(overview: &Overview, detail: Detail) -> (Vec<&Listed>, Vec<(&'static str, usize)>) {
    if detail == Detail::Verbose {
        return (overview.resources.iter().collect(), Vec::new());
    }
    let changing = |resource: &&Listed| {
        let quiet = matches!(resource.actions.first().map(String::as_str), Some("no-op" | "read" | "open"));
        !quiet || resource.previous_address.is_some()
    };
    let all: Vec<&Listed> = overview.resources.iter().filter(changing).collect();
    let more = all.len().saturating_sub(MAX_RESOURCES);
    let total = overview.counts.managed + overview.counts.data + overview.counts.deposed;
    let rest = total.saturating_sub(all.len());
    let word = if overview.actions.is_some() { "unchanged" } else { "instances" };
    let hidden = [("more", more), (word, rest)].into_iter().filter(|(_, count)| *count > 0).collect();
    (all.into_iter().take(MAX_RESOURCES).collect(), hidden)
}

fn told(resource: &Listed) -> Phrase {
    let mut phrase = Phrase::default().code(&resource.address.to_string());
    if let Some(key) = &resource.deposed {
        phrase = phrase.say(" (deposed ").text(key).say(")");
    }
    if let Some(previous) = &resource.previous_address {
        phrase = phrase.say("  (moved from ").code(&previous.to_string()).say(")");
    }
    match &resource.reason {
        Some(reason) => phrase.say("  (").text(reason).say(")"),
        None => phrase,
    }
}

fn facts(overview: &Overview, detail: Detail, limits: Limits) -> Vec<Fact> {
    let mut facts = Vec::new();
    head(overview, &mut facts);
    let mut say = |key, lines: Vec<Phrase>| {
        if !lines.is_empty() {
            facts.push(Fact { key, lines });
        }
    };
    let most = if detail == Detail::Verbose { usize::MAX } else { MAX_LINES };
    let counts = &overview.counts;
    let parts = [
        (counts.managed, "managed"),
        (counts.data, "data sources"),
        (counts.deposed, "deposed"),
        (counts.tainted, "tainted"),
        (counts.moved, "moved"),
        (counts.imported, "imported"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let none = || "none".to_owned();
    say("instances", vec![Phrase::words(if parts.is_empty() { none() } else { parts.join(", ") })]);
    if let Some(drift) = overview.drift {
        say("drift", vec![Phrase::words(format!("{drift}"))]);
    }
    if let Some(actions) = &overview.actions {
        let words = if actions.is_empty() { none() } else { numbers(actions) };
        say("actions", vec![Phrase::default().text(&words)]);
    }
    say("types", bounded(&overview.by_type, most, type_line));
    if overview.modules.len() > 1 {
        say("modules", bounded(&overview.modules, most, module_line));
    }
    say(
        "providers",
        bounded(&overview.providers.iter().collect::<Vec<_>>(), most, |(name, count)| {
            Phrase::default().text(name).say(format!(" {count}"))
        }),
    );
    let holds: Vec<String> =
        overview.holds.iter().rev().map(|(holds, count)| format!("{} {count}", holds.as_str())).collect();
    say("holds", Some(Phrase::words(holds.join(", "))).filter(|_| !holds.is_empty()).into_iter().collect());
    let stateful: usize = overview
        .holds
        .iter()
        .filter(|(holds, _)| **holds > Holds::Traffic || **holds == Holds::Machine)
        .map(|(_, count)| count)
        .sum();
    let mut lines: Vec<Phrase> = overview.stateful.iter().take(most).map(held).collect();
    lines.extend(more(stateful.saturating_sub(lines.len())));
    say("stateful", lines);
    if let Some(protected) = &overview.protected {
        let mut lines = bounded(protected, most, |address| Phrase::default().code(&address.to_string()));
        if lines.is_empty() {
            lines.push(Phrase::words("nothing says `prevent_destroy`"));
        }
        say("protected", lines);
    } else if overview.kind == tidelock_parse::Kind::SavedPlan.as_str() {
        say("protected", vec![Phrase::words("not known: there are no sources in this saved plan")]);
    }
    say(
        "checks",
        bounded(&overview.checks, most, |check| {
            Phrase::default().code(&check.name).say(" ").text(&check.status)
        }),
    );
    say(
        "outputs",
        bounded(&overview.outputs, most, |output| {
            let action = output.actions.as_ref().map_or_else(String::new, |action| format!(" ({action})"));
            Phrase::default()
                .code(&output.name)
                .say(" = ")
                .code(&value::text(&output.value, limits))
                .text(&action)
        }),
    );
    facts
}

/// What stands at the top of the artifact.
fn head(overview: &Overview, facts: &mut Vec<Fact>) {
    let mut say = |key, text: Option<String>| {
        facts.extend(text.map(|text| Fact { key, lines: vec![Phrase::default().text(&text)] }));
    };
    let list = |list: &[String]| Some(list.join(", ")).filter(|list| !list.is_empty());
    say("format version", overview.format_version.clone());
    say("producer", overview.producer.clone());
    say("producer version", overview.producer_version.clone());
    say("timestamp", overview.timestamp.clone());
    say("mode", overview.mode.map(|mode| mode.to_string()));
    say("complete", overview.complete.map(|complete| complete.to_string()));
    say("errored", overview.errored.map(|errored| errored.to_string()));
    say("lineage", overview.lineage.clone());
    say("serial", overview.serial.map(|serial| serial.to_string()));
    say("backend", overview.backend.clone());
    say("workspace", overview.workspace.clone());
    say("targets", list(&overview.targets));
    say("excludes", list(&overview.excludes));
    say("force replace", list(&overview.force_replace));
    say("deferred", overview.deferred.map(|count| count.to_string()));
}

fn bounded<T>(all: &[T], most: usize, line: impl Fn(&T) -> Phrase) -> Vec<Phrase> {
    let mut lines: Vec<Phrase> = all.iter().take(most).map(line).collect();
    lines.extend(more(all.len().saturating_sub(lines.len())));
    lines
}

fn more(count: usize) -> Option<Phrase> {
    (count > 0).then(|| Phrase::words(format!("and {count} more, shown by -v")))
}

fn type_line(kind: &TypeCount) -> Phrase {
    let mut remarks: Vec<String> = Vec::new();
    if let Some(holds) = kind.holds.filter(|holds| *holds != Holds::Nothing) {
        remarks.push(format!("{}{}", holds.as_str(), if kind.assumed { ", assumed" } else { "" }));
    }
    if !kind.actions.is_empty() {
        remarks.push(numbers(&kind.actions));
    }
    let remarks = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join("; ")) };
    Phrase::default().code(&kind.type_name).text(&format!(" {}{remarks}", kind.count))
}

fn module_line(module: &ModuleCount) -> Phrase {
    let indent = "  ".repeat(module.depth);
    let name = if module.module.is_empty() { "(root)" } else { &module.module };
    let own = if module.own == module.total { String::new() } else { format!(", {} of its own", module.own) };
    let actions =
        if module.actions.is_empty() { String::new() } else { format!(" ({})", numbers(&module.actions)) };
    Phrase::words(indent).code(name).text(&format!(" {}{own}{actions}", module.total))
}

fn held(held: &tidelock_rules::overview::Held) -> Phrase {
    let assumed = if held.assumed { ", assumed" } else { "" };
    let action = held.actions.as_ref().filter(|action| !action.is_quiet());
    let action = action.map_or_else(String::new, |action| format!("; {action}"));
    Phrase::default()
        .code(&held.address.to_string())
        .text(&format!(" ({}{assumed}{action})", held.holds.as_str()))
}

/// `create 2, delete,create 1`.
fn numbers(counts: &BTreeMap<String, usize>) -> String {
    counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}
