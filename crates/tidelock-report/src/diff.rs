//! What differs between two artifacts: for people, for programs, for a comment.

mod told;

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use tidelock_rules::diff::{Diff, DiffVerdict};

use self::told::{Kind, Told};
use crate::{
    Detail,
    escape::inert,
    human::{self, Page, Tone},
    markdown::{self, inline, item, least},
};

/// JSON Schema of what [`json`] writes. Additions keep the version; readers must accept fields they do not know.
pub const SCHEMA: &str = include_str!("../schema/diff-1.json");

/// Entries that are written unless everything is asked for; the rest is counted.
const MAX_ENTRIES: usize = 100;

/// Writes it for people.
///
/// # Errors
/// Whatever `out` returns.
pub fn human(diff: &Diff, options: &human::Options, out: &mut impl Write) -> io::Result<()> {
    let mut page = Page::new(options);
    if options.detail > Detail::Quiet {
        let all = options.detail == Detail::Verbose;
        let told = told::entries(diff, options.detail, options.limits());
        let most = if all { usize::MAX } else { MAX_ENTRIES };
        for entry in told.iter().take(most) {
            page.titled(tone(entry.kind), entry.kind.word(), &entry.head);
            page.rows(&entry.rows);
        }
        if let Some(more) = told.len().checked_sub(most).filter(|more| *more > 0) {
            page.titled(Tone::Quiet, "more", &told::more(more));
        }
        for note in told::notes(diff, options.detail) {
            page.titled(Tone::Quiet, "note", &note);
        }
        if page.len() > 0 {
            page.blank();
        }
    }
    let tone = if diff.verdict == DiffVerdict::Different { Tone::Decide } else { Tone::Good };
    page.verdict(tone, &format!("{}: {}", diff.verdict, told::counts(diff)), diff.exit_code);
    out.write_all(inert(page.text()).as_bytes())
}

/// Writes it as JSON, indented by two spaces, with a final newline: the published contract, see [`SCHEMA`].
///
/// # Errors
/// Whatever `out` returns.
pub fn json(diff: &Diff, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, diff)?;
    writeln!(out)
}

/// Bytes kept free for the line that says what is left out.
const RESERVE: usize = 256;

/// Writes it as Markdown, never longer than asked for.
///
/// # Errors
/// Whatever `out` returns.
pub fn markdown(diff: &Diff, options: &markdown::Options, out: &mut impl Write) -> io::Result<()> {
    let limit = least(options.max_bytes);
    let badge = if diff.verdict == DiffVerdict::Different { "⚠️" } else { "✅" };
    let mut text = format!(
        "### tidelock: {badge} {}\n\n{} · exit {}\n\n",
        diff.verdict,
        told::counts(diff),
        diff.exit_code
    );
    if options.detail > Detail::Quiet {
        for note in told::notes(diff, options.detail) {
            let _ = writeln!(text, "- {}", inline(&note));
        }
        text.push('\n');
        let told = told::entries(diff, options.detail, options.scope().limits);
        let mut left = 0;
        for entry in &told {
            let block = block(entry);
            if text.len() + block.len() + RESERVE > limit {
                left += 1;
            } else {
                text.push_str(&block);
            }
        }
        if left > 0 {
            let _ = writeln!(
                text,
                "{left} more left out (the text is limited to {limit} bytes; `tidelock diff` shows everything)"
            );
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    out.write_all(inert(&text).as_bytes())
}

fn block(entry: &Told) -> String {
    let mut text = format!("**{}** {}\n\n", entry.kind.word(), inline(&entry.head));
    if !entry.rows.is_empty() {
        text.extend(entry.rows.iter().map(item));
        text.push('\n');
    }
    text
}

const fn tone(kind: Kind) -> Tone {
    match kind {
        Kind::Removed | Kind::Lineage => Tone::Stop,
        Kind::Cosmetic => Tone::Quiet,
        _ => Tone::Decide,
    }
}
