// Written by the generator beside this crate; what is changed here is lost. See `generator/README.md`.

use serde::{Deserialize, Serialize};

use crate::Sensitive;

/// Values of a `proxmox_lxc`, as of telmate/proxmox 3.0.2-rc09.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxLxc {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bwlimit: Option<f64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clone: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clone_storage: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cmode: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpulimit: Option<f64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpuunits: Option<i64>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_node: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hagroup: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hastate: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hookscript: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_unpack_errors: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nameserver: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onboot: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ostemplate: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ostype: Option<String>,
    /// Optional, sensitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Sensitive<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protection: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searchdomain: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_public_keys: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_node: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tty: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unprivileged: Option<bool>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unused: Option<Vec<String>>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vmid: Option<i64>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<ProxmoxLxcFeatures>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mountpoint: Option<Vec<ProxmoxLxcMountpoint>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Vec<ProxmoxLxcNetwork>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rootfs: Option<Vec<ProxmoxLxcRootfs>>,
    /// Block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<ProxmoxLxcTimeouts>,
}

/// `features` of a `proxmox_lxc`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxLxcFeatures {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuse: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyctl: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mknod: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nesting: Option<bool>,
}

/// `mountpoint` of a `proxmox_lxc`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxLxcMountpoint {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mp: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicate: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
}

/// `network` of a `proxmox_lxc`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxLxcNetwork {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firewall: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gw: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gw6: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hwaddr: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip6: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtu: Option<i64>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<i64>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trunks: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

/// `rootfs` of a `proxmox_lxc`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxLxcRootfs {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicate: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ro: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
}

/// `timeouts` of a `proxmox_lxc`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxLxcTimeouts {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
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
