//! Blocks that tell the tools where an object went, or that it exists already: `moved` and `import`, as text.
//!
//! Fields of both: <https://opentofu.org/docs/language/modules/develop/refactoring/> and
//! <https://opentofu.org/docs/language/import/>. The text is laid out as `fmt` would and ends with a line break.

use hcl_edit::{
    Decorate, Decorated, Ident,
    expr::{Expression, Traversal, TraversalOperator},
    structure::{Attribute, Block, Body},
};

use crate::address::{InstanceKey, Mode, ModulePath, ResourceAddr};

/// One end of a `moved` block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// A resource instance; without a key, all instances of its block.
    Resource(ResourceAddr),
    /// A module instance; without a key at its last step, all instances of that call. Never the root module.
    Module(ModulePath),
}

/// `moved { from = … to = … }`; `None` for ends that no such block can name: data sources, the root module.
///
/// ```
/// # use tidelock_parse::refactor::{Endpoint, moved};
/// let from = Endpoint::Resource("aws_s3_bucket.a[0]".parse().unwrap());
/// let to = Endpoint::Resource(r#"module.b["x"].aws_s3_bucket.a"#.parse().unwrap());
/// assert_eq!(
///     moved(&from, &to).unwrap(),
///     "moved {\n  from = aws_s3_bucket.a[0]\n  to   = module.b[\"x\"].aws_s3_bucket.a\n}\n"
/// );
/// ```
pub fn moved(from: &Endpoint, to: &Endpoint) -> Option<String> {
    Some(block("moved", [("from", " ", from.expression()?), ("to", "   ", to.expression()?)]))
}

/// `import { to = … id = … }`; `None` for data sources. Belongs into the root module.
///
/// ```
/// # use tidelock_parse::refactor::import;
/// let to = "hcloud_server.web".parse().unwrap();
/// assert_eq!(import(&to, "4711").unwrap(), "import {\n  to = hcloud_server.web\n  id = \"4711\"\n}\n");
/// ```
pub fn import(to: &ResourceAddr, id: &str) -> Option<String> {
    Some(block("import", [("to", " ", resource(to)?), ("id", " ", Expression::from(id))]))
}

/// A block with two arguments, each with the blanks in front of its equals sign.
fn block(name: &str, arguments: [(&str, &str, Expression); 2]) -> String {
    let arguments = arguments.into_iter().map(|(name, blanks, value)| {
        let mut key = Decorated::new(Ident::new_sanitized(name));
        key.decor_mut().set_suffix(blanks);
        let mut argument = Attribute::new(key, value);
        argument.decor_mut().set_prefix("  ");
        argument
    });
    let block = Block::builder(Ident::new_sanitized(name)).attributes(arguments).build();
    Body::builder().block(block).build().to_string()
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Resource(address) => address.fmt(f),
            Self::Module(path) => path.fmt(f),
        }
    }
}

impl Endpoint {
    fn expression(&self) -> Option<Expression> {
        match self {
            Self::Resource(address) => resource(address),
            Self::Module(path) => traversal(module_steps(path)?),
        }
    }
}

/// A name, or the key behind one.
enum Part {
    Name(Ident),
    Key(Expression),
}

fn resource(address: &ResourceAddr) -> Option<Expression> {
    if address.mode != Mode::Managed {
        return None;
    }
    let mut parts = module_steps(&address.module)?;
    parts.push(Part::Name(Ident::try_from(&*address.type_name).ok()?));
    parts.push(Part::Name(Ident::try_from(&*address.name).ok()?));
    parts.extend(address.key.as_ref().map(key));
    traversal(parts)
}

fn module_steps(path: &ModulePath) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    for step in path.steps() {
        parts.push(Part::Name(Ident::new_sanitized("module")));
        parts.push(Part::Name(Ident::try_from(&*step.name).ok()?));
        parts.extend(step.key.as_ref().map(key));
    }
    Some(parts)
}

fn key(key: &InstanceKey) -> Part {
    Part::Key(match key {
        InstanceKey::Int(index) => Expression::from(*index),
        InstanceKey::Str(text) => Expression::from(&**text),
    })
}

fn traversal(parts: Vec<Part>) -> Option<Expression> {
    let mut parts = parts.into_iter();
    let Part::Name(first) = parts.next()? else { return None };
    let operators = parts.map(|part| {
        Decorated::new(match part {
            Part::Name(name) => TraversalOperator::GetAttr(Decorated::new(name)),
            Part::Key(key) => TraversalOperator::Index(key),
        })
    });
    Some(Expression::from(Traversal::new(Expression::from(first), operators.collect())))
}

