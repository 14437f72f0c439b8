//! TL304 `ghost`.

use crate::{
    context::Context,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// A state holds something that does not exist.
    ///
    /// ## What it finds
    ///
    /// Instances of the given states whose object is in no inventory, although one of them lists all objects of this kind. If exactly one
    /// object of the same name is in no state, it was made anew outside, and the finding offers the import.
    ///
    /// ## Why it matters
    ///
    /// The next refresh drops it from the state, and the next apply makes a new one, empty. If it was made anew outside, that is one too many.
    ///
    /// ## Example
    ///
    /// A VM broke and was rebuilt from its template in the web interface, with the same name and another number. The state still has the old
    /// number.
    ///
    /// ## What to do
    ///
    /// Find out why it is gone. If it was made anew, import the new one; if it is not wanted any more, remove its block; otherwise let an apply
    /// create it.
    ///
    /// ## What it misses
    ///
    /// Kinds of objects that no inventory lists, and inventories that are incomplete: what is absent there proves nothing. To an export with
    /// too few rights, everything it may not see looks like gone.
    pub struct Ghost {
        code: "TL304",
        name: "ghost",
        severity: "warn",
        commands: [Reconcile],
    }
}

impl Rule for Ghost {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    /// A plan alone does not tell; `reconcile` does, which looks at states and inventories.
    fn check(&self, _: &Context<'_>, _: &mut Sink<'_>) {}
}
