//! Fits what is to be said into a limit: the gravest first, and what is left out is counted.

use std::collections::BTreeMap;

use tidelock_rules::report::Command;

use crate::groups::GroupKind;

/// What is said about one input.
#[derive(Debug)]
pub(super) struct Section {
    /// Written above the first block that has room; empty for none.
    pub title: String,
    /// Shows everything where the text is too long.
    pub command: Command,
    pub blocks: Vec<Block>,
}

/// Something that is written wholly or not at all.
#[derive(Debug)]
pub(super) struct Block {
    pub rank: GroupKind,
    pub text: String,
    /// Written where the text has no room.
    pub short: Option<String>,
    /// Resources that are left out with the block.
    pub resources: usize,
}

/// Bytes kept free for the line that says what is left out.
const RESERVE: usize = 512;
/// Blocks of one kind that are written in their short form; more of those tell nobody anything, and are counted.
const MAX_SHORT: usize = 20;
/// Below this, not even that line and the verdict have room.
const LEAST: usize = 2_048;

/// The limit that is kept to.
pub(crate) fn least(max_bytes: usize) -> usize {
    max_bytes.max(LEAST)
}

/// `head`, and as many blocks as have room within `max_bytes`.
pub(super) fn fill(head: String, sections: &[Section], max_bytes: usize) -> String {
    let limit = least(max_bytes);
    let mut left = limit.saturating_sub(head.len() + RESERVE);
    let mut chosen: Vec<Vec<Option<&str>>> =
        sections.iter().map(|section| vec![None; section.blocks.len()]).collect();
    let mut opened = vec![false; sections.len()];
    for rank in GroupKind::ALL {
        let mut shortened = 0;
        for ((section, chosen), opened) in sections.iter().zip(&mut chosen).zip(&mut opened) {
            for (at, block) in section.blocks.iter().enumerate().filter(|(_, block)| block.rank == rank) {
                let title = if *opened { 0 } else { section.title.len() };
                let short = block.short.as_ref().filter(|_| shortened < MAX_SHORT);
                let mut forms = [Some(&block.text), short].into_iter().flatten();
                let fits = forms.find(|text| title + text.len() <= left);
                if let (Some(text), Some(slot)) = (fits, chosen.get_mut(at)) {
                    shortened += usize::from(text.len() < block.text.len());
                    left -= title + text.len();
                    *slot = Some(text);
                    *opened = true;
                }
            }
        }
    }
    let mut out = head;
    for ((section, chosen), opened) in sections.iter().zip(&chosen).zip(opened) {
        if opened {
            out.push_str(&section.title);
        }
        out.extend(chosen.iter().flatten().copied());
    }
    out.push_str(&left_out(sections, &chosen, limit));
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// One line about everything that had no room; empty if everything had.
fn left_out(sections: &[Section], chosen: &[Vec<Option<&str>>], limit: usize) -> String {
    let mut counts: BTreeMap<GroupKind, usize> = BTreeMap::new();
    let mut findings = 0_usize;
    let slots = sections.iter().flat_map(|section| &section.blocks).zip(chosen.iter().flatten());
    for (block, _) in slots.filter(|(_, slot)| slot.is_none()) {
        *counts.entry(block.rank).or_default() += block.resources;
        findings += usize::from(block.resources == 0);
    }
    let parts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(kind, count)| format!("{count} {}", kind.counted()))
        .collect();
    let total: usize = counts.values().sum();
    let mut said = Vec::new();
    if total > 0 {
        let plural = if total == 1 { "" } else { "s" };
        said.push(format!("{total} more resource{plural} left out: {}", parts.join(", ")));
    }
    if findings > 0 {
        let plural = if findings == 1 { "" } else { "s" };
        said.push(format!("{findings} more remark{plural} left out"));
    }
    if said.is_empty() {
        return String::new();
    }
    let command = sections.first().map_or("drift", |section| section.command.as_str());
    format!(
        "{} (the text is limited to {limit} bytes; `tidelock {command}` shows everything)\n",
        said.join("; ")
    )
}
