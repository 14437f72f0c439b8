//! What an `ignore_changes` entry really covers: format notes, section 7.3.
//!
//! Core replaces the configured value at the entry's path by the refreshed one before the provider plans. What an
//! entry covers depends on what stands there: a trailing text index on a map covers that key, on an object the
//! whole attribute; attribute syntax on a map, or a text index in the middle of an object, covers nothing.

use tidelock_parse::{AttrPath, Step, Value, schema::ResourceSchema};

use crate::{
    compare::{Shape, Shapes},
    known::shape_of,
};

/// The path that an entry covers; `None` if it has no effect.
///
/// `actual` is the refreshed value of the instance: a list element that does not exist there cannot be kept.
pub fn effective_path(entry: &AttrPath, shapes: &dyn Shapes, actual: Option<&Value>) -> Option<AttrPath> {
    let (base, key) = match entry.steps().split_last() {
        Some((Step::Key(key), rest)) if !rest.is_empty() => (rest, Some(key)),
        _ => (entry.steps(), None),
    };
    let mut path = AttrPath::root();
    for step in base {
        let step = if path.is_root() { step.clone() } else { inner_step(step, &path, shapes)? };
        path.push(step);
    }
    let at_element = matches!(path.steps().last(), Some(Step::Index(_)));
    if at_element && actual.is_some_and(|actual| actual.get(&path).is_none()) {
        return None;
    }
    if let Some(key) = key
        && matches!(shapes.shape(&path), Shape::Map | Shape::Unknown)
        && !matches!(actual.and_then(|actual| actual.get(&path)), Some(Value::List(_)))
    {
        path.push(Step::Key(key.clone()));
    }
    Some(path)
}

/// The step below `parent`, in the form the comparison uses; `None` if core cannot follow it.
fn inner_step(step: &Step, parent: &AttrPath, shapes: &dyn Shapes) -> Option<Step> {
    let shape = shapes.shape(parent);
    match step {
        // Attribute syntax on a map: accepted, without effect.
        Step::Attr(_) => (shape != Shape::Map).then(|| step.clone()),
        // A text index in the middle of an object: accepted, without effect.
        Step::Key(_) => (shape != Shape::Object).then(|| step.clone()),
        // Elements of sets have no position; a single block has none either.
        Step::Index(_) => (!matches!(shape, Shape::Set | Shape::Object | Shape::Map)).then(|| step.clone()),
    }
}

/// Whether an entry covers a difference at `path`.
pub fn covers(entry: &AttrPath, path: &AttrPath, shapes: &dyn Shapes, actual: Option<&Value>) -> bool {
    effective_path(entry, shapes, actual).is_some_and(|effective| effective.is_prefix_of(path))
}

/// What an entry does that its writer cannot have meant; core accepts all of these without a word, or nearly so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Attribute syntax on a map: no effect.
    NameOnMap {
        /// The map.
        map: AttrPath,
        /// The entry as it should be.
        meant: AttrPath,
    },
    /// A text index in the middle of an object: no effect.
    KeyInObject {
        /// The object.
        object: AttrPath,
        /// The entry as it should be.
        meant: AttrPath,
    },
    /// A text index at the end on an object: covers the whole object.
    WholeObject {
        /// What is covered.
        object: AttrPath,
        /// The entry as it should be.
        meant: AttrPath,
    },
    /// A text index on a list or set: covers all of it.
    WholeList {
        /// What is covered.
        list: AttrPath,
    },
    /// Only the provider sets it: no effect.
    Computed,
}

