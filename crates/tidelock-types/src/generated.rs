// Written by the generator beside this crate; what is changed here is lost.

/// A `hcloud_firewall` and what is inside of it.
pub mod hcloud_firewall;

/// A `hcloud_network` and what is inside of it.
pub mod hcloud_network;

/// A `hcloud_server` and what is inside of it.
pub mod hcloud_server;

/// A `hcloud_volume` and what is inside of it.
pub mod hcloud_volume;

/// A `proxmox_cloned_vm` and what is inside of it.
pub mod proxmox_cloned_vm;

/// A `proxmox_lxc` and what is inside of it.
pub mod proxmox_lxc;

/// A `proxmox_virtual_environment_container` and what is inside of it.
pub mod proxmox_virtual_environment_container;

/// A `proxmox_virtual_environment_vm` and what is inside of it.
pub mod proxmox_virtual_environment_vm;

/// A `proxmox_vm` and what is inside of it.
pub mod proxmox_vm;

/// A `proxmox_vm_qemu` and what is inside of it.
pub mod proxmox_vm_qemu;

/// A `tailscale_tailnet_key` and what is inside of it.
pub mod tailscale_tailnet_key;

pub use hcloud_firewall::HcloudFirewall;
pub use hcloud_network::HcloudNetwork;
pub use hcloud_server::HcloudServer;
pub use hcloud_volume::HcloudVolume;
pub use proxmox_cloned_vm::ProxmoxClonedVm;
pub use proxmox_lxc::ProxmoxLxc;
pub use proxmox_virtual_environment_container::ProxmoxVirtualEnvironmentContainer;
pub use proxmox_virtual_environment_vm::ProxmoxVirtualEnvironmentVm;
pub use proxmox_vm::ProxmoxVm;
pub use proxmox_vm_qemu::ProxmoxVmQemu;
pub use tailscale_tailnet_key::TailscaleTailnetKey;

impl crate::Resource for HcloudFirewall {
    const TYPE_NAME: &'static str = "hcloud_firewall";
}

impl crate::Resource for HcloudNetwork {
    const TYPE_NAME: &'static str = "hcloud_network";
}

impl crate::Resource for HcloudServer {
    const TYPE_NAME: &'static str = "hcloud_server";
}

impl crate::Resource for HcloudVolume {
    const TYPE_NAME: &'static str = "hcloud_volume";
}

impl crate::Resource for ProxmoxClonedVm {
    const TYPE_NAME: &'static str = "proxmox_cloned_vm";
}

impl crate::Resource for ProxmoxLxc {
    const TYPE_NAME: &'static str = "proxmox_lxc";
}

impl crate::Resource for ProxmoxVirtualEnvironmentContainer {
    const TYPE_NAME: &'static str = "proxmox_virtual_environment_container";
}

impl crate::Resource for ProxmoxVirtualEnvironmentVm {
    const TYPE_NAME: &'static str = "proxmox_virtual_environment_vm";
}

impl crate::Resource for ProxmoxVm {
    const TYPE_NAME: &'static str = "proxmox_vm";
}

impl crate::Resource for ProxmoxVmQemu {
    const TYPE_NAME: &'static str = "proxmox_vm_qemu";
}

impl crate::Resource for TailscaleTailnetKey {
    const TYPE_NAME: &'static str = "tailscale_tailnet_key";
}
