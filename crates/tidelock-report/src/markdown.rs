//! The report as Markdown for a comment on a pull request or a job summary: verdict first, details folded,
//! never longer than the forge takes.

mod budget;
mod escape;
mod gate;

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use tidelock_rules::report::{Finding, Report, Reports, Verdict};

pub(crate) use self::{budget::least, escape::code};
use self::{
    budget::{Block, Section},
    escape::{fence, html_code, prose},
};
use crate::{
    Detail,
    escape::{inert, lines, printable},
    groups::{Entry, GroupKind, Groups},
    headline::{self, View},
    phrase::{self, Phrase, Piece},
    rows::{self, About, Below, Row, Scope},
    value::Limits,
};

/// Bytes that a comment may have on GitHub, which counts 65,536 characters.
pub const COMMENT_BYTES: usize = 65_536;

/// How much is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Upper limit of the whole text, in bytes; at least 2,048 are used.
    pub max_bytes: usize,
    /// How much is shown, within the limit.
    pub detail: Detail,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_bytes: COMMENT_BYTES, detail: Detail::Normal }
    }
}

impl Options {
    pub(crate) const fn scope(self) -> Scope {
        let (chars, elements) = match self.detail {
            Detail::Verbose => (2_000, 50),
            _ => (160, 6),
        };
        Scope { detail: self.detail, limits: Limits { chars, elements, ellipsis: "…" } }
    }
}

/// Writes one report.
///
/// # Errors
/// Whatever `out` returns.
pub fn report(report: &Report, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let view = View::of(report);
    let head = format!(
        "### tidelock: {}\n\n{} · exit {}\n\n",
        badge(report.verdict, headline::lead(report)),
        headline::counts(report, &view),
        report.exit_code
    );
    let section = section(report, &view, String::new(), *options);
    out.write_all(inert(&budget::fill(head, &[section], options.max_bytes)).as_bytes())
}

/// Writes several reports: a table of the inputs, then what is to be said about each.
///
/// # Errors
/// Whatever `out` returns.
pub fn reports(reports: &Reports, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let mut head = format!(
        "### tidelock: {}\n\n{} · exit {}\n\n",
        badge(reports.verdict, headline::lead_of_all(reports)),
        headline::of_all(reports),
        reports.exit_code
    );
    head.push_str(&overview(reports, options.max_bytes / 4));
    let section = |report| {
        let view = View::of(report);
        let title =
            format!("#### {} · {}\n\n", code(&printable(&headline::name(report))), headline::lead(report));
        self::section(report, &view, title, *options)
    };
    let sections: Vec<Section> = reports.reports.iter().map(section).collect();
    out.write_all(inert(&budget::fill(head, &sections, options.max_bytes)).as_bytes())
}

/// The verdict as the headline says it, with a symbol that is seen from afar.
fn badge(verdict: Verdict, words: &str) -> String {
    format!("{} {words}", symbol(verdict.as_str()))
}

/// A verdict that was read, with its symbol, and how the headline says it; one that this version does not know alarms.
pub(crate) fn badge_of(verdict: &str, words: &str) -> String {
    format!("{} {}", symbol(verdict), prose(&printable(words)))
}

fn symbol(verdict: &str) -> &'static str {
    match verdict {
        "clear" | "noise" => "✅",
        "drift" | "decide" => "⚠️",
        _ => "⛔",
    }
}

/// One line an input, the worst first where not all have room.
fn overview(reports: &Reports, max_bytes: usize) -> String {
    let mut rows: Vec<(u8, String)> = Vec::new();
    for report in &reports.reports {
        let name = code(&printable(&headline::name(report)));
        let counts = headline::counts(report, &View::of(report));
        let row = format!(
            "| {name} | {} | {counts} | {} |\n",
            badge(report.verdict, headline::lead(report)),
            report.exit_code
        );
        rows.push((report.exit_code, row));
    }
    let all: usize = rows.iter().map(|(_, row)| row.len()).sum();
    if all > max_bytes {
        rows.sort_by_key(|(exit, _)| std::cmp::Reverse(*exit));
    }
    let mut table = String::from("| input | verdict | counts | exit |\n| --- | --- | --- | --- |\n");
    let mut left = 0_usize;
    for (_, row) in &rows {
        if left == 0 && table.len() + row.len() <= max_bytes { table.push_str(row) } else { left += 1 }
    }
    if left > 0 {
        let _ = writeln!(table, "\n{left} more inputs, none worse than these, are left out.");
    }
    table.push('\n');
    table
}