/// What is wrong with an entry, as far as a schema proves it.
pub(crate) fn flaw(entry: &AttrPath, schema: &ResourceSchema) -> Option<Flaw> {
    let mut parent = AttrPath::root();
    for (at, step) in entry.steps().iter().enumerate() {
        if !parent.is_root() {
            let last = at + 1 == entry.steps().len();
            let shape = shape_of(schema.at(&parent)?);
            let meant = |step: Step| {
                let rest = entry.steps().iter().skip(at + 1).cloned();
                parent.steps().iter().cloned().chain([step]).chain(rest).collect::<AttrPath>()
            };
            match (step, shape) {
                (Step::Attr(name), Shape::Map) => {
                    return Some(Flaw::NameOnMap { meant: meant(Step::Key(name.clone())), map: parent });
                }
                (Step::Key(name), Shape::Object) => {
                    let meant = meant(Step::Attr(name.clone()));
                    let object = parent;
                    let flaw = if last {
                        Flaw::WholeObject { object, meant }
                    } else {
                        Flaw::KeyInObject { object, meant }
                    };
                    return Some(flaw);
                }
                (Step::Key(_), Shape::List | Shape::Set) if last => {
                    return Some(Flaw::WholeList { list: parent });
                }
                // Nobody knows what lies inside.
                (_, Shape::Unknown) => return None,
                _ => {}
            }
        }
        parent.push(step.clone());
    }
    schema.at(&parent)?.is_computed_only().then_some(Flaw::Computed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A type with every kind of attribute and block of the format notes.
    struct Everything;
    impl Shapes for Everything {
        fn shape(&self, path: &AttrPath) -> Shape {
            let last_is_index = matches!(path.steps().last(), Some(Step::Index(_) | Step::Key(_)));
            match (path.top(), path.steps().len(), last_is_index) {
                (Some("tags" | "n_map" | "b_map"), 1, _) => Shape::Map,
                (Some("obj" | "dyn" | "n_single" | "b_single"), 1, _)
                | (Some("n_list" | "b_list" | "n_map" | "b_map"), 2, true)
                | (Some("dyn"), 2, false) => Shape::Object,
                (Some("lst" | "b_list" | "n_list"), 1, _) => Shape::List,
                (Some("st" | "b_set" | "n_set"), 1, _) => Shape::Set,
                _ => Shape::Unknown,
            }
        }
    }

    fn path(text: &str) -> AttrPath {
        text.parse().unwrap()
    }

    fn check(entry: &str, covered: &[&str], open: &[&str]) {
        for text in covered {
            assert!(covers(&path(entry), &path(text), &Everything, None), "{entry} covers {text}");
        }
        for text in open {
            assert!(!covers(&path(entry), &path(text), &Everything, None), "{entry} does not cover {text}");
        }
    }

    #[test]
    fn a_whole_map_is_kept() {
        check("tags", &["tags", r#"tags["a"]"#], &["tag"]);
    }

    #[test]
    fn a_map_key_is_kept_alone() {
        check(r#"tags["a"]"#, &[r#"tags["a"]"#], &[r#"tags["b"]"#, "tags"]);
    }

    #[test]
    fn attribute_syntax_on_a_map_has_no_effect() {
        check("tags.a", &[], &[r#"tags["a"]"#, "tags"]);
    }

    #[test]
    fn an_attribute_of_an_object_is_kept_alone() {
        check("obj.a", &["obj.a"], &["obj.b", "obj"]);
    }

    #[test]
    fn a_trailing_text_index_on_an_object_keeps_the_whole_attribute() {
        check(r#"obj["a"]"#, &["obj", "obj.a", "obj.b"], &[]);
    }

    #[test]
    fn a_part_of_a_dynamic_value_is_kept_alone() {
        check("dyn.p", &["dyn.p", "dyn.p.x"], &["dyn.q"]);
        check("dyn.p.x", &["dyn.p.x"], &["dyn.p.y"]);
    }

    #[test]
    fn a_trailing_text_index_inside_a_dynamic_value_keeps_what_holds_it() {
        check(r#"dyn.p["x"]"#, &["dyn.p", "dyn.p.y"], &["dyn.q"]);
    }

    #[test]
    fn a_text_index_in_the_middle_of_an_object_has_no_effect() {
        check(r#"dyn["p"].x"#, &[], &["dyn.p.x", "dyn"]);
    }

    #[test]
    fn a_whole_list_is_kept() {
        check("lst", &["lst", "lst[3]"], &[]);
    }

    #[test]
    fn a_list_element_is_kept_alone() {
        check("lst[0]", &["lst[0]"], &["lst[1]", "lst"]);
    }

    #[test]
    fn a_list_element_that_the_prior_list_lacks_has_no_effect() {
        let actual = Value::decode(r#"{"lst":["a"]}"#).unwrap();
        assert!(covers(&path("lst[0]"), &path("lst[0]"), &Everything, Some(&actual)));
        assert!(!covers(&path("lst[2]"), &path("lst[2]"), &Everything, Some(&actual)));
    }

    #[test]
    fn a_whole_set_is_kept() {
        for set in ["st", "b_set", "n_set"] {
            check(set, &[set], &[]);
        }
    }

    #[test]
    fn an_index_into_a_set_covers_nothing() {
        check("st[0]", &[], &["st", "st[0]"]);
        check("b_set[0].k", &[], &["b_set"]);
    }

    #[test]
    fn a_part_of_a_nested_attribute_is_kept_alone() {
        check("n_single.k", &["n_single.k"], &["n_single.j"]);
        check("n_list[0].k", &["n_list[0].k"], &["n_list[0].j", "n_list[1].k"]);
        check(r#"n_map["m"]"#, &[r#"n_map["m"]"#, r#"n_map["m"].k"#], &[r#"n_map["o"]"#]);
        check(r#"n_map["m"].k"#, &[r#"n_map["m"].k"#], &[r#"n_map["m"].j"#]);
    }

    #[test]
    fn attribute_syntax_on_a_map_of_objects_has_no_effect() {
        check("n_map.m.k", &[], &[r#"n_map["m"].k"#]);
        check("b_map.lab.k", &[], &[r#"b_map["lab"].k"#]);
    }

    #[test]
    fn a_single_block_or_its_argument_is_kept() {
        check("b_single", &["b_single", "b_single.k"], &[]);
        check("b_single.k", &["b_single.k"], &["b_single.j"]);
    }

    #[test]
    fn an_index_into_a_single_block_covers_nothing() {
        check("b_single[0].k", &[], &["b_single.k"]);
    }

    #[test]
    fn a_whole_block_list_is_kept_with_its_number() {
        check("b_list", &["b_list", "b_list[2]", "b_list[0].k"], &[]);
    }

    #[test]
    fn a_block_or_its_argument_is_kept_by_position() {
        check("b_list[0]", &["b_list[0]", "b_list[0].k"], &["b_list[1].k"]);
        check("b_list[0].deep[0].keys", &["b_list[0].deep[0].keys"], &["b_list[0].deep[1].keys"]);
    }

    #[test]
    fn a_text_index_on_a_block_list_keeps_all_of_it() {
        check(r#"b_list["x"]"#, &["b_list", "b_list[0].k", "b_list[1]"], &[]);
    }

    #[test]
    fn a_labelled_block_or_its_argument_is_kept() {
        check(r#"b_map["lab"]"#, &[r#"b_map["lab"]"#, r#"b_map["lab"].k"#], &[r#"b_map["x"]"#]);
        check(r#"b_map["lab"].k"#, &[r#"b_map["lab"].k"#], &[r#"b_map["lab"].j"#]);
    }

    #[test]
    fn without_a_schema_an_index_means_a_map_and_a_name_an_object() {
        check(r#"x["k"]"#, &[r#"x["k"]"#], &[r#"x["j"]"#]);
        check("x.k", &["x.k"], &["x.j"]);
    }
}
