// Written by the generator beside this crate; what is changed here is lost. See `generator/README.md`.

use serde::{Deserialize, Serialize};

use crate::Sensitive;

/// Values of a `tailscale_tailnet_key`, as of tailscale/tailscale 0.29.2.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct TailscaleTailnetKey {
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral: Option<bool>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry: Option<i64>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invalid: Option<bool>,
    /// Computed, sensitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Sensitive<String>>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preauthorized: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recreate_if_invalid: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reusable: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}
