//! From a classified difference to what a report may show of it.

use tidelock_parse::{
    AttrPath, KnownSecrets, Mask, Redactor, Shown, Step, Value, redact, schema::ResourceSchema,
};

use crate::{
    classify::Classified,
    compare::{Difference, ElementDiff, Indexed},
    instance::Triple,
    report::{Class, Divergence, ElementChanges, Elements, Evidence, Identity, Reason},
};

/// Shows a difference with what is known about it.
pub(crate) fn show(
    difference: &Difference,
    classified: Classified,
    triple: &Triple,
    schema: Option<&ResourceSchema>,
) -> Divergence {
    let Visible { recorded, actual, desired, elements, sensitive } = visible(difference, triple, schema);
    Divergence {
        path: difference.path.clone(),
        class: classified.class,
        drift: classified.drift,
        evidence: classified.evidence,
        evidence_source: classified.evidence_source,
        reason: classified.reason,
        cosmetic: classified.cosmetic,
        normalisers: classified.normalisers,
        until_apply: classified.until_apply,
        sensitive,
        guards: classified.guards,
        disruptive: classified.disruptive,
        replaces: classified.replaces,
        ignore_entry: classified.ignore_entry,
        recorded,
        actual,
        desired,
        elements,
    }
}

/// What may be seen of a difference.
pub(crate) struct Visible {
    pub(crate) recorded: Shown,
    pub(crate) actual: Shown,
    pub(crate) desired: Option<Shown>,
    pub(crate) elements: Option<Elements>,
    /// Whether anything is hidden.
    pub(crate) sensitive: bool,
}

/// The values of a difference, as far as they may be seen. Everything sensitive on one side is hidden on all of them.
pub(crate) fn visible(difference: &Difference, triple: &Triple, schema: Option<&ResourceSchema>) -> Visible {
    let sides = [
        difference.recorded.as_ref(),
        difference.actual.as_ref(),
        difference.desired.as_ref().and_then(Option::as_ref),
    ];
    let marked = triple.sensitive.at(&difference.path).clone();
    let mask = sides
        .into_iter()
        .flatten()
        .fold(marked, |mask, value| mask.union(&schema_mask(schema, &mut difference.path.clone(), value)));
    let mask = if is_named(&difference.path, triple, sides) { Mask::All } else { mask };
    let mut redactor = Redactor::default();
    let [recorded, actual, wanted] = sides.map(|side| redactor.show(side, &mask));
    let desired = difference.desired.is_some().then_some(wanted);
    let elements = elements(difference, &mask, &mut redactor);
    let sensitive = is_hidden(&recorded) || is_hidden(&actual) || desired.as_ref().is_some_and(is_hidden);
    Visible { recorded, actual, desired, elements, sensitive }
}

/// Hides what is marked sensitive elsewhere.
pub(crate) fn hide(divergence: &mut Divergence, secrets: &KnownSecrets) {
    let lists = divergence.elements.iter_mut().flat_map(|elements| {
        let sides = std::iter::once(&mut elements.outside).chain(elements.apply.as_mut());
        sides.flat_map(|side| [&mut side.added, &mut side.removed, &mut side.moved]).flatten()
    });
    let sides = [&mut divergence.recorded, &mut divergence.actual];
    for shown in sides.into_iter().chain(divergence.desired.as_mut()).chain(lists) {
        secrets.hide(shown);
        divergence.sensitive |= is_hidden(shown);
    }
}

pub(crate) fn is_hidden(shown: &Shown) -> bool {
    match shown {
        Shown::Redacted { .. } => true,
        Shown::Value { masked, .. } => masked.iter().any(|part| part.why != redact::MaskedWhy::Unknown),
        _ => false,
    }
}

