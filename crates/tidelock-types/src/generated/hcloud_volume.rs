// Written by the generator beside this crate; what is changed here is lost. See `generator/README.md`.

use std::collections::BTreeMap as Map;

use serde::{Deserialize, Serialize};

/// Values of a `hcloud_volume`, as of hetznercloud/hcloud 1.68.0.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct HcloudVolume {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automount: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_protection: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Map<String, String>>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linux_device: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_id: Option<i64>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
}
