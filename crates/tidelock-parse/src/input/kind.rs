//! What kind of artifact a text is: table of the format notes, section 0.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// What an artifact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `show -json PLANFILE`.
    PlanJson,
    /// Raw state, version 4.
    State,
    /// `show -json` of a state.
    StateJson,
    /// `providers schema -json`.
    Schemas,
    /// Saved plan file, a zip.
    SavedPlan,
    /// A zip that is no saved plan.
    OtherZip,
    /// Saved plan of Terraform before 0.12.
    AncientPlan,
    /// `plan -json`, `apply -json`: a stream of lines.
    UiStream,
    /// State encrypted by OpenTofu.
    EncryptedState,
    /// Saved plan encrypted by OpenTofu.
    EncryptedPlan,
    /// Pointer to a plan in HCP Terraform; holds no plan.
    CloudBookmark,
    /// Redacted plan of the cloud backends.
    RedactedPlan,
    /// Raw state of version 1 to 3.
    LegacyState,
    /// Raw state of a version above 4.
    FutureState,
    /// `.terraform/terraform.tfstate`: backend settings, no state.
    BackendSettings,
    /// `metadata functions -json`.
    FunctionSignatures,
    /// `validate -json`.
    Validation,
    /// `show -json -config`: configuration alone; OpenTofu.
    ConfigurationJson,
    /// `.terraform/modules/modules.json`.
    ModuleManifest,
    /// What a platform says exists: guests of Proxmox VE, servers of Hetzner Cloud and the like.
    Inventory,
    /// A JSON object of no known kind.
    UnknownJson,
}

impl Kind {
    /// Every kind that is told apart, in the order of the declaration.
    pub const ALL: &'static [Self] = &[
        Self::PlanJson,
        Self::State,
        Self::StateJson,
        Self::Schemas,
        Self::SavedPlan,
        Self::OtherZip,
        Self::AncientPlan,
        Self::UiStream,
        Self::EncryptedState,
        Self::EncryptedPlan,
        Self::CloudBookmark,
        Self::RedactedPlan,
        Self::LegacyState,
        Self::FutureState,
        Self::BackendSettings,
        Self::FunctionSignatures,
        Self::Validation,
        Self::ConfigurationJson,
        Self::ModuleManifest,
        Self::Inventory,
        Self::UnknownJson,
    ];

    /// Stable word, as reports spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PlanJson => "plan_json",
            Self::State => "state",
            Self::StateJson => "state_json",
            Self::Schemas => "provider_schemas",
            Self::SavedPlan => "saved_plan",
            Self::OtherZip => "zip",
            Self::AncientPlan => "ancient_plan",
            Self::UiStream => "ui_stream",
            Self::EncryptedState => "encrypted_state",
            Self::EncryptedPlan => "encrypted_plan",
            Self::CloudBookmark => "cloud_bookmark",
            Self::RedactedPlan => "redacted_plan",
            Self::LegacyState => "legacy_state",
            Self::FutureState => "future_state",
            Self::BackendSettings => "backend_settings",
            Self::FunctionSignatures => "function_signatures",
            Self::Validation => "validation",
            Self::ConfigurationJson => "configuration_json",
            Self::ModuleManifest => "module_manifest",
            Self::Inventory => "inventory",
            Self::UnknownJson => "unknown_json",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PlanJson => "a plan in JSON form",
            Self::State => "a raw state",
            Self::StateJson => "a state in JSON form",
            Self::Schemas => "provider schemas",
            Self::SavedPlan => "a saved plan file",
            Self::OtherZip => "a zip file that is no saved plan",
            Self::AncientPlan => "a saved plan of Terraform before 0.12",
            Self::UiStream => "the JSON log of a run (`plan -json`, `apply -json`)",
            Self::EncryptedState => "an encrypted OpenTofu state",
            Self::EncryptedPlan => "an encrypted OpenTofu plan",
            Self::CloudBookmark => "a pointer to a plan in HCP Terraform",
            Self::RedactedPlan => "the redacted plan of a cloud backend",
            Self::LegacyState => "a state of version 1 to 3",
            Self::FutureState => "a state of a version above 4",
            Self::BackendSettings => "backend settings (`.terraform/terraform.tfstate`), not a state",
            Self::FunctionSignatures => "function signatures",
            Self::Validation => "the result of `validate -json`",
            Self::ConfigurationJson => "a configuration in JSON form",
            Self::ModuleManifest => "a module manifest",
            Self::Inventory => "an inventory of what really exists",
            Self::UnknownJson => "JSON of an unknown kind",
        })
    }
}

/// The kind of a binary input, by its first bytes.
pub(super) fn binary(bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(b"PK") {
        // Member names stand in the clear in local headers and in the central directory.
        let member = b"tfplan";
        // The directory stands at the end.
        let found = bytes.windows(member.len()).rev().any(|window| window == member);
        return Some(if found { Kind::SavedPlan } else { Kind::OtherZip });
    }
    bytes.starts_with(b"tfplan").then_some(Kind::AncientPlan)
}

