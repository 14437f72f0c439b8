//! TL308 `duplicate-objects`.

use crate::{
    context::Context,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// Several real objects stand for what was meant to be one.
    ///
    /// ## What it finds
    ///
    /// Objects of one kind and one name (or, without names, of equal labels), of which at least one is in no state. On AWS, where names are tags and may repeat, only those whose
    /// name a state or the plan has, too, or that `--match` or `--label` ask about.
    ///
    /// ## Why it matters
    ///
    /// A state was lost or reset and apply ran again: each run made everything anew, and nothing removed what was there. They collect data
    /// twice, answer under one name in turns, and cost twice.
    ///
    /// ## Example
    ///
    /// Five VMs are called `monitoring`, one is in the state: four runs without a state made the others.
    ///
    /// ## What to do
    ///
    /// Keep the one that a state holds. If no state holds one, the only one that runs, else the newest, is proposed for import. Where that does
    /// not tell them apart, look at them and choose. Then remove the others.
    ///
    /// ## What it misses
    ///
    /// Doubles under another name.
    pub struct DuplicateObjects {
        code: "TL308",
        name: "duplicate-objects",
        severity: "deny",
        commands: [Reconcile, Retry],
    }
}

impl Rule for DuplicateObjects {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    /// A plan alone does not tell; `reconcile` does, which looks at states and inventories.
    fn check(&self, _: &Context<'_>, _: &mut Sink<'_>) {}
}