/// Whether the name of the path, or the one beside it, makes any of the values secret.
fn is_named(path: &AttrPath, triple: &Triple, sides: [Option<&Value>; 3]) -> bool {
    let (Some(name), Some(above)) = (path.steps().last().and_then(Step::name), path.parent()) else {
        return false;
    };
    let instances =
        [triple.recorded.as_ref(), triple.actual.as_ref(), triple.desired.as_ref().and_then(Option::as_ref)];
    let around = instances.map(|instance| instance.and_then(|instance| instance.get(&above)));
    around
        .into_iter()
        .any(|object| sides.into_iter().flatten().any(|value| redact::is_named(name, object, value)))
}

/// A divergence of the instance as a whole: one class, path `""`, no values.
pub(crate) fn whole(class: Class, reason: Option<Reason>) -> Divergence {
    Divergence {
        path: AttrPath::root(),
        class,
        drift: class == Class::DeletedOutside,
        evidence: Evidence::None,
        evidence_source: None,
        reason,
        cosmetic: None,
        normalisers: Vec::new(),
        until_apply: false,
        sensitive: false,
        guards: false,
        disruptive: false,
        replaces: false,
        ignore_entry: None,
        recorded: Shown::Absent,
        actual: Shown::Absent,
        desired: None,
        elements: None,
    }
}

fn elements(difference: &Difference, mask: &Mask, redactor: &mut Redactor) -> Option<Elements> {
    // A list that is hidden as a whole must not tell how many of its elements changed.
    if matches!(mask, Mask::All) {
        return None;
    }
    let (recorded, actual) = (difference.recorded.as_ref(), difference.actual.as_ref());
    let mut show = |diff: ElementDiff| {
        let mut list = |elements: Vec<Indexed>| -> Vec<Shown> {
            let position = |at: usize| Step::Index(u64::try_from(at).unwrap_or(u64::MAX));
            elements
                .iter()
                .map(|element| redactor.show(Some(&element.value), mask.step(&position(element.at))))
                .collect()
        };
        ElementChanges { added: list(diff.added), removed: list(diff.removed), moved: list(diff.moved) }
    };
    let outside = difference.element_diff(recorded, actual).map(&mut show)?;
    let wanted = difference.desired.as_ref().filter(|_| !difference.desired_unknown());
    let apply = wanted.and_then(|wanted| difference.element_diff(actual, wanted.as_ref())).map(&mut show);
    Some(Elements { outside, apply })
}

/// What a schema marks sensitive at `path` and below, along the shape of `value`.
pub(crate) fn schema_mask(schema: Option<&ResourceSchema>, path: &mut AttrPath, value: &Value) -> Mask {
    let Some(node) = schema.and_then(|schema| schema.at(path)) else { return Mask::None };
    if node.is_sensitive() {
        return Mask::All;
    }
    let mut below = |step: Step, value: &Value| {
        path.push(step);
        let mask = schema_mask(schema, path, value);
        path.pop();
        mask
    };
    match value {
        Value::List(items) => {
            Mask::Items(items.iter().zip(0_u64..).map(|(item, at)| below(Step::Index(at), item)).collect())
        }
        Value::Object(fields) => Mask::Fields(
            fields.iter().map(|(name, field)| (name.clone(), below(Step::attr(name), field))).collect(),
        ),
        _ => Mask::None,
    }
}

/// Who the object is, as far as it may be shown.
pub(crate) fn identity(triple: &Triple) -> Identity {
    let object =
        [triple.actual.as_ref(), triple.recorded.as_ref(), triple.desired.as_ref().and_then(Option::as_ref)];
    let Some(object) = object.into_iter().flatten().next() else { return Identity::default() };
    let text = |path: &[Step]| {
        let path: AttrPath = path.iter().cloned().collect();
        if triple.sensitive.at(&path).any() {
            return None;
        }
        match object.get(&path)? {
            Value::String(text) if !text.is_empty() => Some(redact::cut_text(text)),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    };
    let tag = [Step::Attr("tags".into()), Step::Key("Name".into())];
    Identity {
        id: text(&[Step::Attr("id".into())]),
        name: text(&[Step::Attr("name".into())]).or_else(|| text(&tag)),
    }
}
