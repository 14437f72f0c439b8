//! The action list: what `tidelock rollback --format json` wrote.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tidelock_parse::{
    ResourceAddr,
    inventory::{Cloud, Key, Object},
};
use tidelock_types::Request;

use super::{ApiError, CallbackUrl, Ended, ItemEnd, api::Apis};

/// More than any list.
const MAX_BYTES: usize = 64 << 20;

/// A list cannot be used. No variant quotes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ListError {
    /// No list of ours.
    #[error("{input}: this is no action list (line {line}, column {column})")]
    #[diagnostic(
        code(tidelock::run::list),
        help("`tidelock rollback … --format json -o ACTIONS.json` writes one")
    )]
    Format {
        /// Name of the input.
        input: String,
        /// Line, one-based.
        line: usize,
        /// Column in bytes, one-based.
        column: usize,
    },
    /// The report of another command.
    #[error("{input}: this is a report of another command than `rollback`")]
    #[diagnostic(
        code(tidelock::run::command),
        help("only what `tidelock rollback` lists is executed: it alone knows what was there before")
    )]
    Command {
        /// Name of the input.
        input: String,
    },
    /// Too large.
    #[error("{input}: too large for an action list")]
    #[diagnostic(code(tidelock::run::size), help("`tidelock rollback … --format json` writes one"))]
    Size {
        /// Name of the input.
        input: String,
    },
    /// The callback would go out in the open, or nowhere.
    #[error("{input}: the callback cannot be posted: {error}")]
    #[diagnostic(
        code(tidelock::run::callback),
        help("`--callback-url` takes an https:// address, or one of this machine")
    )]
    Callback {
        /// Name of the input.
        input: String,
        /// Why.
        error: ApiError,
    },
    /// Written by a version that this one does not know.
    #[error("{input}: a list of another version than 1")]
    #[diagnostic(
        code(tidelock::run::version),
        help("write the list with the version of tidelock that runs it")
    )]
    Version {
        /// Name of the input.
        input: String,
    },
}

/// What has to go, in this order, and who has to hear of it.
#[derive(Clone, Debug)]
pub struct ActionList {
    digest: String,
    items: Vec<Item>,
    undecided: usize,
    tokens: BTreeMap<String, String>,
    callback: Option<CallbackOrder>,
}

/// One object to remove.
#[derive(Clone, Debug)]
pub struct Item {
    address: Option<String>,
    object: Option<ObjectName>,
    request: Option<Request>,
    key: String,
}

/// A real object, as the list names it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct ObjectName {
    /// Where it lives.
    pub provider: String,
    /// What the platform calls such a thing.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id there.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Node, zone or region.
    #[serde(default)]
    pub location: Option<String>,
}

/// Where the callback goes, and what it says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CallbackOrder {
    url: String,
    #[serde(default)]
    document: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct File<'f> {
    #[serde(default)]
    schema_version: Option<String>,
    #[serde(default)]
    command: Option<String>,
    #[serde(borrow)]
    actions: Vec<&'f RawValue>,
    #[serde(default)]
    tokens: BTreeMap<String, String>,
    #[serde(default)]
    callback: Option<CallbackOrder>,
}

#[derive(Deserialize)]
struct ActionSaid {
    action: String,
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    object: Option<ObjectName>,
    #[serde(default)]
    request: Option<Request>,
}

