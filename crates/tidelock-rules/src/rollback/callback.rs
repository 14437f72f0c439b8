//! What a second layer has to hear: which machines go, for the database or address plan that remembers them.

use serde::Serialize;
use tidelock_parse::{KnownSecrets, inventory::Object, redact};

use super::{
    devices::Device,
    made::{Fate, Made},
};
use crate::tailnet;

/// Version of the document; additions keep it.
const SCHEMA_VERSION: &str = "1";

/// The failure callback. Every text is there; what is not known is empty, so that a receiver needs no cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Callback {
    /// Version of the document.
    pub schema_version: &'static str,
    /// `rollback`.
    pub event: &'static str,
    /// Id of the machine that goes; of the first one, if there are several.
    pub server_id: String,
    /// Its name.
    pub server_name: String,
    /// Its first address outside of the tailnet.
    pub server_ip: String,
    /// The address of its device in the tailnet.
    pub tailscale_ip: String,
    /// Names of everything that goes, sorted, each once.
    pub names: Vec<String>,
    /// Every machine that goes, in the order of the actions.
    pub servers: Vec<CallbackServer>,
    /// Which run it was.
    pub run: RunInfo,
}

/// A machine that goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CallbackServer {
    /// Resource address; empty if no state and no log names it.
    pub address: String,
    /// Where it lives: `proxmox`.
    pub provider: String,
    /// Its id there.
    pub server_id: String,
    /// Its name.
    pub server_name: String,
    /// Its first address outside of the tailnet.
    pub server_ip: String,
    /// The address of its device in the tailnet.
    pub tailscale_ip: String,
}

/// Which run it was, as far as the CI system and the state tell. Empty texts where nobody does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunInfo {
    /// Id of the run in its CI system.
    pub id: String,
    /// Where a person can look at it.
    pub url: String,
    /// Repository.
    pub repository: String,
    /// Commit.
    pub commit: String,
    /// Branch or tag.
    pub reference: String,
    /// Workflow, pipeline or job.
    pub workflow: String,
    /// Who started it.
    pub actor: String,
    /// Workspace of the state.
    pub workspace: String,
    /// Lineage of the state.
    pub lineage: String,
}

impl Callback {
    pub(super) fn of(
        made: &[Made<'_>],
        order: &[usize],
        devices: &[Device<'_>],
        secrets: &KnownSecrets,
    ) -> Self {
        let text = |text: &str| secrets.cut(&redact::cut_text(text)).into_owned();
        let going = order.iter().filter_map(|at| Some((*at, made.get(*at)?)));
        let going = going.filter(|(_, one)| matches!(one.fate, Fate::Remove(_) | Fate::Forget(_)));
        let (mut servers, mut names) = (Vec::new(), Vec::new());
        for (at, one) in going {
            let Some(object) = &one.object else { continue };
            names.extend(object.name.as_deref().map(text));
            if tailnet::is_machine(object) {
                let mut own = devices.iter().filter(|device| device.machine == at);
                let device = own.find(|device| matches!(device.fate, Fate::Remove(_)));
                let address = one.address.map(ToString::to_string).unwrap_or_default();
                servers.push(server(object, device.map(|device| device.object), address, &text));
            }
        }
        names.sort();
        names.dedup();
        let first = servers.first().cloned().unwrap_or_default();
        Self {
            schema_version: SCHEMA_VERSION,
            event: "rollback",
            server_id: first.server_id,
            server_name: first.server_name,
            server_ip: first.server_ip,
            tailscale_ip: first.tailscale_ip,
            names,
            servers,
            run: RunInfo::default(),
        }
    }
}

fn server(
    object: &Object,
    device: Option<&Object>,
    address: String,
    text: &impl Fn(&str) -> String,
) -> CallbackServer {
    let is_tailnet = |address: &&String| {
        address
            .parse()
            .is_ok_and(|v4: std::net::Ipv4Addr| v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64)
    };
    let joined = device.and_then(tailnet::address);
    let reported = || object.addresses.iter().find(is_tailnet).map(String::as_str);
    let outside =
        object.addresses.iter().find(|address| !is_tailnet(address) && Some(address.as_str()) != joined);
    CallbackServer {
        address,
        provider: object.key.cloud.to_string(),
        server_id: text(&object.key.id),
        server_name: object.name.as_deref().map(text).unwrap_or_default(),
        server_ip: outside.map(|address| text(address)).unwrap_or_default(),
        tailscale_ip: joined.or_else(reported).map(text).unwrap_or_default(),
    }
}
