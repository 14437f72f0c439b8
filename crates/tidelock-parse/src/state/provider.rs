//! The provider configuration an object belongs to.

use std::fmt;

use crate::{
    address::{ConfigModulePath, InstanceKey, ModulePath},
    path::{Step, read_index},
    quoted::read_identifier,
};

/// A provider configuration as a state names it.
///
/// `Display` writes the form of the state back. Forms read: `provider["HOST/NS/TYPE"].ALIAS["key"]` with
/// `module.a.` in front where a module declares it, the bare source address of state JSON, and the old
/// `provider.aws.west`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderRef {
    /// The module that declares the configuration; its calls have no instance keys.
    pub module: ConfigModulePath,
    /// Source address, such as `registry.terraform.io/hashicorp/aws`; a bare type name in old states.
    pub source: Box<str>,
    /// Alias of the configuration.
    pub alias: Option<Box<str>>,
    /// Key of one instance of the configuration; OpenTofu 1.9 (`for_each` in a `provider` block).
    pub key: Option<InstanceKey>,
}

impl ProviderRef {
    /// The default configuration of the provider with this source address.
    pub(super) fn of_source(source: &str) -> Self {
        Self { source: source.into(), ..Self::default() }
    }

    /// Reads the form of raw states; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let at = if text.starts_with("provider") { 0 } else { text.find(".provider")? + 1 };
        let (module, rest) = text.split_at_checked(at)?;
        let module = match module.strip_suffix('.') {
            Some(module) => module.parse::<ModulePath>().ok()?.config(),
            None => ConfigModulePath::root(),
        };
        let rest = rest.strip_prefix("provider")?;
        let (source, rest) = read_source(rest)?;
        let (alias, key) = match rest.strip_prefix('.') {
            Some(alias) => read_alias(alias)?,
            None if rest.is_empty() => (None, None),
            None => return None,
        };
        Some(Self { module, source, alias, key })
    }
}

/// `["HOST/NS/TYPE"]` or `.TYPE`, and the rest.
fn read_source(text: &str) -> Option<(Box<str>, &str)> {
    if let Some(inside) = text.strip_prefix('[') {
        let (step, rest) = read_index(inside)?;
        return Some((step.name()?.into(), rest.strip_prefix(']')?));
    }
    let (source, rest) = read_identifier(text.strip_prefix('.')?)?;
    Some((source.into(), rest))
}

fn read_alias(text: &str) -> Option<(Option<Box<str>>, Option<InstanceKey>)> {
    let (alias, rest) = read_identifier(text)?;
    let Some(inside) = rest.strip_prefix('[') else {
        return rest.is_empty().then(|| (Some(alias.into()), None));
    };
    let (step, rest) = read_index(inside)?;
    let key = match step {
        Step::Index(index) => InstanceKey::Int(index),
        Step::Key(key) | Step::Attr(key) => InstanceKey::Str(key),
    };
    (rest == "]").then(|| (Some(alias.into()), Some(key)))
}

impl fmt::Display for ProviderRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.names().is_empty() {
            write!(f, "{}.", self.module)?;
        }
        if self.source.contains('/') {
            write!(f, "provider{}", InstanceKey::Str(self.source.clone()))?;
        } else {
            write!(f, "provider.{}", self.source)?;
        }
        if let Some(alias) = &self.alias {
            write!(f, ".{alias}")?;
        }
        self.key.as_ref().map_or(Ok(()), |key| key.fmt(f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_provider_is_read_and_written_back() {
        for text in [
            r#"provider["registry.terraform.io/hashicorp/aws"]"#,
            r#"provider["registry.opentofu.org/hashicorp/aws"].west"#,
            r#"module.a.module.b.provider["terraform.io/builtin/terraform"]"#,
            r#"provider["registry.opentofu.org/acme/x"].by["key.\"1"]"#,
            r#"provider["registry.opentofu.org/acme/x"].by[3]"#,
            "provider.aws",
            "provider.aws.west",
            "module.child.provider.aws",
        ] {
            assert_eq!(ProviderRef::parse(text).expect(text).to_string(), text);
        }
        for text in ["", "aws", "provider", "provider[", "provider[1]", "provider.aws.", "x.provider.aws"] {
            assert_eq!(ProviderRef::parse(text), None, "{text}");
        }
    }
}
