// Written by the generator beside this crate; what is changed here is lost. See `generator/README.md`.

use std::collections::BTreeMap as Map;

use serde::{Deserialize, Serialize};

/// Values of a `hcloud_server`, as of hetznercloud/hcloud 1.68.0.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct HcloudServer {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_deprecated_images: Option<bool>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_window: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backups: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datacenter: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_protection: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firewall_ids: Option<Vec<i64>>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_remote_firewall_ids: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4_address: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_address: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_network: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iso: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_disk: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Map<String, String>>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement_group_id: Option<i64>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_disk_size: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rebuild_protection: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rescue: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_type: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_before_deletion: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_keys: Option<Vec<String>>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_data: Option<String>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Vec<HcloudServerNetwork>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_net: Option<Vec<HcloudServerPublicNet>>,
    /// Block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<HcloudServerTimeouts>,
}

/// `network` of a `hcloud_server`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct HcloudServerNetwork {
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_ips: Option<Vec<String>>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_id: Option<i64>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
}

/// `public_net` of a `hcloud_server`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct HcloudServerPublicNet {
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4_enabled: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_enabled: Option<bool>,
}

/// `timeouts` of a `hcloud_server`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct HcloudServerTimeouts {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create: Option<String>,
}
