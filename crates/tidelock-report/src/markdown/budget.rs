//! Fits what is to be said into a limit: the gravest first, and what is left out is counted.

use crate::groups::GroupKind;

/// What is said about one input.
#[derive(Debug)]
pub(super) struct Section {
    /// Written above the first block that has room; empty for none.
    pub title: String,
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
/// Below this, not even that line and the verdict have room.
const LEAST: usize = 2_048;

/// `head`, and as many blocks as have room within `max_bytes`.
pub(super) fn fill(head: String, sections: &[Section], max_bytes: usize) -> String {
    let limit = max_bytes.max(LEAST);
    let mut left = limit.saturating_sub(head.len() + RESERVE);
    let mut chosen: Vec<Vec<Option<&str>>> =
        sections.iter().map(|section| vec![None; section.blocks.len()]).collect();
    for rank in [GroupKind::Stop, GroupKind::Decide, GroupKind::Ignore, GroupKind::Pending] {
        for (section, chosen) in sections.iter().zip(&mut chosen) {
            for (at, block) in section.blocks.iter().enumerate().filter(|(_, block)| block.rank == rank) {
                let opened = chosen.iter().any(Option::is_some);
                let title = if opened { 0 } else { section.title.len() };
                let forms = [Some(&block.text), block.short.as_ref()].into_iter().flatten();
                let fits = forms.map(String::as_str).find(|text| title + text.len() <= left);
                if let (Some(text), Some(slot)) = (fits, chosen.get_mut(at)) {
                    left -= title + text.len();
                    *slot = Some(text);
                }
            }
        }
    }
    let mut out = head;
    for (section, chosen) in sections.iter().zip(&chosen) {
        if chosen.iter().any(Option::is_some) {
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
    let mut counts = [0_usize; 4];
    let mut findings = 0_usize;
    let slots = sections.iter().flat_map(|section| &section.blocks).zip(chosen.iter().flatten());
    for (block, _) in slots.filter(|(_, slot)| slot.is_none()) {
        let at = match block.rank {
            GroupKind::Stop => 0,
            GroupKind::Decide => 1,
            GroupKind::Ignore => 2,
            GroupKind::Pending => 3,
        };
        if let Some(count) = counts.get_mut(at) {
            *count += block.resources;
        }
        findings += usize::from(block.resources == 0);
    }
    let words = ["to stop for", "to decide", "noise", "pending"];
    let parts: Vec<String> = counts
        .iter()
        .zip(words)
        .filter(|(count, _)| **count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    let total: usize = counts.iter().sum();
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
    format!("{} (the text is limited to {limit} bytes; `tidelock drift` shows everything)\n", said.join("; "))
}