fn section(report: &Report, view: &View<'_>, title: String, options: Options) -> Section {
    let scope = options.scope();
    let blocks = match view {
        _ if options.detail == Detail::Quiet => Vec::new(),
        View::Drift(groups) => drift(report, groups, scope),
        View::Gate(gate) => gate::blocks(report, gate, scope),
    };
    Section { title, command: report.command, blocks }
}

fn drift(report: &Report, groups: &Groups<'_>, scope: Scope) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (kind, group) in [(GroupKind::Stop, &groups.stop), (GroupKind::Decide, &groups.decide)] {
        blocks.extend(group.findings.iter().map(|finding| lone_finding(kind, finding)));
        blocks.extend(group.entries.iter().map(|entry| resource(kind, entry, scope)));
    }
    blocks.extend(groups.ignore.findings.iter().map(|finding| lone_finding(GroupKind::Ignore, finding)));
    blocks.extend(remarks(report, groups));
    blocks.extend(noise(groups, scope));
    blocks.extend(pending(groups, scope));
    blocks
}

fn lone_finding(kind: GroupKind, finding: &Finding) -> Block {
    let mut text = title(kind, &headline::subject(finding), finding.locations.first());
    text.extend(rows::finding(finding).iter().map(item));
    text.push('\n');
    Block { rank: kind, text, short: None, resources: 0 }
}

fn title(kind: GroupKind, subject: &str, place: Option<&tidelock_rules::report::Location>) -> String {
    let subject = code(&printable(subject));
    let place =
        place.map_or_else(String::new, |place| format!(" — {}", code(&printable(&place.to_string()))));
    format!("**{}** {subject}{place}\n\n", kind.word())
}

/// Rows of a resource that are written; the rest is counted.
const MAX_ROWS: usize = 24;

fn resource(kind: GroupKind, entry: &Entry<'_>, scope: Scope) -> Block {
    let resource = entry.resource;
    let head = title(kind, &resource.address.to_string(), resource.location.as_ref());
    let rows = rows::resource(entry, kind, scope);
    let text = format!("{head}{}", items(&rows));
    let count = resource.divergences.len();
    let paths = if count == 1 { "path" } else { "paths" };
    let short = format!("{head}- {count} {paths}, details left out\n\n");
    Block { rank: kind, text, short: Some(short), resources: 1 }
}

/// Facts as a list, ways out as a folded one.
fn items(rows: &[Row]) -> String {
    let (facts, ways): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.about == About::Fact);
    let mut text = String::new();
    text.extend(facts.iter().take(MAX_ROWS).map(|row| item(row)));
    if let Some(more) = facts.len().checked_sub(MAX_ROWS).filter(|more| *more > 0) {
        let _ = writeln!(text, "- … and {more} more");
    }
    text.push('\n');
    if !ways.is_empty() {
        text.push_str("<details><summary>ways out</summary>\n\n");
        text.extend(ways.iter().take(MAX_ROWS).map(|row| item(row)));
        text.push_str("\n</details>\n\n");
    }
    text
}

/// One row as an item of a list.
pub(crate) fn item(row: &Row) -> String {
    let key = match &row.key {
        rows::Key::Word(word) => prose(&printable(word)),
        rows::Key::Path(path) => code(&printable(path)),
    };
    let mut text = format!("- {key}");
    let mut separator = ": ";
    if let Some(command) = &row.command {
        text.push_str(separator);
        text.push_str(&code(command));
        separator = "; ";
    }
    if !row.text.is_empty() {
        text.push_str(separator);
        text.push_str(&inline(&row.text));
    }
    if !row.codes.is_empty() {
        let _ = write!(text, " ({})", row.codes.join(", "));
    }
    text.push('\n');
    below(&mut text, &row.below);
    text
}

/// What follows an item: a list in it, or a block of code in it.
fn below(text: &mut String, below: &Below) {
    match below {
        Below::Nothing => {}
        Below::Tree(branches) => {
            for branch in branches {
                let indent = "  ".repeat(branch.depth + 1);
                let _ = writeln!(text, "{indent}- {}", inline(&branch.text));
            }
        }
        Below::Block(block) => {
            let fence = fence(block);
            let _ = writeln!(text, "\n  {fence}hcl");
            for line in lines(block) {
                let indent = if line.is_empty() { "" } else { "  " };
                let _ = writeln!(text, "{indent}{line}");
            }
            let _ = writeln!(text, "  {fence}\n");
        }
    }
}

