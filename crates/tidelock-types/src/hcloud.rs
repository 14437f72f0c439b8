//! Objects of Hetzner Cloud.

use tidelock_parse::{
    Value,
    inventory::{Cloud, Key, Object, Status},
};

use crate::{
    attributes::{Attributes, is_segment},
    kind::{Kind, Request, Trap},
    shell, url,
};

/// A resource type with an object of its own. Ids are whole numbers, unique for all projects; names only inside of one.
#[derive(Debug)]
pub(crate) struct Hcloud {
    type_name: &'static str,
    noun: &'static str,
    /// The collection in the API.
    path: &'static str,
    /// The call that has to be made before a delete.
    first: Option<&'static str>,
    /// What the command-line tool calls it.
    word: &'static str,
    /// Attributes that hold addresses.
    addresses: &'static [&'static str],
}

static KINDS: &[Hcloud] = &[
    Hcloud {
        type_name: "hcloud_server",
        noun: "server",
        path: "servers",
        first: None,
        word: "server",
        addresses: &["ipv4_address", "ipv6_address"],
    },
    Hcloud {
        type_name: "hcloud_volume",
        noun: "volume",
        path: "volumes",
        // A volume that is attached is refused.
        first: Some("detach"),
        word: "volume",
        addresses: &[],
    },
    Hcloud {
        type_name: "hcloud_network",
        noun: "network",
        path: "networks",
        first: None,
        word: "network",
        addresses: &[],
    },
    Hcloud {
        type_name: "hcloud_firewall",
        noun: "firewall",
        path: "firewalls",
        first: None,
        word: "firewall",
        addresses: &[],
    },
    Hcloud {
        type_name: "hcloud_primary_ip",
        noun: "primary_ip",
        path: "primary_ips",
        first: Some("unassign"),
        word: "primary-ip",
        addresses: &["ip_address"],
    },
    Hcloud {
        type_name: "hcloud_floating_ip",
        noun: "floating_ip",
        path: "floating_ips",
        first: None,
        word: "floating-ip",
        addresses: &["ip_address"],
    },
    Hcloud {
        type_name: "hcloud_load_balancer",
        noun: "load_balancer",
        path: "load_balancers",
        first: None,
        word: "load-balancer",
        addresses: &["ipv4", "ipv6"],
    },
    Hcloud {
        type_name: "hcloud_ssh_key",
        noun: "ssh_key",
        path: "ssh_keys",
        first: None,
        word: "ssh-key",
        addresses: &[],
    },
];

/// Ties between objects and settings of one: nothing that stands for itself.
static PARTS: &[&str] = &[
    "hcloud_firewall_attachment",
    "hcloud_floating_ip_assignment",
    "hcloud_load_balancer_network",
    "hcloud_load_balancer_service",
    "hcloud_load_balancer_target",
    "hcloud_network_route",
    "hcloud_network_subnet",
    "hcloud_rdns",
    "hcloud_server_network",
    "hcloud_volume_attachment",
];

/// What is known about a resource type.
pub(crate) fn of(type_name: &str) -> Option<&'static dyn Kind> {
    if PARTS.contains(&type_name) {
        return Some(&crate::nothing::Nothing);
    }
    KINDS.iter().find(|kind| kind.type_name == type_name).map(|kind| kind as &dyn Kind)
}

/// The type that manages such a thing.
pub(crate) fn holders(noun: &str) -> &'static [&'static str] {
    KINDS.iter().find(|kind| kind.noun == noun).map_or(&[], |kind| std::slice::from_ref(&kind.type_name))
}

impl Hcloud {
    fn id_of<'o>(&self, object: &'o Object) -> Option<&'o str> {
        let fits = object.key.cloud == Cloud::Hcloud && &*object.key.noun == self.noun;
        (fits && is_segment(&object.key.id)).then_some(&*object.key.id)
    }
}

impl Kind for Hcloud {
    fn object(&self, _: &str, values: &Value) -> Option<Object> {
        let values = Attributes::of(values);
        let id = values.count("id")?;
        let mut object = Object::new(Key::new(Cloud::Hcloud, self.noun, id.to_string()));
        object.name = values.owned("name");
        object.location = values.owned("location").or_else(|| values.owned("home_location"));
        object.status = match values.text("status") {
            None => Status::Unknown,
            Some("running") => Status::Running,
            Some("off") => Status::Stopped,
            Some(other) => Status::Other(other.into()),
        };
        let labels = values.entries("labels");
        object.labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let addresses = self.addresses.iter().filter_map(|name| values.text(name));
        object.addresses = addresses.filter(|address| *address != "<nil>").map(str::to_owned).collect();
        object.protected = values.flag("delete_protection") == Some(true);
        Some(object)
    }

    fn parts(&self, type_name: &str, values: &Value) -> Vec<Key> {
        if type_name != "hcloud_server" {
            return Vec::new();
        }
        let nets = Attributes::of(values).blocks("public_net");
        let ids = nets.flat_map(|net| [net.id("ipv4"), net.id("ipv6")]).flatten();
        ids.map(|id| Key::new(Cloud::Hcloud, "primary_ip", id)).collect()
    }

    fn import_id(&self, _: &str, object: &Object) -> Option<String> {
        self.id_of(object).map(str::to_owned)
    }

    fn delete(&self, object: &Object) -> Option<Request> {
        let place = url::below("HCLOUD_ENDPOINT", &[self.path, self.id_of(object)?])?;
        let first = self.first.map(|action| {
            // 201 with the action that runs; 404 if the object is gone already.
            Request::new("POST", format!("{place}/actions/{action}"), &[200, 201, 404])
        });
        // A server answers 200 with an action, everything else 204.
        Some(Request {
            first: first.into_iter().collect(),
            ..Request::new("DELETE", place, &[200, 204, 404])
        })
    }

    fn delete_command(&self, object: &Object) -> Option<String> {
        let id = self.id_of(object)?;
        let delete = shell::command(&["hcloud", self.word, "delete", id]);
        match self.first {
            Some(action) => {
                shell::one_after_another([shell::command(&["hcloud", self.word, action, id]), delete])
            }
            None => delete,
        }
    }

    /// Source: the provider's schema (`ForceNew`) against what its read function sets. `image` is read back as a name for
    /// images of the platform, whatever the configuration says.
    fn trap(&self, type_name: &str, configured: &Value) -> Option<Trap> {
        if type_name != "hcloud_server" {
            return None;
        }
        let configured = Attributes::of(configured);
        let mut ignore = Vec::new();
        if configured.text("image").is_some_and(|image| image.bytes().all(|byte| byte.is_ascii_digit())) {
            ignore.push("image".to_owned());
        }
        ignore.extend(
            ["ssh_keys", "user_data"].into_iter().filter(|name| configured.is_set(name)).map(str::to_owned),
        );
        if ignore.is_empty() {
            return None;
        }
        let listed = ignore.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let message = format!(
            "the API does not tell what a server was made with, so that an imported one differs in {listed} and the next \
             apply replaces it"
        );
        Some(Trap { message, ignore })
    }
}
