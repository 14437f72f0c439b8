//! What was added to, removed from and moved inside a set or list.

use std::collections::{HashMap, VecDeque};

use tidelock_parse::Value;

use super::{
    Fold, normalise,
    pairing::{self, Alike},
};

/// An element with its position in its own list, under which its mask is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    /// Position, zero-based.
    pub at: usize,
    /// The element.
    pub value: Value,
}

/// Element-wise difference between two values of one list or set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ElementDiff {
    /// In the second only; positions in the second.
    pub added: Vec<Indexed>,
    /// In the first only; positions in the first.
    pub removed: Vec<Indexed>,
    /// In both at another position; positions in the second. Empty for sets.
    pub moved: Vec<Indexed>,
}

pub(super) fn diff(fold: Fold, from: Option<&Value>, to: Option<&Value>) -> ElementDiff {
    let (from, to) = (list(from), list(to));
    let (removed, added) = match (fold, pairing::unpaired(from, to)) {
        // What is equal after normalising is neither new nor gone.
        (Fold::Set, left) => {
            pairing::pair(from, to, left, |value| Alike::of(value, false), normalise::equal_in_set)
        }
        (_, left) => left,
    };
    let moved = if fold == Fold::Set { Vec::new() } else { moved(from, to, &removed, &added) };
    let pick = |side: &[Value], at: Vec<usize>| {
        at.into_iter()
            .filter_map(|at| side.get(at).map(|value| Indexed { at, value: value.clone() }))
            .collect()
    };
    ElementDiff { added: pick(to, added), removed: pick(from, removed), moved: pick(to, moved) }
}

/// A lone value counts as a list of one: some providers turn one into the other.
fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::List(items)) => items,
        None | Some(Value::Null | Value::Unknown) => &[],
        Some(other) => std::slice::from_ref(other),
    }
}

/// Positions in `to` of the elements that moved: all common ones but the longest run that kept its order, so that
/// one element put first is one move and not a move of all others.
fn moved(from: &[Value], to: &[Value], removed: &[usize], added: &[usize]) -> Vec<usize> {
    let common = |side: &[Value], without: &[usize]| -> Vec<usize> {
        (0..side.len()).filter(|at| without.binary_search(at).is_err()).collect()
    };
    let (a, b) = (common(from, removed), common(to, added));
    if a.iter().zip(&b).all(|(a, b)| from.get(*a) == to.get(*b)) {
        return Vec::new();
    }
    // Where each common element stood, the first of several equal ones first.
    let mut stood: HashMap<Option<&Value>, VecDeque<usize>> = HashMap::new();
    for (rank, at) in a.iter().enumerate() {
        stood.entry(from.get(*at)).or_default().push_back(rank);
    }
    let ranks: Vec<Option<usize>> =
        b.iter().map(|at| stood.get_mut(&to.get(*at)).and_then(VecDeque::pop_front)).collect();
    let kept = longest_rise(&ranks);
    b.iter().zip(kept).filter(|(_, kept)| !kept).map(|(at, _)| *at).collect()
}

/// Which members of a sequence belong to its longest rising subsequence; `None` never does.
fn longest_rise(ranks: &[Option<usize>]) -> Vec<bool> {
    // The position of the smallest end of a rise of each length, and what stands before each member in its rise.
    let mut ends: Vec<(usize, usize)> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; ranks.len()];
    for (at, rank) in ranks.iter().enumerate() {
        let Some(rank) = rank else { continue };
        let length = ends.partition_point(|(end, _)| end < rank);
        if let Some(slot) = before.get_mut(at) {
            *slot = length.checked_sub(1).and_then(|shorter| ends.get(shorter)).map(|(_, at)| *at);
        }
        match ends.get_mut(length) {
            Some(end) => *end = (*rank, at),
            None => ends.push((*rank, at)),
        }
    }
    let mut kept = vec![false; ranks.len()];
    let mut next = ends.last().map(|(_, at)| *at);
    while let Some(at) = next {
        if let Some(slot) = kept.get_mut(at) {
            *slot = true;
        }
        next = before.get(at).copied().flatten();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(list: &[Indexed]) -> Vec<String> {
        list.iter().map(|element| serde_json::to_string(&element.value).unwrap()).collect()
    }

    fn of(fold: Fold, from: &str, to: &str) -> [Vec<String>; 3] {
        let [from, to] = [from, to].map(|json| Value::decode(json).unwrap());
        let diff = diff(fold, Some(&from), Some(&to));
        [values(&diff.added), values(&diff.removed), values(&diff.moved)]
    }

    #[test]
    fn an_inserted_element_does_not_move_the_others() {
        assert_eq!(of(Fold::PlainList, "[1,2,3]", "[0,1,2,3]"), [vec!["0"], vec![], vec![]]);
    }

    #[test]
    fn swapped_elements_are_moved_in_lists_and_nothing_in_sets() {
        assert_eq!(of(Fold::PlainList, "[1,2]", "[2,1]"), [vec![], vec![], vec!["2"]]);
        assert_eq!(of(Fold::Set, "[1,2]", "[2,1]"), [Vec::<String>::new(), vec![], vec![]]);
    }

    #[test]
    fn one_element_put_first_is_one_move() {
        assert_eq!(of(Fold::PlainList, "[1,2,3,4]", "[4,1,2,3]"), [vec![], vec![], vec!["4"]]);
        assert_eq!(of(Fold::PlainList, "[1,1,2]", "[2,1,1]"), [vec![], vec![], vec!["2"]]);
    }

    #[test]
    fn set_elements_that_only_differ_in_zero_values_stay() {
        let [added, removed, _] =
            of(Fold::Set, r#"[{"p":1,"d":""}]"#, r#"[{"p":1,"d":null},{"p":2,"d":null}]"#);
        assert_eq!((added, removed), (vec![r#"{"d":null,"p":2}"#.to_owned()], vec![]));
    }
}
