//! TL207 `replacement-cascade`.

use tidelock_parse::Action;

use crate::{
    cascade::{self, Cascade},
    context::{Context, Subject},
    influence::Influences,
    replacement,
    report::{Related, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
    wording,
};

/// Most instances of a tree that are listed.
const MOST_LISTED: usize = 100;

declare_rule! {
    /// One change makes other instances be replaced.
    ///
    /// ## What it finds
    ///
    /// A change that nothing else in the plan is behind, and the replacements that follow from it: through an argument that refers to
    /// it and forces a replacement, a value that is known only after apply, a data source that is read during apply, or
    /// `replace_triggered_by`. It is told once, at the root, with the tree of what it takes along.
    ///
    /// ## Why it matters
    ///
    /// The plan lists ten replacements, and nine of them are not the problem: there is one line to change.
    ///
    /// ## Example
    ///
    /// A subnet gets another address range, so it is replaced. Its id is new, so the database in it is replaced, and so is the
    /// record that names it.
    ///
    /// ## What to do
    ///
    /// Decide about the root; the rest follows. Where a follower must stay, ignore changes of the argument that refers to the root,
    /// or apply the root alone first.
    ///
    /// ## What it misses
    ///
    /// Which instance of a repeated block an expression refers to is not in a plan: the one with the same key is taken, else any that
    /// changes. Drift that apply leaves alone is no root here; TL202 names it.
    pub struct ReplacementCascade {
        code: "TL207",
        name: "replacement-cascade",
        severity: "warn, deny if stateful",
        commands: [Gate],
    }
}

impl Rule for ReplacementCascade {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        if !context.resources.iter().any(cascade::is_victim) {
            return;
        }
        let influences = Influences::new(context);
        for found in cascade::find(context, &influences) {
            let Some(root) = context.subject(found.root) else { continue };
            let victims: Vec<Subject<'_>> = found
                .tree
                .iter()
                .filter_map(|(at, _)| context.subject(*at))
                .filter(|subject| cascade::is_victim(subject.resource))
                .collect();
            let stateful = victims.iter().any(Subject::is_stateful);
            let severity = if stateful { Severity::Deny } else { Severity::Warn };
            let mut draft = sink
                .about(root.resource, severity, message(root, &victims))
                .related(listed(context, &found))
                .members(victims.iter().filter(|victim| victim.holds_something()).map(Subject::address))
                .help("decide about this change; what follows from it is listed below");
            if let (true, Some(triple)) =
                (root.resource.actions.is_replace(), context.triples.get(found.root))
            {
                let why = replacement::why(context, &influences, root, triple);
                draft = draft.cause(why.cause.phrase(), root.roots);
            }
            sink.put(draft);
        }
    }
}

fn message(root: Subject<'_>, victims: &[Subject<'_>]) -> String {
    let noun = root.facts.noun();
    let change = match &root.resource.actions {
        action if action.is_replace() => format!("replacing the {noun}"),
        Action::Create => format!("the new {noun}"),
        action if action.destroys() => format!("destroying the {noun}"),
        _ => format!("the change of the {noun}"),
    };
    let others = wording::count(victims.len(), "other instance");
    let mut message = format!("{change} makes apply replace {others}");
    let holding: Vec<Subject<'_>> = victims.iter().copied().filter(Subject::holds_something).collect();
    if !holding.is_empty() {
        let names: Vec<_> = wording::by_value(holding).iter().map(Subject::address).collect();
        message.push_str(&format!(", {} ({})", wording::of_which_hold(names.len()), wording::names(&names)));
    }
    message
}

fn listed(context: &Context<'_>, found: &Cascade) -> Vec<Related> {
    let one = |(at, depth): &(usize, usize)| {
        let subject = context.subject(*at)?;
        let does = match &subject.resource.actions {
            action if action.is_replace() => "replaced",
            Action::Create => "created",
            _ => "updated",
        };
        let holds = wording::holding(subject).map(|holds| format!(", {holds}")).unwrap_or_default();
        Some(Related {
            address: subject.address().clone(),
            depth: *depth,
            role: Some(format!("{does}{holds}")),
        })
    };
    found.tree.iter().take(MOST_LISTED).filter_map(one).collect()
}
