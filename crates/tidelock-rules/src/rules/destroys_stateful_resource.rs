//! TL201 `destroys-stateful-resource`.

use tidelock_parse::ActionReason;

use crate::{
    context::{Context, Subject},
    report::{PlanMode, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
    wording,
};

declare_rule! {
    /// The plan destroys something that holds data, keys or identity.
    ///
    /// ## What it finds
    ///
    /// A stateful instance that the plan destroys and does not make again, by whatever road: its block was deleted, its key left
    /// `for_each`, `count` got smaller, `count` or `for_each` was added or removed, a `removed` block lacks `destroy = false`, the
    /// target of its `moved` block is not declared, or `enabled` is false. Cloud VMs count, unless the policy calls them cattle.
    ///
    /// ## Why it matters
    ///
    /// What is destroyed is gone: contents, keys, or an identity that others refer to. `prevent_destroy` does not help, because it
    /// vanishes together with the block that holds it.
    ///
    /// ## Example
    ///
    /// Somebody tidies up and deletes the block of a database that "nobody uses". The plan says *1 to destroy*, among forty other
    /// lines.
    ///
    /// ## What to do
    ///
    /// If the object was renamed, add a `moved` block. If it shall live on without being managed, add a `removed` block with
    /// `destroy = false`. If it shall go, let a person approve the plan.
    ///
    /// ## What it misses
    ///
    /// What the catalogue does not know is judged by its name, and marked as assumed. A module that is gone as a whole is told by
    /// TL206, a plan made with `-destroy` by TL205, items that moved under `count` by TL203, unless the policy lets these weigh less;
    /// deposed objects are told by TL306.
    pub struct DestroysStatefulResource {
        code: "TL201",
        name: "destroys-stateful-resource",
        severity: "deny",
        commands: [Gate],
    }
}

impl Rule for DestroysStatefulResource {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for (_, subject, _) in context.own_cases() {
            let Some(severity) = severity(subject) else { continue };
            let road = Road::of(context, subject);
            let message = format!("apply destroys the {}: {}", wording::noun(subject), road.why);
            let mut draft = sink.about(subject.resource, severity, message).help(road.way_out);
            if !subject.roots.is_empty() {
                draft = draft.cause("drift", subject.roots);
            }
            if road.forgettable {
                draft = draft.hcl(removed_block(subject));
            }
            sink.put(draft);
        }
    }
}

/// How bad the loss is; `None` where the rule has nothing to say.
pub(crate) fn severity(subject: Subject<'_>) -> Option<Severity> {
    (subject.is_stateful() && !subject.resource.actions.creates()).then_some(Severity::Deny)
}

/// By what road an instance is destroyed.
struct Road {
    why: String,
    way_out: &'static str,
    /// Whether a `removed` block would keep the object.
    forgettable: bool,
}

impl Road {
    fn of(context: &Context<'_>, subject: Subject<'_>) -> Self {
        let forgettable = subject.resource.action_reason == Some(ActionReason::DeleteBecauseNoResourceConfig);
        let (why, way_out) = match &subject.resource.action_reason {
            Some(ActionReason::DeleteBecauseNoResourceConfig) => (
                "its block is gone, and no `removed` block with `destroy = false` keeps it",
                "to keep the object, restore its block, add a `moved` block if it was renamed, or a `removed` block with `destroy = false`",
            ),
            Some(ActionReason::DeleteBecauseNoModule) => (
                "its module instance is gone",
                "to keep the object, restore the key of the module, or add a `moved` block",
            ),
            Some(ActionReason::DeleteBecauseEachKey) => (
                "its key is gone from `for_each`",
                "to keep the object, restore its key, or add a `moved` block if the key was renamed",
            ),
            Some(ActionReason::DeleteBecauseCountIndex) => {
                ("`count` got smaller than its index", "to keep the object, restore `count`")
            }
            Some(ActionReason::DeleteBecauseWrongRepetition) => (
                "`count` or `for_each` was added to its block or removed from it",
                "to keep the object, add a `moved` block from its old address to the new one",
            ),
            Some(ActionReason::DeleteBecauseNoMoveTarget) => (
                "the target of its `moved` block is not declared",
                "to keep the object, declare the target of the `moved` block",
            ),
            Some(ActionReason::DeleteBecauseEnabledFalse) => {
                ("`enabled` is false", "to keep the object, set `enabled` to true")
            }
            Some(other) => {
                return Self {
                    why: format!("the plan says `{other}`"),
                    way_out: "find out why before you apply",
                    forgettable,
                };
            }
            None if context.input.mode == Some(PlanMode::Destroy) => {
                ("the plan was made with -destroy", "to keep the object, plan again without `-destroy`")
            }
            None => ("the plan does not say why", "find out why before you apply"),
        };
        Self { why: why.to_owned(), way_out, forgettable }
    }
}

/// Takes the block out of the state and leaves its objects alive. The block has no keys: it stands for all instances.
fn removed_block(subject: Subject<'_>) -> String {
    let block = subject.address().config();
    format!("removed {{\n  from = {block}\n\n  lifecycle {{\n    destroy = false\n  }}\n}}\n")
}
