//! TL302 `duplicate-claim`.

use crate::{
    context::Context,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// One real object is held by two addresses, or in two states.
    ///
    /// ## What it finds
    ///
    /// An object that states name twice: under two addresses of one state, or in the states of two stacks or workspaces. What names an
    /// object is its id and the place where that is unique, not its name.
    ///
    /// ## Why it matters
    ///
    /// Both believe that it is theirs. Each apply sets back what the other one did, and whoever destroys its own destroys the other's.
    ///
    /// ## Example
    ///
    /// A VM was imported into the new stack, and nobody removed it from the old one. The old stack is torn down, and the VM is gone.
    ///
    /// ## What to do
    ///
    /// Decide where it belongs. Let the other address go with `state rm` (or a `removed` block), and remove its block, so that the next
    /// apply does not create a new one.
    ///
    /// ## What it misses
    ///
    /// Objects whose type does not say what names them, and states that were not given.
    pub struct DuplicateClaim {
        code: "TL302",
        name: "duplicate-claim",
        severity: "deny",
        commands: [Reconcile, Retry],
    }
}

impl Rule for DuplicateClaim {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    /// A plan alone does not tell; `reconcile` does, which looks at states and inventories.
    fn check(&self, _: &Context<'_>, _: &mut Sink<'_>) {}
}
