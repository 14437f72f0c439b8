//! Inventories of platforms that no reader knows: which field of an object is what.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};
use serde_json::Value as Json;

use super::{
    Cloud, CommandLine, Expression, Key, Object, Status, Told,
    claim::is_name,
    json::{Fault, Members},
    pick::Pick,
};

/// One `[[inventory]]` entry of a policy: what objects of one kind look like in the export of a platform.
///
/// ```
/// # use tidelock_parse::{Source, inventory::{self, Mapping, Options}};
/// let mapping: Mapping = toml::from_str(r#"
///     kind = "droplet"
///     type = "digitalocean_droplet"
///     when = { size_slug = "*" }
///     id = ".id"
///     name = ".name"
///     delete = "doctl compute droplet delete {id}"
/// "#).unwrap();
/// let export = r#"[{"id": 3164444, "name": "web-1", "size_slug": "s-1vcpu-1gb"}]"#;
/// let options = Options { mappings: &[mapping], ..Options::default() };
/// let found = inventory::read(&Source::new("droplets.json", export), &options).unwrap();
/// assert_eq!(found.objects[0].key.kind(), "digitalocean:digitalocean_droplet");
/// assert_eq!(found.objects[0].told.delete.as_deref(), Some("doctl compute droplet delete 3164444"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mapping {
    /// What `--inventory KIND=FILE` calls it.
    pub kind: Box<str>,
    /// The platform; the first part of the first resource type unless said.
    pub cloud: Cloud,
    /// Resource types that manage such an object, the likeliest first; at least one.
    pub types: Vec<Box<str>>,
    /// What fields must hold in an object that the entry is about; `*` stands for anything that is there. Case does not count.
    /// Without any, the entry is used only where its kind is named.
    pub when: BTreeMap<String, (Expression, String)>,
    /// Where the list stands in the export, if that cannot be told.
    pub items: Option<Expression>,
    /// The field of the export that is set if more follows, if it has an unusual name.
    pub more: Option<Expression>,
    /// The id, as a state has it in `id`.
    pub id: Expression,
    /// What people call it.
    pub name: Option<Expression>,
    /// Labels: an object, a list of texts, or a list of objects with a key and a value.
    pub labels: Option<Expression>,
    /// When it was made, RFC 3339.
    pub created: Option<Expression>,
    /// Zone or region.
    pub location: Option<Expression>,
    /// Addresses, the best one first.
    pub addresses: Vec<Expression>,
    /// Whether it works, in words of the platform.
    pub status: Option<Expression>,
    /// Words for running, in place of the usual ones.
    pub running: Vec<String>,
    /// Words for stopped, in place of the usual ones.
    pub stopped: Vec<String>,
    /// Words for what no longer exists, and is not an object any more.
    pub gone: Vec<String>,
    /// True if the platform refuses to delete it.
    pub protected: Option<Expression>,
    /// Set if something other than OpenTofu or Terraform makes and removes it.
    pub managed_by: Option<Expression>,
    /// Import id, if it is not the id.
    pub import: Option<Expression>,
    /// Command that deletes it.
    pub delete: Option<CommandLine>,
}

impl Mapping {
    /// What it lists, as coverage has it.
    pub fn kinds(&self) -> impl Iterator<Item = (Cloud, &str)> {
        self.types.iter().map(|name| (self.cloud.clone(), &**name))
    }

    /// Whether the entry is about an object.
    pub(super) fn fits(&self, object: &Json) -> bool {
        self.when.values().all(|(field, wanted)| {
            let found = field.text(object);
            found.is_some_and(|found| wanted == "*" || found.eq_ignore_ascii_case(wanted))
        })
    }

    /// The object; `None` if it does not exist any more.
    pub(super) fn object(&self, item: &Json) -> Result<Option<Object>, Fault> {
        let text = |field: &Option<Expression>| field.as_ref().and_then(|field| field.text(item));
        let id = self.id.text(item).ok_or(Fault::Lacks("has no id where the mapping says"))?;
        let word = text(&self.status);
        if word.as_deref().is_some_and(|word| is_one_of(&self.gone, word)) {
            return Ok(None);
        }
        let mut keys = self.kinds().map(|(cloud, noun)| Key::new(cloud, noun, &*id));
        let Some(key) = keys.next() else { return Ok(None) };
        let mut object = Object::new(key);
        object.aliases = keys.collect();
        object.name = text(&self.name);
        object.location = text(&self.location);
        object.status = word.map_or(Status::Unknown, |word| self.status(&word));
        object.created = text(&self.created).filter(|when| is_instant(when));
        object.labels =
            self.labels.as_ref().and_then(|field| field.value(item)).map(labels).unwrap_or_default();
        object.addresses = self.addresses(item);
        object.protected = text(&self.protected).is_some_and(|word| is_true(&word));
        object.managed_by = text(&self.managed_by);
        let import = self.import.as_ref().unwrap_or(&self.id);
        object.told = Told {
            type_name: self.types.first().cloned(),
            import_id: import.text(item),
            delete: self.delete.as_ref().and_then(|command| command.line(item)),
        };
        Ok(Some(object))
    }

