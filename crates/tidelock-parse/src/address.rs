//! Addresses of modules and resource instances: `module.net["eu"].aws_subnet.a[0]`.
//!
//! Grammar: `[module.NAME[KEY]. …]*[data.|ephemeral.]TYPE.NAME[KEY]`, KEY = `[0]` or `["text"]`. Keys may hold
//! dots and brackets, so an address is tokenised, never split.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    path::{Step, read_index},
    quoted::{read_identifier, write_quoted},
};

/// Key of one instance of a resource or module that uses `count` (integer) or `for_each` (text).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceKey {
    /// Index of `count`; orders as a number, so `[2] < [10]`.
    Int(u64),
    /// Key of `for_each`.
    Str(Box<str>),
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(index) => write!(f, "[{index}]"),
            Self::Str(key) => {
                f.write_str("[")?;
                write_quoted(f, key)?;
                f.write_str("]")
            }
        }
    }
}

/// One call on the way from the root module: `module.net["eu"]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleStep {
    /// Name of the `module` block.
    pub name: Box<str>,
    /// Key of the module instance, if the call has `count` or `for_each`.
    pub key: Option<InstanceKey>,
}

/// Absolute path of a module instance; empty for the root module, which displays as nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(Vec<ModuleStep>);

impl ModulePath {
    /// The root module.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The calls, outermost first.
    pub fn steps(&self) -> &[ModuleStep] {
        &self.0
    }

    /// Whether this is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The module instance that contains the call of this one; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        self.0.split_last().map(|(_, rest)| Self(rest.to_vec()))
    }

    /// The path of an instance of a call inside this module.
    #[must_use]
    pub fn child(&self, name: &str, key: Option<InstanceKey>) -> Self {
        let mut steps = self.0.clone();
        steps.push(ModuleStep { name: name.into(), key });
        Self(steps)
    }

    /// The call names without instance keys: which configuration block this is.
    pub fn config(&self) -> ConfigModulePath {
        ConfigModulePath(self.0.iter().map(|step| step.name.clone()).collect())
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            write!(f, "module.{}", step.name)?;
            if let Some(key) = &step.key {
                key.fmt(f)?;
            }
        }
        Ok(())
    }
}

/// Path of a module in the configuration: call names without instance keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigModulePath(Vec<Box<str>>);

impl ConfigModulePath {
    /// The root module.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The call names, outermost first.
    pub fn names(&self) -> &[Box<str>] {
        &self.0
    }

    /// The path of a call inside this module.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        let mut names = self.0.clone();
        names.push(name.into());
        Self(names)
    }

    /// The module that contains the call of this one; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        self.0.split_last().map(|(_, rest)| Self(rest.to_vec()))
    }

    /// The names joined with dots, as `modules.json` writes its keys; `""` for the root.
    pub fn key(&self) -> String {
        self.0.join(".")
    }
}

impl fmt::Display for ConfigModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.0.iter().enumerate() {
            write!(f, "{}module.{name}", if i > 0 { "." } else { "" })?;
        }
        Ok(())
    }
}

/// What kind of block declares the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `resource` block.
    Managed,
    /// `data` block.
    Data,
    /// `ephemeral` block; only OpenTofu 1.11 lists these.
    Ephemeral,
}

/// A resource block in the configuration: an address without any instance key.
///
/// State `dependencies` and plan `configuration` name things like this.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigAddr {
    /// The module that holds the block.
    pub module: ConfigModulePath,
    /// Kind of the block.
    pub mode: Mode,
    /// First label, such as `aws_instance`.
    pub type_name: Box<str>,
    /// Second label.
    pub name: Box<str>,
}

impl fmt::Display for ConfigAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.0.is_empty() {
            write!(f, "{}.", self.module)?;
        }
        write_resource(f, self.mode, &self.type_name, &self.name)
    }
}

/// Absolute address of one resource instance.
///
/// `Display` and `FromStr` are inverse. `Ord` compares integer keys as numbers, so `a[2] < a[10]`.
///
/// ```
/// # use tidelock_parse::ResourceAddr;
/// let addr: ResourceAddr = r#"module.net["e.u"].data.aws_subnet.a[3]"#.parse().unwrap();
/// assert_eq!(addr.to_string(), r#"module.net["e.u"].data.aws_subnet.a[3]"#);
/// assert_eq!(addr.config().to_string(), "module.net.data.aws_subnet.a");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceAddr {
    /// The module instance that holds it.
    pub module: ModulePath,
    /// Kind of the block.
    pub mode: Mode,
    /// Resource type, such as `aws_instance`.
    pub type_name: Box<str>,
    /// Name of the block.
    pub name: Box<str>,
    /// Key of the instance, if the block has `count` or `for_each`.
    pub key: Option<InstanceKey>,
}