/// The kind that the first keys promise, for the two artifacts that grow big.
pub(super) fn presume(bytes: &[u8]) -> Option<Kind> {
    let head: Vec<u8> = bytes.iter().take(400).copied().filter(|b| !b.is_ascii_whitespace()).collect();
    let Some(rest) = head.strip_prefix(br#"{"format_version":"#) else {
        return head.starts_with(br#"{"version":4,"#).then_some(Kind::State);
    };
    // Key by key: deeper down, an output of a state may carry the name of a section of plans.
    let rest = behind_text(rest)?;
    let rest = rest.strip_prefix(br#""terraform_version":"#).map_or(Some(rest), behind_text)?;
    let sections: [&[u8]; 2] = [br#""variables":"#, br#""planned_values":"#];
    sections.iter().any(|key| rest.starts_with(key)).then_some(Kind::PlanJson)
}

/// What follows a text without escapes and the comma behind it.
fn behind_text(json: &[u8]) -> Option<&[u8]> {
    let text = json.strip_prefix(b"\"")?;
    let end = text.iter().position(|byte| *byte == b'"')?;
    text.get(end..)?.strip_prefix(b"\",")
}

/// Whether the first keys of a text are those of an artifact, even if the rest of it is missing.
pub(super) fn looks_like_artifact(text: &str) -> bool {
    let head: String = text.chars().take(200).filter(|c| !c.is_whitespace()).collect();
    ["{\"format_version\":", "{\"version\":", "{\"plan_format_version\":", "{\"serial\":", "{\"meta\":"]
        .iter()
        .any(|start| head.starts_with(start))
}

/// Whether a text begins with a message of the log of a run.
pub(super) fn is_log(text: &str) -> bool {
    matches!(json(text), Ok((Kind::UiStream, _)))
}

/// The kind of the JSON object at the start of `text`, and how long the object is.
pub(crate) fn json(text: &str) -> Result<(Kind, usize), serde_json::Error> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Keys>();
    match stream.next() {
        Some(keys) => keys.map(|keys| (keys.kind(), stream.byte_offset())),
        None => Ok((Kind::UnknownJson, text.len())),
    }
}

/// Top-level keys of an object, with the few values that decide its kind.
#[derive(Default)]
struct Keys {
    names: BTreeMap<String, Hint>,
}

/// As much of a value as deciding takes.
#[derive(Default)]
enum Hint {
    Text(String),
    Number(u64),
    /// A list that holds, somewhere in its elements, a `resources` object with entries.
    WithResources,
    #[default]
    Other,
}

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeysVisitor;
        impl<'de> Visitor<'de> for KeysVisitor {
            type Value = Keys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Keys::default();
                while let Some(name) = map.next_key::<Cow<'de, str>>()? {
                    let hint = match &*name {
                        "version" | "remote_plan_format" | "encryption_version" | "run_id" | "modules" => {
                            Hint::of(&name, map.next_value::<&'de RawValue>()?.get())
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            Hint::Other
                        }
                    };
                    // Hundreds of keys are no artifact; there is no need to keep them all.
                    if keys.names.len() < 100 {
                        keys.names.insert(name.into_owned(), hint);
                    }
                }
                Ok(keys)
            }
        }
        deserializer.deserialize_map(KeysVisitor)
    }
}

#[derive(Deserialize)]
struct Module<'a> {
    #[serde(borrow, default)]
    resources: Option<BTreeMap<Cow<'a, str>, &'a RawValue>>,
}

impl Hint {
    /// What a deciding value says; a value of another type says nothing.
    fn of(name: &str, json: &str) -> Self {
        let hint = match name {
            "version" | "remote_plan_format" => json.parse().ok().map(Self::Number),
            "modules" => serde_json::from_str::<Vec<Module<'_>>>(json).ok().and_then(|list| {
                let filled = |module: &Module<'_>| !module.resources.as_ref().is_none_or(BTreeMap::is_empty);
                list.iter().any(filled).then_some(Self::WithResources)
            }),
            _ => serde_json::from_str(json).ok().map(Self::Text),
        };
        hint.unwrap_or_default()
    }
}

impl Keys {
    fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    fn number(&self, name: &str) -> Option<u64> {
        match self.names.get(name) {
            Some(Hint::Number(number)) => Some(*number),
            _ => None,
        }
    }

    fn kind(&self) -> Kind {
        if matches!(self.names.get("encryption_version"), Some(Hint::Text(version)) if !version.is_empty()) {
            let state = self.has("lineage") || self.has("serial");
            return if state { Kind::EncryptedState } else { Kind::EncryptedPlan };
        }
        if self.has("remote_plan_format") && self.has("run_id") {
            return Kind::CloudBookmark;
        }
        if self.has("format_version") {
            return self.versioned();
        }
        if let Some(version) = self.number("version") {
            return self.raw_state(version);
        }
        if self.has("plan_format_version") {
            return Kind::RedactedPlan;
        }
        if self.has("@level") && self.has("@message") {
            return Kind::UiStream;
        }
        if self.has("root_module") {
            return Kind::ConfigurationJson;
        }
        if self.has("Modules") { Kind::ModuleManifest } else { Kind::UnknownJson }
    }

    /// Kinds that carry a `format_version`.
    fn versioned(&self) -> Kind {
        let plan =
            ["variables", "planned_values", "resource_changes", "configuration", "output_changes", "errored"];
        if plan.iter().any(|key| self.has(key)) {
            Kind::PlanJson
        } else if self.has("provider_schemas") {
            Kind::Schemas
        } else if self.has("function_signatures") {
            Kind::FunctionSignatures
        } else if self.has("valid") && self.has("diagnostics") {
            Kind::Validation
        } else {
            Kind::StateJson
        }
    }

    fn raw_state(&self, version: u64) -> Kind {
        let with_resources = matches!(self.names.get("modules"), Some(Hint::WithResources));
        match version {
            3 if self.has("backend") && !with_resources => Kind::BackendSettings,
            1..=3 => Kind::LegacyState,
            4 => Kind::State,
            _ => Kind::FutureState,
        }
    }
}
