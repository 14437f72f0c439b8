// Written by the generator beside this crate; what is changed here is lost. See `generator/README.md`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Sensitive;

/// Values of a `proxmox_vm_qemu`, as of telmate/proxmox 3.0.2-rc09.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemu {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_wait: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_timeout: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automatic_reboot: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automatic_reboot_severity: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balloon: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bios: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bootdisk: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci_wait: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cicustom: Option<String>,
    /// Optional, sensitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cipassword: Option<Sensitive<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ciupgrade: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ciuser: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clone: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clone_id: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clone_wait: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_type: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_node: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_ipv4_address: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_ipv6_address: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub define_connection_info: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desc: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disks: Option<Value>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_create: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_recreate_on_change_of: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_clone: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hagroup: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hastate: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hotplug: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig0: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig1: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig10: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig11: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig12: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig13: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig14: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig15: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig2: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig3: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig4: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig5: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig6: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig7: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig8: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipconfig9: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kvm: Option<bool>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_vmid: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nameserver: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numa: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onboot: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_network_config: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_type: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pcis: Option<Value>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_state: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protection: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pxe: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qemu_os: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reboot_required: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scsihw: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searchdomain: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_ipv4: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_ipv6: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sockets: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_forward_ip: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_host: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_port: Option<String>,
    /// Optional, sensitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_private_key: Option<Sensitive<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_user: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sshkeys: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_at_node_boot: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tablet: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_node: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_nodes: Option<Vec<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usbs: Option<Value>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcpus: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vm_state: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vmid: Option<i64>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Vec<ProxmoxVmQemuCpu>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<Vec<ProxmoxVmQemuDisk>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efidisk: Option<Vec<ProxmoxVmQemuEfidisk>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostpci: Option<Vec<ProxmoxVmQemuHostpci>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Vec<ProxmoxVmQemuNetwork>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pci: Option<Vec<ProxmoxVmQemuPci>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rng: Option<Vec<ProxmoxVmQemuRng>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<Vec<ProxmoxVmQemuSerial>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smbios: Option<Vec<ProxmoxVmQemuSmbios>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup_shutdown: Option<Vec<ProxmoxVmQemuStartupShutdown>>,
    /// Block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<ProxmoxVmQemuTimeouts>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpm_state: Option<Vec<ProxmoxVmQemuTpmState>>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unused_disk: Option<Vec<ProxmoxVmQemuUnusedDisk>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usb: Option<Vec<ProxmoxVmQemuUsb>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vga: Option<Vec<ProxmoxVmQemuVga>>,
}

/// `cpu` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuCpu {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<i64>,
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
    pub vcores: Option<i64>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<ProxmoxVmQemuCpuFlags>>,
}

/// `cpu_flags` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuCpuFlags {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aes: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amd_no_ssb: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amd_ssbd: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hv_evmcs: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hv_tlbflush: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ibpb: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub md_clear: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pbpe1gb: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pcid: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec_ctrl: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssbd: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virt_ssbd: Option<String>,
}

/// `disk` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuDisk {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asyncio: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discard: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_file: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emulatessd: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops_r_burst: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops_r_burst_length: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops_r_concurrent: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops_wr_burst: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops_wr_burst_length: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops_wr_concurrent: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iothread: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iso: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_disk_id: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mbps_r_burst: Option<f64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mbps_r_concurrent: Option<f64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mbps_wr_burst: Option<f64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mbps_wr_concurrent: Option<f64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passthrough: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readonly: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicate: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wwn: Option<String>,
}

/// `efidisk` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuEfidisk {
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efitype: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_enrolled_keys: Option<bool>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
}

/// `hostpci` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuHostpci {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pcie: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rombar: Option<i64>,
}

/// `network` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuNetwork {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firewall: Option<bool>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_down: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub macaddr: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtu: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queues: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<i64>,
}

/// `pci` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuPci {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mdev: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pcie: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_gpu: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rombar: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_device_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_vendor_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_id: Option<String>,
}

/// `rng` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuRng {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// `serial` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuSerial {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

/// `smbios` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuSmbios {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// `startup_shutdown` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuStartupShutdown {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_timeout: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup_delay: Option<i64>,
}

/// `timeouts` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuTimeouts {
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

/// `tpm_state` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuTpmState {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// `unused_disk` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuUnusedDisk {
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<i64>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
}

/// `usb` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuUsb {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usb3: Option<bool>,
}

/// `vga` of a `proxmox_vm_qemu`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVmQemuVga {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}