#[cfg(test)]
mod tests {
    use hcl_edit::parser;
    use proptest::prelude::*;

    use super::*;
    use crate::address::ModuleStep;

    /// The address that an expression of a block names.
    fn named(body: &Body, block: &str, argument: &str) -> String {
        let block = body.get_blocks(block).next().unwrap();
        let value = &block.body.get_attribute(argument).unwrap().value;
        let Expression::Traversal(traversal) = value else { panic!("{value:?}") };
        let Expression::Variable(first) = &traversal.expr else { panic!("{value:?}") };
        let operators = traversal.operators.iter().map(|operator| match &**operator {
            TraversalOperator::GetAttr(name) => format!(".{}", name.as_str()),
            TraversalOperator::Index(Expression::Number(index)) => format!("[{index}]"),
            TraversalOperator::Index(Expression::String(key)) => format!("[{}]", crate::quoted::quoted(key)),
            other => panic!("{other:?}"),
        });
        operators.fold(first.to_string(), |text, operator| text + &operator)
    }

    fn address(text: &str) -> ResourceAddr {
        text.parse().unwrap()
    }

    #[test]
    fn modules_move_as_a_whole() {
        let path = |name: &str| Endpoint::Module(ModulePath::root().child(name, None));
        assert_eq!(
            moved(&path("a"), &path("b")).unwrap(),
            "moved {\n  from = module.a\n  to   = module.b\n}\n"
        );
        assert_eq!(moved(&path("a"), &Endpoint::Module(ModulePath::root())), None);
    }

    #[test]
    fn data_sources_neither_move_nor_are_imported() {
        let data = address("data.aws_ami.a");
        assert_eq!(import(&data, "x"), None);
        assert_eq!(moved(&Endpoint::Resource(data.clone()), &Endpoint::Resource(data)), None);
    }

    #[test]
    fn ids_survive_whatever_is_in_them() {
        for id in ["a\"b", "${x}", "%{if}", "$${x}", "line\nbreak", "back\\slash", "é", "a,b:c/d@e"] {
            let text = import(&address("a.b"), id).unwrap();
            let body = parser::parse_body(&text).unwrap();
            let value = &body.get_blocks("import").next().unwrap().body.get_attribute("id").unwrap().value;
            assert_eq!(value.as_str(), Some(id), "{text}");
        }
    }

    fn instance_key() -> impl Strategy<Value = Option<InstanceKey>> {
        prop_oneof![
            Just(None),
            any::<u64>().prop_map(|index| Some(InstanceKey::Int(index))),
            "\\PC{0,12}".prop_map(|key| Some(InstanceKey::Str(key.into()))),
            "[$%{}\"\\\\.\\[\\]\n\ta]{0,8}".prop_map(|key| Some(InstanceKey::Str(key.into()))),
        ]
    }

    fn any_address() -> impl Strategy<Value = ResourceAddr> {
        let name = || "[a-z_][a-z0-9_-]{0,6}";
        let modules = proptest::collection::vec((name(), instance_key()), 0..3);
        (modules, name(), name(), instance_key()).prop_map(|(modules, type_name, name, key)| {
            let step = |path: ModulePath, (name, key): (String, _)| path.child(&name, key);
            ResourceAddr {
                module: modules.into_iter().fold(ModulePath::root(), step),
                mode: Mode::Managed,
                type_name: type_name.into(),
                name: name.into(),
                key,
            }
        })
    }

    proptest! {
        #[test]
        fn moved_blocks_parse_and_name_the_addresses(from in any_address(), to in any_address()) {
            let text = moved(&Endpoint::Resource(from.clone()), &Endpoint::Resource(to.clone())).unwrap();
            let body = parser::parse_body(&text).unwrap();
            prop_assert_eq!(named(&body, "moved", "from"), from.to_string());
            prop_assert_eq!(named(&body, "moved", "to"), to.to_string());
            prop_assert_eq!(named(&body, "moved", "to").parse::<ResourceAddr>(), Ok(to));
        }

        #[test]
        fn moved_blocks_of_modules_parse_and_name_the_modules(from in any_address(), last in instance_key()) {
            let path = from.module.child("last", last);
            let text = moved(&Endpoint::Module(path.clone()), &Endpoint::Module(path.clone())).unwrap();
            let body = parser::parse_body(&text).unwrap();
            prop_assert_eq!(named(&body, "moved", "to"), path.to_string());
            let step: Option<&ModuleStep> = path.steps().last();
            prop_assert!(step.is_some());
        }
    }
}