/// A phrase within a line.
pub(crate) fn inline(phrase: &Phrase) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Words(words) => prose(words),
        Piece::Code(text) => code(text),
    };
    phrase.pieces().iter().map(piece).collect()
}

/// A phrase where Markdown is not read.
fn inline_html(phrase: &Phrase) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Words(words) => words.replace('&', "&amp;").replace('<', "&lt;"),
        Piece::Code(text) => html_code(text),
    };
    phrase.pieces().iter().map(piece).collect()
}

/// Items of a folded list that are written; the rest is counted.
const MAX_ITEMS: usize = 100;

fn folded(rank: GroupKind, summary: &str, items: &[String]) -> Block {
    let mut text = format!("<details><summary>{summary}</summary>\n\n");
    text.extend(items.iter().take(MAX_ITEMS).map(String::as_str));
    if let Some(more) = items.len().checked_sub(MAX_ITEMS).filter(|more| *more > 0) {
        let _ = writeln!(text, "- … and {more} more");
    }
    text.push_str("\n</details>\n\n");
    let short = format!("<details><summary>{summary}</summary>\n\nleft out\n\n</details>\n\n");
    Block { rank, text, short: Some(short), resources: items.len() }
}

fn noise(groups: &Groups<'_>, scope: Scope) -> Option<Block> {
    let summary = format!("ignore — {}", inline_html(&groups.noise()?));
    let items: Vec<String> = groups.ignore.entries.iter().map(|entry| one_line(entry, scope)).collect();
    Some(folded(GroupKind::Ignore, &summary, &items))
}

fn pending(groups: &Groups<'_>, scope: Scope) -> Option<Block> {
    let count = groups.pending.len();
    let items: Vec<String> = groups.pending.iter().map(|entry| one_line(entry, scope)).collect();
    (count > 0).then(|| folded(GroupKind::Pending, &format!("pending — {count} without drift"), &items))
}

/// A resource and what happened to it, as one item.
fn one_line(entry: &Entry<'_>, scope: Scope) -> String {
    const SHOWN: usize = 4;
    let resource = entry.resource;
    let what = resource.divergences.iter().take(SHOWN).fold(Phrase::default(), |all, divergence| {
        let path = if divergence.path.is_root() {
            Phrase::default()
        } else {
            Phrase::default().code(&divergence.path.to_string()).say(" ")
        };
        all.then("; ", path.then("", phrase::divergence(resource, divergence, scope.limits)))
    });
    let what = match resource.divergences.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => what.say(format!("; and {more} more")),
        None => what,
    };
    let moved = resource
        .previous_address
        .as_ref()
        .map_or_else(Phrase::default, |previous| Phrase::words("moved from ").code(&previous.to_string()));
    let codes: Vec<&str> = entry.findings.iter().map(|finding| finding.code).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    let address = code(&printable(&resource.address.to_string()));
    format!("- {address}: {}{codes}\n", inline(&moved.then("; ", what)))
}

/// What is not about resources, and what somebody accepted.
fn remarks(report: &Report, groups: &Groups<'_>) -> Option<Block> {
    let told = groups.remarks().into_iter().chain(groups.asides.iter().map(|finding| rows::aside(finding)));
    let waived = groups
        .waived
        .iter()
        .map(|finding| Phrase::words(format!("waived: {} ", finding.code)).code(&headline::subject(finding)));
    notes(report, told, waived)
}

/// A list of remarks: about the mode, `first`, about the input, `last`.
fn notes(
    report: &Report,
    first: impl Iterator<Item = Phrase>,
    last: impl Iterator<Item = Phrase>,
) -> Option<Block> {
    let mode = headline::mode(report).map(Phrase::words);
    let told = report.notes.iter().map(|note| Phrase::default().text(&note.message));
    let items = mode.into_iter().chain(first).chain(told).chain(last);
    let items: Vec<String> = items.map(|note| format!("- {}\n", inline(&note))).collect();
    if items.is_empty() {
        return None;
    }
    let mut text = String::from("notes\n\n");
    text.extend(items.iter().take(MAX_ITEMS).map(String::as_str));
    if let Some(more) = items.len().checked_sub(MAX_ITEMS).filter(|more| *more > 0) {
        let _ = writeln!(text, "- … and {more} more");
    }
    text.push('\n');
    Some(Block { rank: GroupKind::Ignore, text, short: None, resources: 0 })
}
