//! TL602 `import-instead`.

use tidelock_parse::{AttrPath, Mask, Step, Value, redact, refactor::import, secret};

use crate::{
    context::{Context, Subject},
    moves::{self, Leaving, Pair, Remembered},
    report::{Related, Severity},
    rule::{Draft, Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// What is to be created exists already.
    ///
    /// ## What it finds
    ///
    /// An instance that the plan creates while the plan itself shows that its object exists: the same plan lets go of an
    /// object of the same type that is called the same, without destroying it (`removed` with `destroy = false`, or
    /// `forget`); or an instance that stays refers to the object, and the state says that it depends on a block of which the
    /// state holds nothing any more.
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
    /// only for types of which it is known, and never where it would show something secret. Of a block with several
    /// instances nobody can tell which one an instance that stays refers to.
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
            sink.put(about_forgotten(&pair, context, sink));
        }
        for remembered in moves::remembered(context) {
            sink.put(about_remembered(&remembered, sink));
        }
    }
}

fn about_forgotten(pair: &Pair<'_>, context: &Context<'_>, sink: &Sink<'_>) -> Draft {
    let (old, new) = (pair.old.subject, pair.new.subject);
    let noun = new.facts.noun();
    let message = format!("the {noun} exists already: {} lets go of it without destroying it", old.address());
    let masks = context.changed().find(|(subject, _)| std::ptr::eq(subject.resource, old.resource));
    let sensitive = masks.map_or(&Mask::None, |(_, triple)| &triple.sensitive);
    let id = old.facts.import_id(|name| {
        let path = AttrPath::from(vec![Step::attr(name)]);
        let value = pair.old.value.get(&path).filter(|_| !sensitive.at(&path).any())?;
        text_of(value).filter(|_| !redact::is_named(name, Some(pair.old.value), value))
    });
    let role = Some("leaves the state and stays alive".to_owned());
    draft(new, message, id, sink).related([Related { address: old.address().clone(), depth: 1, role }])
}

fn about_remembered(remembered: &Remembered<'_>, sink: &Sink<'_>) -> Draft {
    let (new, by) = (remembered.new.subject, remembered.by);
    let noun = new.facts.noun();
    let message = format!(
        "the {noun} exists already, though the state has forgotten it: {} of {} still refers to it",
        remembered.at,
        by.address()
    );
    let id = new.facts.import_id(|name| {
        let path = AttrPath::from(vec![Step::attr(name)]);
        let value = if path == *remembered.attribute {
            Some(remembered.value)
        } else {
            remembered.new.value.get(&path)
        };
        value.and_then(text_of).filter(|text| !secret::is_named(name, text))
    });
    let role = Some("stays, and refers to it".to_owned());
    draft(new, message, id, sink).related([Related { address: by.address().clone(), depth: 1, role }])
}

fn draft(new: Subject<'_>, message: String, id: Option<String>, sink: &Sink<'_>) -> Draft {
    let noun = new.facts.noun();
    // What is secret by form is no id to show.
    let block = id.filter(|id| secret::find(id).is_empty()).and_then(|id| import(new.address(), &id));
    let help = if block.is_some() {
        format!(
            "add the `import` block to the root module: apply then takes over the {noun} instead of making another"
        )
    } else {
        format!("import the {noun} instead; the documentation of the provider says which id it takes")
    };
    let draft = sink.about(new.resource, Severity::Warn, message).help(help);
    match block {
        Some(block) => draft.hcl(block),
        None => draft,
    }
}

/// A known text or number that is not empty.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
