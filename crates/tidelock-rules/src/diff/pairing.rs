//! Which object of one side is which of the other.

use std::collections::BTreeMap;

use super::{
    DiffError,
    report::MoveEvidence,
    side::{Entry, Key, View},
};

/// An object of one side, or of both.
pub(super) struct Pair<'a> {
    pub(super) from: Option<Entry<'a>>,
    pub(super) to: Option<Entry<'a>>,
    /// What tells that they are one object, where their addresses differ.
    pub(super) moved: Option<MoveEvidence>,
}

type Entries<'a> = BTreeMap<Key<'a>, Entry<'a>>;

/// Pairs the objects of two sides: those of which a plan says where they were, those at the same address, and of what is
/// left those with the same type and id.
pub(super) fn pair<'a>(
    mut ours: Entries<'a>,
    mut theirs: Entries<'a>,
    view: View,
) -> Result<Vec<Pair<'a>>, DiffError> {
    let mut pairs = Vec::new();
    for (a, b) in told(&ours, &theirs, view)? {
        pairs.push(Pair {
            from: ours.remove(&a),
            to: theirs.remove(&b),
            moved: Some(MoveEvidence::PreviousAddress),
        });
    }
    let common: Vec<Key<'a>> = ours.keys().filter(|key| theirs.contains_key(*key)).copied().collect();
    for key in common {
        pairs.push(Pair { from: ours.remove(&key), to: theirs.remove(&key), moved: None });
    }
    for (a, b) in alike(&ours, &theirs, view)? {
        pairs.push(Pair {
            from: ours.remove(&a),
            to: theirs.remove(&b),
            moved: Some(MoveEvidence::Identity),
        });
    }
    pairs.extend(ours.into_values().map(|entry| Pair { from: Some(entry), to: None, moved: None }));
    pairs.extend(theirs.into_values().map(|entry| Pair { from: None, to: Some(entry), moved: None }));
    Ok(pairs)
}

/// Moves that one of the sides tells of.
fn told<'a>(
    ours: &Entries<'a>,
    theirs: &Entries<'a>,
    view: View,
) -> Result<Vec<(Key<'a>, Key<'a>)>, DiffError> {
    let mut moves = Vec::new();
    for entry in theirs.values() {
        if let Some(source) = came_from(entry, ours, view)? {
            moves.push((source, (entry.address, entry.deposed)));
        }
    }
    for entry in ours.values() {
        if let Some(source) = came_from(entry, theirs, view)? {
            moves.push(((entry.address, entry.deposed), source));
        }
    }
    Ok(moves)
}

/// Where the other side has what this entry says it was before.
///
/// The other side may know the new address already, and hold another object at the old one: then the id decides.
fn came_from<'a>(entry: &Entry<'a>, others: &Entries<'a>, view: View) -> Result<Option<Key<'a>>, DiffError> {
    let Some(previous) = entry.previous else { return Ok(None) };
    let Some((key, there)) = others.get_key_value(&(previous, entry.deposed)) else { return Ok(None) };
    // Of two plans that tell of the same move, both have the new address.
    let Some(same) = others.get(&(entry.address, entry.deposed)) else { return Ok(Some(*key)) };
    if same.previous == entry.previous {
        return Ok(None);
    }
    let (id, before, now) = (entry.id(view)?, there.id(view)?, same.id(view)?);
    Ok((id.is_some() && id == before && id != now).then_some(*key))
}

/// Pairs of objects that agree in type, provider and id, which no other object of their side has.
fn alike<'a>(
    ours: &Entries<'a>,
    theirs: &Entries<'a>,
    view: View,
) -> Result<Vec<(Key<'a>, Key<'a>)>, DiffError> {
    if ours.is_empty() || theirs.is_empty() {
        return Ok(Vec::new());
    }
    let [mut ours, theirs] = [identities(ours, view)?, identities(theirs, view)?];
    let mut pairs = Vec::new();
    for (identity, theirs) in theirs {
        if let (Some(Some(ours)), Some(theirs)) = (ours.remove(&identity), theirs) {
            pairs.push((ours, theirs));
        }
    }
    Ok(pairs)
}

/// Objects by what identifies them; nothing where several have the same.
fn identities<'a>(
    entries: &Entries<'a>,
    view: View,
) -> Result<BTreeMap<(&'a str, String), Option<Key<'a>>>, DiffError> {
    let mut found: BTreeMap<(&'a str, String), Option<Key<'a>>> = BTreeMap::new();
    for (key, entry) in entries.iter().filter(|(_, entry)| entry.deposed.is_none()) {
        if let Some(id) = entry.id(view)? {
            let identity = (&*entry.address.type_name, id.into_owned());
            found.entry(identity).and_modify(|several| *several = None).or_insert(Some(*key));
        }
    }
    Ok(found)
}