    /// Each address once; some tools print several in one text.
    fn addresses(&self, item: &Json) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for text in self.addresses.iter().flat_map(|field| field.texts(item)) {
            for address in text.split([',', ' ']).filter(|address| !address.is_empty()) {
                if !found.iter().any(|known| known == address) {
                    found.push(address.to_owned());
                }
            }
        }
        found
    }

    fn status(&self, word: &str) -> Status {
        let running = ["running", "active", "available", "online", "in-use", "in_use", "ready", "ok"];
        let stopped =
            ["stopped", "off", "offline", "inactive", "terminated", "deallocated", "detached", "shutoff"];
        let is = |own: &[String], usual: &[&str]| {
            if own.is_empty() {
                usual.iter().any(|usual| usual.eq_ignore_ascii_case(word))
            } else {
                is_one_of(own, word)
            }
        };
        if is(&self.running, &running) {
            Status::Running
        } else if is(&self.stopped, &stopped) {
            Status::Stopped
        } else {
            Status::Other(word.into())
        }
    }

    /// Every part of an object that it needs.
    pub(super) fn pick(&self, pick: &mut Pick) {
        self.id.pick(pick);
        self.when.values().for_each(|(field, _)| field.pick(pick));
        let texts = [
            &self.name,
            &self.labels,
            &self.created,
            &self.location,
            &self.status,
            &self.protected,
            &self.managed_by,
            &self.import,
        ];
        texts.into_iter().flatten().chain(&self.addresses).for_each(|field| field.pick(pick));
        self.delete.iter().for_each(|command| command.pick(pick));
    }

    /// Whether the export says, by the entry's own field, that more follows.
    pub(super) fn continues(&self, envelope: &Members<'_>) -> Option<String> {
        let field = self.more.as_ref()?;
        let value = envelope.walk(&field.names()?)?;
        let set = !matches!(value.get(), "null" | "false" | "\"\"" | "0" | "{}" | "[]");
        set.then(|| field.to_string())
    }
}

fn is_one_of(words: &[String], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn is_true(word: &str) -> bool {
    ["true", "1", "yes", "enabled"].iter().any(|truth| truth.eq_ignore_ascii_case(word))
}

/// Whether a text begins like a time of RFC 3339: what is something else cannot be compared.
fn is_instant(text: &str) -> bool {
    let form = b"0000-00-00T00:00:00";
    let fits = |(byte, form): (u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form };
    text.len() > form.len() && text.bytes().zip(form).all(fits)
}

/// Labels in any of the forms that platforms give them.
fn labels(value: &Json) -> BTreeMap<String, String> {
    let text = |value: &Json| match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    let member = |item: &Json, names: [&str; 3]| names.iter().find_map(|name| text(item.get(*name)?));
    match value {
        Json::Object(labels) => {
            labels.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
        }
        Json::Array(items) => items
            .iter()
            .filter_map(|item| match item {
                Json::String(label) => Some((label.clone(), String::new())),
                item => {
                    let key = member(item, ["key", "Key", "name"])?;
                    Some((key, member(item, ["value", "Value", "val"]).unwrap_or_default()))
                }
            })
            .collect(),
        // A cell of a table.
        Json::String(cell) => {
            let labels = cell.split([',', ';']).map(str::trim).filter(|label| !label.is_empty());
            let pair = |label: &str| match label.split_once('=') {
                Some((key, value)) => (key.trim().to_owned(), value.trim().to_owned()),
                None => (label.to_owned(), String::new()),
            };
            labels.map(pair).collect()
        }
        _ => BTreeMap::new(),
    }
}

/// An entry as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: Box<str>,
    #[serde(rename = "type")]
    types: OneOrMany<Box<str>>,
    cloud: Option<String>,
    #[serde(default)]
    when: BTreeMap<String, String>,
    items: Option<Expression>,
    more: Option<Expression>,
    id: Expression,
    name: Option<Expression>,
    labels: Option<Expression>,
    created: Option<Expression>,
    location: Option<Expression>,
    #[serde(default)]
    addresses: OneOrMany<Expression>,
    status: Option<Expression>,
    #[serde(default)]
    running: OneOrMany<String>,
    #[serde(default)]
    stopped: OneOrMany<String>,
    #[serde(default)]
    gone: OneOrMany<String>,
    protected: Option<Expression>,
    managed_by: Option<Expression>,
    import: Option<Expression>,
    delete: Option<CommandLine>,
}

/// One value, or a list of them.
#[derive(Deserialize)]
#[serde(untagged, expecting = "write one value, or a list of them")]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    fn all(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

impl<'de> Deserialize<'de> for Mapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let types = written.types.all();
        let Some(first) = types.first().filter(|name| !name.is_empty()) else {
            return Err(de::Error::custom("`type` names no resource type"));
        };
        if !is_name(&written.kind) {
            return Err(de::Error::custom("`kind` must be one word of letters, digits, `-` and `_`"));
        }
        let cloud = written
            .cloud
            .unwrap_or_else(|| first.split_once('_').map_or(&**first, |(provider, _)| provider).to_owned());
        for path in [&written.items, &written.more].into_iter().flatten() {
            if path.names().is_none() {
                return Err(de::Error::custom("`items` and `more` are plain fields, such as `.value`"));
            }
        }
        let when = written.when.into_iter().map(|(path, wanted)| {
            let dotted = if path.starts_with(['.', '[']) { path.clone() } else { format!(".{path}") };
            Ok((path, (dotted.parse().map_err(de::Error::custom)?, wanted)))
        });
        Ok(Self {
            kind: written.kind,
            cloud: Cloud::from(cloud.as_str()),
            types,
            when: when.collect::<Result<_, D::Error>>()?,
            items: written.items,
            more: written.more,
            id: written.id,
            name: written.name,
            labels: written.labels,
            created: written.created,
            location: written.location,
            addresses: written.addresses.all(),
            status: written.status,
            running: written.running.all(),
            stopped: written.stopped.all(),
            gone: written.gone.all(),
            protected: written.protected,
            managed_by: written.managed_by,
            import: written.import,
            delete: written.delete,
        })
    }
}
