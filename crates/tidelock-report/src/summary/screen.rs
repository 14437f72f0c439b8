//! The overview for people at a terminal or in a log.

use std::io::{self, Write};

use super::{Overview, Stack, StackFinding};
use crate::{
    Detail,
    escape::inert,
    human::{Label, Options, Page, Tone},
    phrase::Phrase,
};

/// Findings of one stack that are named; the rest is counted.
const SHOWN: usize = 3;

/// Writes a line for each stack that asks for something, with its gravest findings; the others are counted, or named
/// in detail.
///
/// # Errors
/// Whatever `out` returns.
pub fn human(overview: &Overview, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let mut page = Page::new(options);
    if options.detail > Detail::Quiet {
        let (asking, quiet) = overview.split();
        for stack in asking {
            entry(&mut page, stack, options.detail);
        }
        if options.detail == Detail::Verbose {
            for stack in quiet {
                entry(&mut page, stack, options.detail);
            }
        } else if !quiet.is_empty() && !asking.is_empty() {
            let plural = if quiet.len() == 1 { "stack asks" } else { "stacks ask" };
            page.line(Label::Note, &Phrase::words(format!("{} more {plural} for nothing", quiet.len())));
        }
        if page.len() > 0 {
            page.blank();
        }
    }
    let headline = format!("{}: {}", overview.lead(), overview.counts());
    page.verdict(tone(&overview.verdict), &headline, overview.exit_code);
    out.write_all(inert(page.text()).as_bytes())
}

fn tone(verdict: &str) -> Tone {
    match verdict {
        "clear" | "noise" => Tone::Good,
        "drift" => Tone::Decide,
        _ => Tone::Stop,
    }
}

fn entry(page: &mut Page, stack: &Stack, detail: Detail) {
    let counts = Phrase::words(stack.counts());
    let asked = Phrase::default().code(&stack.name).say(" (").text(&stack.command).say(")");
    page.titled(tone(&stack.verdict), stack.lead(), &asked.then(": ", counts));
    let limit = if detail == Detail::Verbose { usize::MAX } else { SHOWN };
    for finding in stack.findings.iter().take(limit) {
        page.line(Label::Blank, &told(finding));
    }
    if let Some(more) = stack.findings.len().checked_sub(limit).filter(|more| *more > 0) {
        page.line(Label::Blank, &Phrase::words(format!("and {more} more")));
    }
}

/// `TL201 aws_s3_bucket.logs: apply destroys the bucket`.
pub(super) fn told(finding: &StackFinding) -> Phrase {
    let subject = match &finding.address {
        Some(address) => Phrase::default().code(address),
        None => Phrase::words("the whole plan"),
    };
    Phrase::default().text(&finding.code).say(" ").then("", subject).say(": ").text(&finding.message)
}