impl ActionList {
    /// Reads it.
    ///
    /// # Errors
    /// [`ListError`] if it is no list, or that of another command.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, ListError> {
        let input = name.to_owned();
        if bytes.len() > MAX_BYTES {
            return Err(ListError::Size { input });
        }
        let format = |error: &serde_json::Error| ListError::Format {
            input: input.clone(),
            line: error.line(),
            column: error.column(),
        };
        let file: File<'_> = serde_json::from_slice(bytes).map_err(|error| format(&error))?;
        if file.command.as_deref().is_some_and(|command| command != "rollback") {
            return Err(ListError::Command { input });
        }
        if file.schema_version.as_deref().is_some_and(|version| version != "1") {
            return Err(ListError::Version { input });
        }
        let mut said = Vec::new();
        for action in &file.actions {
            let read: Result<ActionSaid, _> = serde_json::from_str(action.get());
            said.push(read.map_err(|error| format(&error))?);
        }
        if let Some(callback) = &file.callback {
            CallbackUrl::parse(&callback.url)
                .map_err(|error| ListError::Callback { input: input.clone(), error })?;
        }
        let undecided = said.iter().filter(|action| action.action == "decide").count();
        let removed = said.into_iter().filter(|action| action.action == "remove");
        let mut calls = BTreeSet::new();
        // The same call twice is one.
        let is_new = |item: &Item| item.request.is_none() || calls.insert(item.key.clone());
        let items = removed.map(Item::of).filter(is_new).collect();
        let digest = format!("{:x}", Sha256::digest(bytes));
        Ok(Self { digest, items, undecided, tokens: file.tokens, callback: file.callback })
    }

    /// SHA-256 of the file, in hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What has to go, in this order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// How many objects wait for a person's decision; they are not touched.
    pub fn undecided(&self) -> usize {
        self.undecided
    }

    /// Names of environment variables that hold tokens, by provider (`hcloud`).
    pub fn tokens(&self) -> &BTreeMap<String, String> {
        &self.tokens
    }

    /// Whether somebody has to hear of it.
    pub fn has_callback(&self) -> bool {
        self.callback.is_some()
    }

    pub(super) fn callback(&self) -> Option<&CallbackOrder> {
        self.callback.as_ref()
    }

    /// The placeholders that the calls of the list name, each once.
    pub fn placeholders(&self) -> Vec<&str> {
        let requests = self.items.iter().filter_map(|item| item.request.as_ref());
        let urls = requests.flat_map(|request| request.first.iter().chain([request]));
        let mut names: Vec<&str> =
            urls.filter_map(|request| Some(super::api::split(&request.url)?.0)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Item {
    fn of(said: ActionSaid) -> Self {
        let ActionSaid { address, object, request, .. } = said;
        let key = request.as_ref().map(|request| format!("{} {}", request.method, request.url));
        let named = || address.clone().unwrap_or_default();
        let key = key.unwrap_or_else(|| format!("- {}", named()));
        Self { address, object, request, key }
    }

    /// The resource address, if the list names one.
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// The object.
    pub fn object(&self) -> Option<&ObjectName> {
        self.object.as_ref()
    }

    /// The call that removes it.
    pub fn request(&self) -> Option<&Request> {
        self.request.as_ref()
    }

    /// What names it in a journal: its call, in which nothing is secret.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What people call it: `proxmox qemu 110 (web)`.
    pub fn label(&self) -> String {
        let Some(object) = &self.object else {
            return self.address.clone().unwrap_or_else(|| self.key.clone());
        };
        let name = object.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        format!("{} {} {}{name}", object.provider, object.kind, object.id)
    }

    /// Whether its calls may and can be made.
    pub(super) fn check(&self, apis: &Apis) -> Result<(), String> {
        let object = self.object.as_ref().ok_or("the list does not say which object it is")?;
        if object.id.trim().is_empty() {
            return Err("its id is empty".to_owned());
        }
        let request = self.request.as_ref().ok_or("the list has no call for it; remove it by hand")?;
        if *request != object.request()? {
            return Err("its call is not the one that removes such an object".to_owned());
        }
        if let Some(address) = &self.address {
            let address: ResourceAddr = address.parse().map_err(|_| "its address is none")?;
            if !tidelock_types::holders(&object.known()).contains(&&*address.type_name) {
                return Err("its address is of another type than its object".to_owned());
            }
        }
        if object.provider == "proxmox" && object.name.as_ref().is_none_or(|name| name.trim().is_empty()) {
            return Err(
                "the list does not name it, so that nobody can tell whether its number was given anew"
                    .to_owned(),
            );
        }
        for call in request.first.iter().chain([request]) {
            let (api, _) = apis.resolve(&call.url)?;
            if !api.is_authorised() {
                return Err(format!("there is no token for {}", api.base()));
            }
        }
        Ok(())
    }
}

impl ObjectName {
    /// The object, as far as the list names it.
    fn known(&self) -> Object {
        let mut object = Object::new(Key::new(Cloud::from(&*self.provider), &self.kind, &*self.id));
        object.name.clone_from(&self.name);
        object.location.clone_from(&self.location);
        object
    }

    /// The call that removes it: worked out from what it is, not believed.
    fn request(&self) -> Result<Request, String> {
        if !self.has_one_spelling() {
            return Err("its id is not one of such an object".to_owned());
        }
        let object = self.known();
        tidelock_types::of_object(&object)
            .delete(&object)
            .ok_or_else(|| "no call that removes such an object is known; use its command".to_owned())
    }

    /// Whether the id is written in the one way in which states and inventories write it: `01` is `1` for a platform, and another
    /// object for whoever compares texts.
    fn has_one_spelling(&self) -> bool {
        let id = self.id.as_str();
        let is_number = || id.parse::<u64>().is_ok_and(|number| number > 0 && number.to_string() == id);
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte) || byte == b'-';
        match self.provider.as_str() {
            "proxmox" | "hcloud" => is_number(),
            "digitalocean" => is_number() || id.len() == 36 && id.bytes().all(is_hex),
            _ => id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        }
    }
}

/// What became of an item, for the one who is called back.
#[derive(Serialize)]
struct Told<'t> {
    address: &'t str,
    provider: &'t str,
    r#type: &'t str,
    id: &'t str,
    name: &'t str,
}

impl CallbackOrder {
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The document of the list, with what was done: `removed`, `left` (in numbers) and `still_there`.
    pub(super) fn document(&self, list: &ActionList, ends: &[ItemEnd], left: usize) -> Vec<u8> {
        let mut document = self.document.clone();
        let is_left = |at: usize| ends.iter().find(|end| end.at == at).is_none_or(ItemEnd::is_left);
        let told = |(_, item): (usize, &Item)| {
            let object = item.object.as_ref();
            let text = |of: fn(&ObjectName) -> &str| object.map(of).unwrap_or_default().to_owned();
            let told = Told {
                address: item.address.as_deref().unwrap_or_default(),
                provider: &text(|object| &object.provider),
                r#type: &text(|object| &object.kind),
                id: &text(|object| &object.id),
                name: &text(|object| object.name.as_deref().unwrap_or_default()),
            };
            serde_json::to_value(told).unwrap_or_default()
        };
        let still = list.items.iter().enumerate().filter(|(at, _)| is_left(*at)).map(told);
        document.insert("still_there".to_owned(), still.collect());
        document.insert("left".to_owned(), left.into());
        document.insert("removed".to_owned(), (list.items.len() - left).into());
        serde_json::to_vec(&document).unwrap_or_default()
    }
}

impl ItemEnd {
    /// Whether the object is still there, as far as is known.
    pub fn is_left(&self) -> bool {
        matches!(self.ended, Ended::Failed(_) | Ended::Refused(_) | Ended::HeldBack(_))
    }
}
