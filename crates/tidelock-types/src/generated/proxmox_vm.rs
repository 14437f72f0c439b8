// Written by the generator beside this crate; what is changed here is lost. See `generator/README.md`.

use std::collections::BTreeMap as Map;

use serde::{Deserialize, Serialize};

/// Values of a `proxmox_vm`, as of bpg/proxmox 0.111.1.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVm {
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_unreferenced_disks_on_destroy: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purge_on_destroy: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_on_destroy: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdrom: Option<Map<String, ProxmoxVmCdrom>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<ProxmoxVmCpu>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rng: Option<ProxmoxVmRng>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<ProxmoxVmTimeouts>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vga: Option<ProxmoxVmVga>,
}

/// `cdrom` of a `proxmox_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmCdrom {
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_id: Option<String>,
}

/// `cpu` of a `proxmox_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmCpu {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numa: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sockets: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcpus: Option<i64>,
}

/// `rng` of a `proxmox_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmRng {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// `timeouts` of a `proxmox_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmTimeouts {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<String>,
}

/// `vga` of a `proxmox_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmVga {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clipboard: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}
