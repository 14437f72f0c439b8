//! The report for people: what to stop for, what to decide, what to ignore; then verdict and counts.

mod gate;
mod page;

use std::io::{self, Write};

use tidelock_rules::report::{Finding, Report, Reports, Verdict};

pub(crate) use self::page::{Label, Page, Tone};
use crate::{
    Detail,
    escape::inert,
    groups::{Entry, Group, GroupKind, Groups},
    headline::{self, View},
    phrase::{self, Phrase},
    rows::{self, Scope},
    value::Limits,
};

/// How the text looks; the content does not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Columns of the terminal; at least 40 are used.
    pub width: usize,
    /// Whether to write colours.
    pub color: Color,
    /// Whether our own symbols may go beyond ASCII.
    pub symbols: Symbols,
    /// How much is shown.
    pub detail: Detail,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 100, color: Color::Never, symbols: Symbols::Unicode, detail: Detail::Normal }
    }
}

/// Whether to write ANSI colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    #[default]
    Never,
    /// ANSI escape sequences.
    Always,
}

/// Which symbols are at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symbols {
    /// `…`
    #[default]
    Unicode,
    /// `...`
    Ascii,
}

impl Options {
    pub(crate) fn limits(&self) -> Limits {
        let ellipsis = match self.symbols {
            Symbols::Unicode => "…",
            Symbols::Ascii => "...",
        };
        match self.detail {
            Detail::Verbose => Limits { ellipsis, ..Limits::NONE },
            _ => Limits { chars: 120, elements: 4, ellipsis },
        }
    }
}

/// Writes one report.
///
/// # Errors
/// Whatever `out` returns.
pub fn report(report: &Report, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let mut page = Page::new(options);
    let view = View::of(report);
    body(&mut page, report, &view, options);
    headline(&mut page, report, &view);
    out.write_all(inert(page.text()).as_bytes())
}

/// Writes several reports, each under the name of its input, and a line that sums them up.
///
/// # Errors
/// Whatever `out` returns.
pub fn reports(reports: &Reports, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let mut page = Page::new(options);
    for report in &reports.reports {
        let view = View::of(report);
        if options.detail > Detail::Quiet {
            page.title(&headline::name(report));
            body(&mut page, report, &view, options);
            headline(&mut page, report, &view);
            page.blank();
        } else {
            page.verdict(
                tone(report.verdict),
                &format!("{}: {}", headline::name(report), headline::of(report, &view)),
                report.exit_code,
            );
        }
    }
    let total = format!("{}: {}", headline::lead_of_all(reports), headline::of_all(reports));
    page.verdict(tone(reports.verdict), &total, reports.exit_code);
    out.write_all(inert(page.text()).as_bytes())
}

fn body(page: &mut Page, report: &Report, view: &View<'_>, options: &Options) {
    if options.detail == Detail::Quiet {
        return;
    }
    let before = page.len();
    if options.detail == Detail::Verbose {
        input(page, report);
    }
    let scope = Scope { detail: options.detail, limits: options.limits() };
    match view {
        View::Drift(groups) => drift(page, report, groups, scope),
        View::Gate(gate) => gate::body(page, report, gate, scope),
    }
    notes(page, report);
    if page.len() > before {
        page.blank();
    }
}

fn drift(page: &mut Page, report: &Report, groups: &Groups<'_>, scope: Scope) {
    group(page, GroupKind::Stop, &groups.stop, scope);
    group(page, GroupKind::Decide, &groups.decide, scope);
    if scope.detail == Detail::Verbose {
        group(page, GroupKind::Ignore, &groups.ignore, scope);
        for entry in &groups.pending {
            pending(page, entry, scope);
        }
        outputs(page, report, scope);
        waived(page, groups);
    } else {
        folded(page, groups);
    }
    for finding in &groups.asides {
        page.line(Label::Note, &rows::aside(finding));
    }
}

fn headline(page: &mut Page, report: &Report, view: &View<'_>) {
    page.verdict(tone(report.verdict), &headline::of(report, view), report.exit_code);
}

const fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Blocked => Tone::Stop,
        Verdict::Drift | Verdict::Decide => Tone::Decide,
        _ => Tone::Good,
    }
}

fn group(page: &mut Page, kind: GroupKind, group: &Group<'_>, scope: Scope) {
    for finding in &group.findings {
        lone_finding(page, kind, finding);
    }
    for entry in &group.entries {
        resource(page, kind, entry, scope);
    }
}

/// A finding about the whole input, or about a resource that the group does not list.
fn lone_finding(page: &mut Page, kind: GroupKind, finding: &Finding) {
    page.heading(kind.into(), &headline::subject(finding), finding.locations.first());
    page.rows(&rows::finding(finding));
}

fn resource(page: &mut Page, kind: GroupKind, entry: &Entry<'_>, scope: Scope) {
    let resource = entry.resource;
    page.heading(kind.into(), &resource.address.to_string(), resource.location.as_ref());
    page.rows(&rows::resource(entry, kind, scope));
}

/// One line where there is no more to say than what apply does to the whole instance.
fn pending(page: &mut Page, entry: &Entry<'_>, scope: Scope) {
    let resource = entry.resource;
    match resource.divergences.as_slice() {
        [only] if only.path.is_root() && entry.findings.is_empty() && resource.previous_address.is_none() => {
            let what = phrase::divergence(resource, only, scope.limits);
            let address = Phrase::default().code(&resource.address.to_string());
            page.line(GroupKind::Pending.into(), &address.then(": ", what));
        }
        _ => self::resource(page, GroupKind::Pending, entry, scope),
    }
}

/// The ignore group as one line.
fn folded(page: &mut Page, groups: &Groups<'_>) {
    for finding in &groups.ignore.findings {
        lone_finding(page, GroupKind::Ignore, finding);
    }
    if let Some(noise) = groups.noise() {
        page.line(GroupKind::Ignore.into(), &noise);
    }
    if let Some(remarks) = groups.remarks() {
        page.line(Label::Note, &remarks.say("; shown by -v"));
    }
}

fn waived(page: &mut Page, groups: &Groups<'_>) {
    for finding in &groups.waived {
        if let Some(waived) = &finding.waived {
            page.heading(Label::Waived, &headline::subject(finding), finding.locations.first());
            page.rows(&rows::waived(finding, waived));
        }
    }
}

fn outputs(page: &mut Page, report: &Report, scope: Scope) {
    for output in report.outputs.iter().filter(|output| !output.actions.is_quiet()) {
        page.line(Label::Output, &phrase::output(output, scope.limits));
    }
}

/// What was read.
fn input(page: &mut Page, report: &Report) {
    let input = &report.input;
    let part = |text: &Option<String>| {
        text.as_ref().map_or_else(Phrase::default, |text| Phrase::default().code(text))
    };
    let text = part(&input.kind)
        .then(" ", part(&input.format_version))
        .then(", ", part(&input.producer).then(" ", part(&input.producer_version)))
        .then(", made ", part(&input.timestamp))
        .then(", stack ", part(&input.stack))
        .then(", workspace ", part(&input.workspace))
        .then(", commit ", part(&input.commit))
        .then(", lineage ", part(&input.lineage));
    if !text.is_empty() {
        page.line(Label::Input, &text);
    }
}

fn notes(page: &mut Page, report: &Report) {
    if let Some(mode) = headline::mode(report) {
        page.line(Label::Note, &Phrase::words(mode));
    }
    for note in &report.notes {
        page.line(Label::Note, &Phrase::default().text(&note.message));
    }
}
