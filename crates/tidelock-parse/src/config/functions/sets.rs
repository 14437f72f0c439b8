//! Sets.

use super::{arg, list_arg};
use crate::config::{
    not_known::{Eval, Fail},
    types::unify,
    val::{SeqKind, Val},
};

/// The elements of all arguments, with one type.
fn all(args: &[Val]) -> Result<Vec<Vec<Val>>, Fail> {
    let lists: Vec<Vec<Val>> = (0..args.len()).map(|at| list_arg(args, at)).collect::<Result<_, _>>()?;
    let mut unified = unify(lists.concat())?.into_iter();
    Ok(lists.iter().map(|list| unified.by_ref().take(list.len()).collect()).collect())
}

pub(super) fn union(args: &[Val]) -> Eval {
    Ok(Val::set(all(args)?.concat()))
}

pub(super) fn intersection(args: &[Val]) -> Eval {
    let mut lists = all(args)?.into_iter();
    let mut common = lists.next().unwrap_or_default();
    for list in lists {
        common.retain(|item| list.contains(item));
    }
    Ok(Val::set(common))
}

pub(super) fn subtract(args: &[Val]) -> Eval {
    let mut lists = all(args)?.into_iter();
    let (mut rest, taken) = (lists.next().unwrap_or_default(), lists.next().unwrap_or_default());
    rest.retain(|item| !taken.contains(item));
    Ok(Val::set(rest))
}

/// Combinations beyond which a product is not built.
const MAX_PRODUCT: usize = 100_000;

pub(super) fn product(args: &[Val]) -> Eval {
    let set = args.iter().any(|value| matches!(value, Val::Seq(SeqKind::Set, _)));
    let mut rows: Vec<Vec<Val>> = vec![Vec::new()];
    for at in 0..args.len() {
        if !arg(args, at).is_ordered() {
            return Ok(super::not_known());
        }
        let items = list_arg(args, at)?;
        if rows.len().saturating_mul(items.len()) > MAX_PRODUCT {
            return Ok(super::not_known());
        }
        let extend = |row: &Vec<Val>, item: &Val| row.iter().chain([item]).cloned().collect();
        rows = rows.iter().flat_map(|row| items.iter().map(move |item| extend(row, item))).collect();
    }
    let rows = rows.into_iter().map(Val::tuple).collect();
    Ok(if set { Val::set(rows) } else { Val::list(rows) })
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;

    #[test]
    fn set_functions_give_distinct_elements() {
        all(&[
            ("setunion([\"b\"], [\"a\", \"b\"])", r#"["a","b"]"#),
            ("setintersection([\"a\", \"b\"], [\"b\", \"c\"])", r#"["b"]"#),
            ("setsubtract([\"a\", \"b\"], [\"b\"])", r#"["a"]"#),
            ("setproduct([\"a\", \"b\"], [1, 2])", r#"[["a",1],["a",2],["b",1],["b",2]]"#),
        ]);
    }

    #[test]
    fn the_order_of_a_set_of_objects_is_not_known() {
        all(&[
            ("[for o in toset([{ a = 1 }, { a = 2 }]) : o.a]", "cannot be evaluated"),
            ("tolist(toset([{ a = 1 }, { a = 2 }]))", "cannot be evaluated"),
            ("{ for o in toset([{ a = 2 }, { a = 1 }]) : o.a => o }", r#"{"1":{"a":1},"2":{"a":2}}"#),
        ]);
    }
}
