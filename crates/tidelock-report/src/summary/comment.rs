//! The overview as Markdown: one table, and the gravest findings of the worst stacks.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::{Overview, Stack, screen::told};
use crate::{
    Detail,
    escape::{inert, printable},
    markdown::{Options, badge_of, code, inline, least},
};

/// Characters of a name that are written: one name must not use up the table.
const MAX_NAME: usize = 120;
/// Bytes kept free for the lines that say what is left out.
const RESERVE: usize = 256;
/// Findings of one stack that are named; the rest is counted.
const SHOWN: usize = 5;

/// Writes the table of all stacks, the worst first, then findings as far as there is room.
///
/// # Errors
/// Whatever `out` returns.
pub fn markdown(overview: &Overview, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let limit = least(options.max_bytes);
    let mut text = format!(
        "### tidelock: {}\n\n{} · exit {}\n\n",
        badge_of(&overview.verdict, overview.lead()),
        printable(&overview.counts()),
        overview.exit_code
    );
    if options.detail > Detail::Quiet {
        // Half of the room, if the table needs it.
        table(&mut text, overview, limit / 2);
        let left = limit.saturating_sub(text.len() + RESERVE);
        findings(&mut text, overview, left);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    out.write_all(inert(&text).as_bytes())
}

fn table(text: &mut String, overview: &Overview, max_bytes: usize) {
    text.push_str("| stack | asked | verdict | counts |\n| --- | --- | --- | --- |\n");
    let mut written = 0_usize;
    for stack in &overview.stacks {
        let row = format!(
            "| {} | {} | {} | {} |\n",
            name(stack),
            code(&printable(&stack.command)),
            badge_of(&stack.verdict, stack.lead()),
            stack.counts()
        );
        if text.len() + row.len() + RESERVE > max_bytes {
            break;
        }
        text.push_str(&row);
        written += 1;
    }
    if let Some(left) = overview.stacks.len().checked_sub(written).filter(|left| *left > 0) {
        let _ = writeln!(text, "\n{left} more stacks, none worse than these, are left out.");
    }
    text.push('\n');
}

fn name(stack: &Stack) -> String {
    let name = printable(&stack.name);
    match name.char_indices().nth(MAX_NAME) {
        Some((end, _)) => code(&format!("{}…", name.get(..end).unwrap_or_default())),
        None => code(&name),
    }
}

/// A section a stack, as many as have room.
fn findings(text: &mut String, overview: &Overview, max_bytes: usize) {
    let mut room = max_bytes;
    let mut left_out = 0_usize;
    for stack in overview.stacks.iter().filter(|stack| !stack.findings.is_empty()) {
        let section = section(stack);
        if left_out == 0 && section.len() <= room {
            room -= section.len();
            text.push_str(&section);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        let _ =
            writeln!(text, "Findings of {left_out} more stacks are left out; their own reports show them.");
    }
}

fn section(stack: &Stack) -> String {
    let mut text = format!("**{}** {}\n\n", badge_of(&stack.verdict, stack.lead()), name(stack));
    for finding in stack.findings.iter().take(SHOWN) {
        let _ = writeln!(text, "- {}", inline(&told(finding)));
    }
    if let Some(more) = stack.findings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let _ = writeln!(text, "- … and {more} more");
    }
    text.push('\n');
    text
}
