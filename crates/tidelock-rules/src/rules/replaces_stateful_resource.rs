//! TL202 `replaces-stateful-resource`.

use tidelock_parse::Action;

use crate::{
    catalogue::Holds,
    context::{Context, Subject},
    influence::Influences,
    replacement::{self, Cause, Why},
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
    wording,
};

declare_rule! {
    /// The plan replaces something that holds data, keys or identity.
    ///
    /// ## What it finds
    ///
    /// A stateful instance that the plan destroys and makes anew, whether it is moved, imported, or neither. It names the path that
    /// forces the replacement, its old and new value, and what is behind it: the configuration, drift, both, a data source, a new
    /// version or default of the provider, `-replace`, `replace_triggered_by`, or a value that is not known yet and where that
    /// comes from. A cloud VM whose successor is up before the old one goes is only a warning.
    ///
    /// ## Why it matters
    ///
    /// The new object is empty, has other keys, or another identity. The plan shows `forces replacement` beside one argument, and
    /// never whether it was the code, somebody's console, or a new release of the provider that changed it.
    ///
    /// ## Example
    ///
    /// `storage_encrypted = true` is added to a database that was made without. Encryption cannot be switched on in place, so apply
    /// destroys the database and makes an empty one.
    ///
    /// ## What to do
    ///
    /// Take back the change at the line named, or bring the data over yourself and approve the plan. If drift is behind it, find out
    /// who changed the object, and write the actual value into the configuration.
    ///
    /// ## What it misses
    ///
    /// Without the `.tf` sources, references through locals are not followed, and no line is named. Whether a data source or the
    /// expression around it changed cannot be told. A tainted instance is told by TL307, items that moved under `count` by TL203.
    pub struct ReplacesStatefulResource {
        code: "TL202",
        name: "replaces-stateful-resource",
        severity: "deny",
        commands: [Gate],
    }
}

impl Rule for ReplacesStatefulResource {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let mut influences = None;
        for (_, subject, triple) in context.own_cases() {
            let Some(severity) = severity(subject) else { continue };
            let influences = influences.get_or_insert_with(|| Influences::new(context));
            let why = replacement::why(context, influences, subject, triple);
            let mut draft = sink
                .about(subject.resource, severity, message(subject, &why))
                .help(help(subject, &why.cause))
                .cause(why.cause.phrase(), subject.roots);
            if let Some(first) = why.paths.first() {
                draft = draft.path(&first.divergence.path);
            }
            if let Cause::Configuration(place)
            | Cause::Both(place)
            | Cause::Drift(place)
            | Cause::Trigger(_, place) = &why.cause
            {
                draft = draft.location(place.as_ref());
            }
            sink.put(draft);
        }
    }
}

/// How bad the replacement is; `None` where nothing is lost.
pub(crate) fn severity(subject: Subject<'_>) -> Option<Severity> {
    if !subject.resource.actions.creates() {
        return None;
    }
    let create_first =
        subject.facts.holds == Holds::Machine && subject.resource.actions == Action::CreateThenDelete;
    match (subject.is_stateful(), create_first) {
        (true, _) => Some(Severity::Deny),
        (false, true) if subject.machines.is_none() => Some(Severity::Warn),
        _ => None,
    }
}

fn message(subject: Subject<'_>, why: &Why<'_>) -> String {
    let resource = subject.resource;
    let noun = wording::noun(subject);
    let does = match resource.actions {
        Action::CreateThenDelete => format!("apply makes a new {noun} and destroys this one"),
        _ => format!("apply destroys and recreates the {noun}"),
    };
    let mut message =
        if why.paths.is_empty() { does } else { format!("{does}: {}", replacement::changes(&why.paths)) };
    // Where roots are named, nobody prints the cause besides.
    if !subject.roots.is_empty() {
        message.push_str(&format!(", by {}", why.cause.phrase()));
    }
    if let Some(previous) = &resource.previous_address {
        message.push_str(&format!("; that it moves here from `{previous}` does not keep it"));
    }
    if resource.importing {
        message.push_str("; that it is imported does not keep it");
    }
    message
}

fn help(subject: Subject<'_>, cause: &Cause) -> String {
    let way_out = cause.way_out();
    if subject.resource.actions == Action::DeleteThenCreate {
        format!("{way_out}; it goes before its successor exists, so there is nothing to copy from afterwards")
    } else {
        way_out
    }
}
