//! TL403 `ignores-everything`.

use tidelock_parse::config::IgnoreChanges;

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
    sources,
};

declare_rule! {
    /// A block ignores all changes.
    ///
    /// ## What it finds
    ///
    /// `ignore_changes = all` in the `lifecycle` of a managed resource.
    ///
    /// ## Why it matters
    ///
    /// The configuration describes the object only once, when it is created. No edit of the block has an effect any more, and no
    /// change outside is ever set back: the block looks maintained and is not.
    ///
    /// ## Example
    ///
    /// During an incident `ignore_changes = all` kept a database from being replaced, and was never removed. A year later somebody
    /// raises its storage in the code, the plan is empty, and nobody wonders.
    ///
    /// ## What to do
    ///
    /// List the arguments that something else owns, such as `ignore_changes = [desired_count]`.
    ///
    /// ## What it misses
    ///
    /// Lists that name every argument one by one.
    pub struct IgnoresEverything {
        code: "TL403",
        name: "ignores-everything",
        severity: "warn",
        commands: [Gate],
    }
}

impl Rule for IgnoresEverything {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for (block, about) in sources::blocks(context) {
            let IgnoreChanges::All { location } = &about.lifecycle.ignore_changes else { continue };
            let Some(address) = sources::address_of(&block) else { continue };
            let noun = context.catalogue.lookup(&about.type_name, []);
            let message = format!("`ignore_changes = all`: no edit of this {} has any effect", noun.noun());
            let place = context.place(&block.module, location);
            let draft = sink
                .about_address(&address, Severity::Warn, message)
                .location(place.as_ref())
                .help("list the arguments that something else owns instead of `all`");
            sink.put(draft);
        }
    }
}