impl ResourceAddr {
    /// The block that declares this instance.
    pub fn config(&self) -> ConfigAddr {
        ConfigAddr {
            module: self.module.config(),
            mode: self.mode,
            type_name: self.type_name.clone(),
            name: self.name.clone(),
        }
    }
}

fn write_resource(f: &mut fmt::Formatter<'_>, mode: Mode, type_name: &str, name: &str) -> fmt::Result {
    let prefix = match mode {
        Mode::Managed => "",
        Mode::Data => "data.",
        Mode::Ephemeral => "ephemeral.",
    };
    write!(f, "{prefix}{type_name}.{name}")
}

impl fmt::Display for ResourceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write_resource(f, self.mode, &self.type_name, &self.name)?;
        self.key.as_ref().map_or(Ok(()), |key| key.fmt(f))
    }
}

/// A text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("not a resource address (stopped at byte {at})")]
#[diagnostic(
    code(tidelock::address::syntax),
    help("an address looks like `module.net[\"eu\"].aws_subnet.a[0]`")
)]
pub struct AddrError {
    /// Byte offset of the first character that does not fit, zero-based.
    pub at: usize,
}

/// `name` and optional `[key]` at the start of `text`, and the rest.
fn read_named(text: &str) -> Option<(&str, Option<InstanceKey>, &str)> {
    let (name, rest) = read_identifier(text)?;
    let Some(inside) = rest.strip_prefix('[') else {
        return Some((name, None, rest));
    };
    let (step, rest) = read_index(inside)?;
    let key = match step {
        Step::Index(index) => InstanceKey::Int(index),
        Step::Key(key) | Step::Attr(key) => InstanceKey::Str(key),
    };
    Some((name, Some(key), rest.strip_prefix(']')?))
}

/// The module steps at the start of `text`, and what follows them (a leading dot removed).
fn read_modules(text: &str) -> Result<(ModulePath, &str), &str> {
    let mut path = Vec::new();
    let mut rest = text;
    while let Some(call) = rest.strip_prefix("module.") {
        let (name, key, behind) = read_named(call).ok_or(rest)?;
        path.push(ModuleStep { name: name.into(), key });
        rest = match behind.strip_prefix('.') {
            Some(behind) => behind,
            None if behind.is_empty() => behind,
            None => return Err(behind),
        };
    }
    Ok((ModulePath(path), rest))
}

impl FromStr for ModulePath {
    type Err = AddrError;

    fn from_str(text: &str) -> Result<Self, AddrError> {
        match read_modules(text) {
            Ok((path, "")) if !text.ends_with('.') => Ok(path),
            Ok((_, rest)) | Err(rest) => Err(AddrError { at: text.len() - rest.len() }),
        }
    }
}

impl FromStr for ResourceAddr {
    type Err = AddrError;

    fn from_str(text: &str) -> Result<Self, AddrError> {
        let at = |rest: &str| AddrError { at: text.len() - rest.len() };
        let (module, rest) = read_modules(text).map_err(at)?;
        let (mode, rest) = if let Some(rest) = rest.strip_prefix("data.") {
            (Mode::Data, rest)
        } else if let Some(rest) = rest.strip_prefix("ephemeral.") {
            (Mode::Ephemeral, rest)
        } else {
            (Mode::Managed, rest)
        };
        let (type_name, behind) = read_identifier(rest).ok_or_else(|| at(rest))?;
        let named = behind.strip_prefix('.').ok_or_else(|| at(behind))?;
        match read_named(named) {
            Some((name, key, "")) => {
                Ok(Self { module, mode, type_name: type_name.into(), name: name.into(), key })
            }
            Some((_, _, rest)) => Err(at(rest)),
            None => Err(at(named)),
        }
    }
}

impl FromStr for ConfigAddr {
    type Err = AddrError;

    /// Instance keys are dropped: old states name their dependencies with them.
    fn from_str(text: &str) -> Result<Self, AddrError> {
        text.parse::<ResourceAddr>().map(|addr| addr.config())
    }
}

macro_rules! serde_as_text {
    ($($name:ty),+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
serde_as_text!(ModulePath, ResourceAddr, ConfigAddr);
