//! TL601 `looks-like-move`.

use tidelock_parse::refactor::Endpoint;

use crate::{
    catalogue::Holds,
    context::Context,
    moves::{self, Group, Leaving, Likeness, Object, Tangle},
    report::{Related, Severity},
    rule::{Draft, Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// What is destroyed here and created there looks like one object that moved.
    ///
    /// ## What it finds
    ///
    /// An instance that the plan destroys while it creates one of the same type and provider elsewhere that is called the
    /// same, or has nearly the same arguments. Only arguments that are known on both sides are compared; those that name the
    /// object (`name`, `identifier`, `bucket`, the `Name` tag) weigh most. Where each is the other's only best match, the
    /// finding offers the `moved` blocks: one for a whole module or block that was renamed, else one an instance, as when
    /// `count` became `for_each`. Where several match equally well, it lists them, best first, and offers none.
    ///
    /// ## Why it matters
    ///
    /// Renaming a block, a module or a key is an edit of text, but without a `moved` block the plan reads it as "destroy one
    /// thing, make another": the new database is empty.
    ///
    /// ## Example
    ///
    /// `module.db` was renamed to `module.database`. The plan destroys five resources and creates five, among them the
    /// database `orders`, which has the same `identifier` on both sides.
    ///
    /// ## What to do
    ///
    /// Paste the `moved` block beside the renamed block and plan again: the destroy and the create are gone. `tidelock gate
    /// --write-moves FILE` writes all of them. If they are two different objects, and the old one may go, there is nothing to
    /// do.
    ///
    /// ## What it misses
    ///
    /// Objects whose names differ, unless only their key or their module changed and all else is equal. A change of type.
    /// Where a type has thousands of instances on both sides, only those that share their name, all their known arguments or
    /// their address inside the module are compared.
    pub struct LooksLikeMove {
        code: "TL601",
        name: "looks-like-move",
        severity: "warn",
        commands: [Gate],
    }
}

/// Related instances that are listed; the blocks name all of them.
const LISTED: usize = 10;

impl Rule for LooksLikeMove {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let found = moves::find(context, Leaving::Destroyed);
        for group in moves::group(context, found.pairs) {
            if let Some(draft) = about_group(&group, sink) {
                sink.put(draft);
            }
        }
        for tangle in found.tangles.iter().filter(|tangle| is_worth_telling(tangle)) {
            if let Some(draft) = about_tangle(tangle, sink) {
                sink.put(draft);
            }
        }
    }
}

fn about_group(group: &Group<'_>, sink: &Sink<'_>) -> Option<Draft> {
    let first = group.pairs.first()?;
    let subject = first.old.subject;
    let noun = subject.facts.noun();
    let (from, to, count) = (&group.from, &group.to, group.pairs.len());
    let message = match (from, count) {
        (Endpoint::Module(_), 1) => {
            format!("{from} looks renamed to {to}: what it destroys is created there")
        }
        (Endpoint::Module(_), _) => {
            format!("{from} looks renamed to {to}: {count} resources that are destroyed are created there")
        }
        (_, 1) => format!("the {noun} looks moved to {to}: {}", in_words(first.likeness)),
        _ if from == to => format!("{count} instances of {from} look moved to other keys"),
        _ => format!("{from} looks renamed to {to}: {count} instances that are destroyed are created there"),
    };
    let stateful = group.pairs.iter().find(|pair| pair.old.subject.holds_something());
    let blocks = if group.hcl.matches("moved {").count() == 1 { "`moved` block" } else { "`moved` blocks" };
    let help = match stateful {
        Some(pair) => {
            let noun = pair.old.subject.facts.noun();
            format!("add the {blocks}: apply then keeps the {noun} instead of destroying it")
        }
        None => format!("add the {blocks}: apply then keeps what it would destroy and create again"),
    };
    let related = group.pairs.iter().take(LISTED).enumerate().flat_map(|(at, pair)| {
        let old = (at > 0).then(|| related(&pair.old, 1, "destroyed".to_owned()));
        let depth = if at > 0 { 2 } else { 1 };
        old.into_iter().chain([related(&pair.new, depth, format!("created, {}", in_words(pair.likeness)))])
    });
    Some(
        sink.about(subject.resource, Severity::Warn, message)
            .help(help)
            .related(related)
            .hcl(group.hcl.clone()),
    )
}

fn about_tangle(tangle: &Tangle<'_>, sink: &Sink<'_>) -> Option<Draft> {
    let (first, candidates) = tangle.entries.first()?;
    let (noun, count) = (first.subject.facts.noun(), tangle.entries.len());
    let message = if count == 1 {
        let created = candidates.len();
        format!(
            "the {noun} may have moved: {created} that are created look like it, so nobody can tell which it is"
        )
    } else {
        format!(
            "{count} instances may have moved: what is created looks like several of them, so nobody can tell which is which"
        )
    };
    let help = format!(
        "if it moved, write a `moved` block to the address that it has now; apply then keeps the {noun}"
    );
    let related = tangle.entries.iter().take(LISTED).enumerate().flat_map(|(at, (old, ranked))| {
        let depth = if at > 0 { 2 } else { 1 };
        let old = (at > 0).then(|| related(old, 1, "destroyed".to_owned()));
        let ranked = ranked.iter().take(LISTED);
        let ranked = ranked
            .map(move |(new, likeness)| related(new, depth, format!("created, {}", in_words(*likeness))));
        old.into_iter().chain(ranked)
    });
    let related: Vec<Related> = related.take(LISTED * 3).collect();
    Some(sink.about(first.subject.resource, Severity::Warn, message).help(help).related(related))
}

fn related(object: &Object<'_>, depth: usize, role: String) -> Related {
    Related { address: object.subject.address().clone(), depth, role: Some(role) }
}

fn in_words(likeness: Likeness) -> String {
    match (likeness.equal, likeness.known) {
        (_, 0) => "nothing of it is known before apply".to_owned(),
        (1, 1) => "the one argument that is known is equal".to_owned(),
        (equal, known) if equal == known => format!("all {known} known arguments are equal"),
        (equal, known) => format!("{equal} of {known} known arguments are equal"),
    }
}

/// Objects that hold nothing and look alike are no loss, whichever became which.
fn is_worth_telling(tangle: &Tangle<'_>) -> bool {
    tangle.entries.iter().any(|(old, _)| old.subject.facts.holds != Holds::Nothing)
}
