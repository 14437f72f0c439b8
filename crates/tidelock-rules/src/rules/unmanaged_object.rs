//! TL303 `unmanaged-object`.

use crate::{
    context::Context,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// Something exists that is in none of the states.
    ///
    /// ## What it finds
    ///
    /// Objects of the given inventories that no given state holds. Templates are left out, and what a scaling group or a cluster makes and
    /// removes by itself.
    ///
    /// ## Why it matters
    ///
    /// Nobody manages it: a failed run left it behind, a state was lost, or somebody made it by hand. It costs money, and the next apply may make a
    /// second one.
    ///
    /// ## Example
    ///
    /// An apply broke off after the API had made the VM and before the state was written. The VM runs, and no state knows it.
    ///
    /// ## What to do
    ///
    /// Import it, if it belongs to a stack; give that stack's state, if one was forgotten; remove it, if nobody needs it. What is there on
    /// purpose can be accepted: `tidelock waive TL303 'proxmox/qemu/108'`; `--match` and `--label` narrow the question.
    ///
    /// ## What it misses
    ///
    /// What the inventory does not list: an export sees what its token may see.
    pub struct UnmanagedObject {
        code: "TL303",
        name: "unmanaged-object",
        severity: "warn",
        commands: [Reconcile],
    }
}

impl Rule for UnmanagedObject {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    /// A plan alone does not tell; `reconcile` does, which looks at states and inventories.
    fn check(&self, _: &Context<'_>, _: &mut Sink<'_>) {}
}
