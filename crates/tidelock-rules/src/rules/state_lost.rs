//! TL305 `state-lost`.

use tidelock_parse::{Mode, state::State};

use crate::{
    catalogue::Holds,
    context::{Context, GivenState},
    lost::{self, Lost, Witness},
    report::{Finding, Note, Related, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// The state forgot what exists.
    ///
    /// ## What it finds
    ///
    /// Objects that the plan is about to create although other objects, or outputs, still have values of them that nothing else in
    /// the state explains. And, where the caller says what to expect (`--expect-lineage`, `--expect-resources`): a state of
    /// another lineage, or with another number of managed instances.
    ///
    /// ## Why it matters
    ///
    /// The apply creates everything that was lost a second time. Where names are unique it fails half-way; where they are not, there
    /// are duplicates, and the real objects run on without anybody managing them.
    ///
    /// ## Example
    ///
    /// Somebody restored an old copy of the state after a failed migration. The database that was created since is not in it, but the
    /// DNS record that points to it is: the plan creates a second, empty database and points the record there.
    ///
    /// ## What to do
    ///
    /// Do not apply. Restore the newest version of the state that knows the objects (most backends keep versions), or import them.
    ///
    /// ## What it misses
    ///
    /// A state that was lost as a whole looks like a first deployment: without an expectation the report can only say that it
    /// cannot tell. A replacement that failed after the old object was destroyed looks like a loss, too: look whether the object
    /// still exists. One of several instances of a block that is missing is not noticed.
    pub struct StateLost {
        code: "TL305",
        name: "state-lost",
        severity: "deny; warn if what is lost holds nothing",
        commands: [Gate],
    }
}

impl Rule for StateLost {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        lineage(context, sink);
        resources(context, sink);
        for lost in lost::find(context) {
            report(&lost, sink);
        }
    }
}

fn report(lost: &Lost<'_>, sink: &mut Sink<'_>) {
    let (Some((first, others)), Some(witness)) = (lost.instances.split_first(), lost.witnesses.first())
    else {
        return;
    };
    let severity = if first.facts.holds == Holds::Nothing { Severity::Warn } else { Severity::Deny };
    let more = match lost.witnesses.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let message = format!(
        "the state lost this {}: {}{more} still has a value of it that nothing in the state explains",
        first.facts.noun(),
        witness.name(),
    );
    let same_block = others.iter().map(|other| Related {
        address: other.address().clone(),
        depth: 1,
        role: Some("is created as well".to_owned()),
    });
    let draft = sink
        .about(first.resource, severity, message)
        .related(lost.witnesses.iter().filter_map(Witness::related).chain(same_block))
        .help("look whether the object still exists: then restore the state that knows it, or import it");
    sink.put(draft);
}

/// The state at hand, whether it was given or is known from the plan, has another lineage than expected.
fn lineage(context: &Context<'_>, sink: &mut Sink<'_>) {
    let Some(expected) = context.given.lineage.as_deref() else { return };
    let found = match &context.given.state {
        GivenState::Missing => Some(None),
        GivenState::Is(state) => state.header().lineage.as_deref().map(Some),
        GivenState::NotGiven => context.input.lineage.as_deref().map(Some),
    };
    let message = match found {
        Some(Some(found)) if found == expected => return,
        Some(Some("")) => "the state has no lineage: it was never written by an apply".to_owned(),
        Some(Some(_)) => {
            "the state has another lineage than expected: it is not the state of this stack".to_owned()
        }
        Some(None) => {
            "there is no state, but its lineage is expected: it was lost, or never found".to_owned()
        }
        None => return,
    };
    let draft = sink
        .about_plan(Severity::Deny, message)
        .help("check backend, key and workspace; if they are right, restore the newest version of the state");
    sink.put(draft);
}

/// The state holds another number of managed instances than expected.
fn resources(context: &Context<'_>, sink: &mut Sink<'_>) {
    let Some(expected) = context.given.resources else { return };
    let found = match &context.given.state {
        GivenState::Missing => 0,
        GivenState::Is(state) => managed(state),
        // Refresh drops what was deleted outside.
        GivenState::NotGiven => context.prior().map_or(0, managed) + context.gone().count(),
    };
    if found != expected {
        let draft = sink
            .about_plan(
                Severity::Deny,
                format!("the state holds {found} managed instances, but {expected} are expected"),
            )
            .help("check backend, key and workspace; if they are right, find out who changed the state")
            .path(&tidelock_parse::AttrPath::from(vec![tidelock_parse::Step::attr("resources")]));
        sink.put(draft);
    }
}

/// Current managed objects of a state.
fn managed(state: &State) -> usize {
    let managed = state
        .instances()
        .iter()
        .filter(|object| object.address.mode == Mode::Managed && object.deposed.is_none());
    managed.count()
}

/// What this rule cannot tell.
pub(crate) fn notes(context: &Context<'_>, findings: &[Finding]) -> Vec<Note> {
    let given = &context.given;
    let mut notes = Vec::new();
    if given.lineage.is_some()
        && matches!(given.state, GivenState::NotGiven)
        && context.input.lineage.is_none()
    {
        notes.push(Note {
            code: "gate::lineage_unknown",
            message: "a plan in JSON form does not say its lineage: give the state, too, to have it compared"
                .to_owned(),
        });
    }
    let creates = context.subjects().any(|subject| subject.resource.actions.creates());
    let told = findings.iter().any(|finding| finding.code == StateLost::META.code);
    if creates && !told && context.managed == 0 && given.resources.is_none() && given.lineage.is_none() {
        notes.push(Note {
            code: "gate::first_deployment",
            message: "the state holds nothing yet: a first deployment, or a state that was lost; nothing here can tell \
                      (`--expect-resources` or `--expect-lineage` could)"
                .to_owned(),
        });
    }
    notes
}
