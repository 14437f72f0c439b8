//! TL602 `import-instead`.

use tidelock_parse::{AttrPath, Mask, Step, Value, redact, refactor::import, secret};

use crate::{
    catalogue::Facts,
    context::Context,
    moves::{self, Leaving, Pair},
    report::{Related, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// What is to be created exists already.
    ///
    /// ## What it finds
    ///
    /// An instance that the plan creates while the plan itself shows that its object exists: the same plan lets go of an
    /// object of the same type that is called the same, without destroying it (`removed` with `destroy = false`, or
    /// `forget`).
    ///
    /// ## Why it matters
    ///
    /// The create makes a second object beside the first, which nobody manages any more, or fails because the name is taken.
    ///
    /// ## Example
    ///
    /// A `removed` block forgets `aws_db_instance.old`, and the plan creates `aws_db_instance.orders` with the same
    /// `identifier`.
    ///
    /// ## What to do
    ///
    /// Paste the `import` block into the root module and plan again: the create is gone. Where the addresses belong to one
    /// state, a `moved` block instead of the `removed` one does the same in one step.
    ///
    /// ## What it misses
    ///
    /// Objects that no part of the plan speaks of: a lost state looks like a first deployment. The id to import is offered
    /// only for types of which it is known, and never where it would show something secret.
    pub struct ImportInstead {
        code: "TL602",
        name: "import-instead",
        severity: "warn",
        commands: [Gate],
    }
}

impl Rule for ImportInstead {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for pair in moves::find(context, Leaving::Forgotten).pairs {
            report(&pair, context, sink);
        }
    }
}

fn report(pair: &Pair<'_>, context: &Context<'_>, sink: &mut Sink<'_>) {
    let (old, new) = (pair.old.subject, pair.new.subject);
    let noun = new.facts.noun();
    let message =
        format!("the {noun} exists already: {} lets go of it without destroying it", old.address());
    let masks = context.changed().find(|(subject, _)| std::ptr::eq(subject.resource, old.resource));
    let sensitive = masks.map_or(&Mask::None, |(_, triple)| &triple.sensitive);
    let block = import_id(old.facts, pair.old.value, sensitive).and_then(|id| import(new.address(), &id));
    let help = if block.is_some() {
        format!("add the `import` block to the root module: apply then takes over the {noun} instead of making another")
    } else {
        format!("import the {noun} instead; the documentation of the provider says which id it takes")
    };
    let role = Some("leaves the state and stays alive".to_owned());
    let mut draft = sink.about(new.resource, Severity::Warn, message).help(help).related([Related {
        address: old.address().clone(),
        depth: 1,
        role,
    }]);
    if let Some(block) = block {
        draft = draft.hcl(block);
    }
    sink.put(draft);
}

/// The id to import an object by, if that is known and shows nothing secret.
fn import_id(facts: &Facts, object: &Value, sensitive: &Mask) -> Option<String> {
    let id = facts.import_id(|name| {
        let path = AttrPath::from(vec![Step::attr(name)]);
        let value = object.get(&path).filter(|_| !sensitive.at(&path).any())?;
        match value {
            Value::String(text) if !text.is_empty() && !redact::is_named(name, Some(object), value) => {
                Some(text.to_string())
            }
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    })?;
    secret::find(&id).is_empty().then_some(id)
}
