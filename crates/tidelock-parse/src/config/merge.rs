//! Override files: how a block of one changes the block it overrides.
//!
//! Rules as observed with Terraform 1.11 and read from the sources of OpenTofu: arguments merge by name, nested
//! blocks by type (all or none), and `lifecycle` argument by argument with three exceptions.

use std::collections::BTreeSet;

use super::{
    lifecycle::ignores_all,
    syntax::{Attr, Block, Body, ExprKind},
};

/// Merges the body of an overriding block into that of its base.
pub(crate) fn merge(base: &mut Body, mut over: Body) {
    // Both are errors in an override file.
    over.attrs.retain(|attr| &*attr.name != "depends_on");
    let lifecycles: Vec<Block> = extract(&mut over.blocks, "lifecycle");
    for lifecycle in lifecycles {
        if let Some(own) = base.blocks.iter_mut().find(|block| &*block.kind == "lifecycle") {
            merge_lifecycle(&mut own.body, lifecycle.body);
        } else {
            let mut own = Block { body: Body::default(), ..lifecycle };
            merge_lifecycle(&mut own.body, lifecycle.body);
            base.blocks.push(own);
        }
    }
    let names: BTreeSet<Box<str>> = over
        .attrs
        .iter()
        .map(|attr| attr.name.clone())
        .chain(over.blocks.iter().map(|block| argument(block).into()))
        .collect();
    base.attrs.retain(|attr| !names.contains(&attr.name));
    base.blocks.retain(|block| !names.contains(argument(block)));
    // `count` and `for_each` exclude each other, so one in the override replaces the other.
    for (one, other) in [("count", "for_each"), ("for_each", "count")] {
        if names.contains(one) {
            base.attrs.retain(|attr| &*attr.name != other);
        }
    }
    base.attrs.append(&mut over.attrs);
    base.blocks.append(&mut over.blocks);
}

/// The argument that a block sets: a `dynamic` block sets what its label says.
pub(crate) fn argument(block: &Block) -> &str {
    if &*block.kind == "dynamic" { block.label(0) } else { &block.kind }
}

fn extract(blocks: &mut Vec<Block>, kind: &str) -> Vec<Block> {
    let (taken, kept) = std::mem::take(blocks).into_iter().partition(|block| &*block.kind == kind);
    *blocks = kept;
    taken
}

fn merge_lifecycle(base: &mut Body, over: Body) {
    for attr in over.attrs {
        match &*attr.name {
            "create_before_destroy" | "prevent_destroy" | "destroy" => replace(base, attr),
            "ignore_changes" => merge_ignore_changes(base, attr),
            // `replace_triggered_by` is silently dropped, `enabled` is not merged, conditions are errors.
            _ => {}
        }
    }
}

/// `all` stays, wherever it is written; otherwise a list that is not empty replaces the whole list.
fn merge_ignore_changes(base: &mut Body, over: Attr) {
    let keeps_all = base.attr("ignore_changes").is_some_and(|attr| ignores_all(&attr.value));
    let empty = matches!(&over.value.kind, ExprKind::Tuple(items) if items.is_empty());
    if !keeps_all && !empty {
        replace(base, over);
    }
}

fn replace(body: &mut Body, attr: Attr) {
    body.attrs.retain(|own| own.name != attr.name);
    body.attrs.push(attr);
}
