//! The commands and entries of `docs/inventories.md`, run as they are printed, with stand-ins for the platforms' tools.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a page that cannot be run fails the test")]

use std::{
    collections::BTreeSet,
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use tidelock::{
    Policy, Source,
    inventory::{self, Claim, Inventory, KINDS, Mapping, Options, Status},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn page() -> String {
    fs::read_to_string(root().join("docs/inventories.md")).unwrap()
}

/// The blocks of the page in a language.
fn blocks(language: &str) -> Vec<String> {
    let page = page();
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned() + "\n").collect()
}

fn mappings() -> Vec<Mapping> {
    let blocks = blocks("toml");
    assert_eq!(blocks.len(), 1);
    Policy::parse("tidelock.toml", &blocks[0]).unwrap().inventories
}

/// What a tool prints for which arguments.
const TOOLS: &[(&str, &str, &str)] = &[
    (
        "pvesh",
        "get /cluster/resources --type vm --output-format json",
        "inventories/proxmox/cluster-resources.json",
    ),
    (
        "curl",
        "-fsS -H Authorization: PVEAPIToken=t https://pve.example:8006/api2/json/cluster/resources?type=vm",
        "proxmox/memory_drift/inventory.cluster.json",
    ),
    ("hcloud", "server list -o json", "inventories/hcloud/servers.json"),
    ("hcloud", "volume list -o json", "inventories/hcloud/volumes.json"),
    ("hcloud", "network list -o json", "inventories/hcloud/networks.json"),
    ("hcloud", "firewall list -o json", "inventories/hcloud/firewalls.json"),
    (
        "curl",
        "-fsS -H Authorization: Bearer t https://api.hetzner.cloud/v1/servers?per_page=50&page=1",
        "inventories/hcloud/servers-page-1.json",
    ),
    (
        "curl",
        "-fsS -H Authorization: Bearer t https://api.hetzner.cloud/v1/servers?per_page=50&page=2",
        "inventories/hcloud/servers-page-2.json",
    ),
    ("aws", "ec2 describe-instances --output json", "inventories/aws/describe-instances.json"),
    ("aws", "ec2 describe-volumes --output json", "inventories/aws/describe-volumes.json"),
    ("aws", "rds describe-db-instances --output json", "inventories/aws/describe-db-instances.json"),
    ("aws", "s3api list-buckets --output json", "inventories/aws/list-buckets.json"),
    ("aws", "resourcegroupstaggingapi get-resources --output json", "inventories/aws/get-resources.json"),
    (
        "curl",
        "-fsS -u t: https://api.tailscale.com/api/v2/tailnet/-/devices",
        "inventories/tailscale/devices.json",
    ),
    (
        "curl",
        "-fsS -u t: https://api.tailscale.com/api/v2/tailnet/-/keys?all=true",
        "inventories/tailscale/keys.json",
    ),
    ("az", "vm list --show-details --output json", "inventories/azure/vm-list.json"),
    ("gcloud", "compute instances list --format=json", "inventories/google/instances-list.json"),
    ("doctl", "compute droplet list --output json", "inventories/digitalocean/droplet-list.json"),
    ("openstack", "server list --format csv", "inventories/openstack/server-list.csv"),
];

/// What the blocks of the page cover, and how many objects they find, in their order; `…` behind what is not whole.
const EXPECTED: &[(&str, usize)] = &[
    ("proxmox:lxc proxmox:qemu", 7),
    ("proxmox:lxc proxmox:qemu", 3),
    ("hcloud:server | hcloud:volume | hcloud:network | hcloud:firewall", 4),
    ("hcloud:server", 2),
    ("aws:ec2:instance | aws:ec2:volume | aws:rds:db | aws:s3:bucket", 7),
    ("aws:arn…", 3),
    ("tailscale:device | tailscale:key", 6),
    ("azurerm:azurerm_linux_virtual_machine azurerm:azurerm_virtual_machine", 2),
    ("google:google_compute_instance", 3),
    ("digitalocean:digitalocean_droplet", 2),
    ("openstack:openstack_compute_instance_v2", 2),
];

/// Writes the stand-ins, and one for `tidelock` that notes what it is given.
fn stand_ins(bin: &Path) {
    let fixtures = root().join("fixtures");
    let names: BTreeSet<&str> = TOOLS.iter().map(|(name, ..)| *name).collect();
    let mut programs: Vec<(&str, String)> = Vec::new();
    for name in names {
        let mut cases = String::new();
        for (_, arguments, file) in TOOLS.iter().filter(|(tool, ..)| *tool == name) {
            cases += &format!("'{arguments}') cat '{}' ;;\n", fixtures.join(file).display());
        }
        programs.push((
            name,
            format!("case \"$*\" in\n{cases}*) echo \"not: {name} $*\" >&2; exit 9 ;;\nesac\n"),
        ));
    }
    programs.push(("tidelock", "printf '%s\\n' \"$@\" > arguments\n".to_owned()));
    for (name, text) in programs {
        let path = bin.join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// Runs a block, and reads what it passes to `tidelock reconcile --inventory`.
fn run(script: &str) -> Vec<Inventory> {
    let dir = tempfile::tempdir().unwrap();
    let bin = dir.path().join("bin");
    fs::create_dir(&bin).unwrap();
    stand_ins(&bin);
    let rest = env::var_os("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-euc", script])
        .current_dir(dir.path())
        .env("PATH", env::join_paths(std::iter::once(bin).chain(env::split_paths(&rest))).unwrap())
        .env("PVE_ENDPOINT", "https://pve.example:8006")
        .envs(["PVE_TOKEN", "HCLOUD_TOKEN", "TS_API_KEY"].map(|name| (name, "t")))
        .output()
        .unwrap();
    assert!(output.status.success(), "{script}{}", String::from_utf8_lossy(&output.stderr));
    let arguments = fs::read_to_string(dir.path().join("arguments")).unwrap();
    let arguments: Vec<&str> = arguments.lines().collect();
    assert_eq!(arguments[..3], ["reconcile", "--state", "state.json"]);
    let files = arguments[3..].chunks(2).map(|pair| {
        assert_eq!(pair[0], "--inventory");
        pair[1]
    });
    let mappings = mappings();
    let read = |argument| {
        let (claim, file) = Claim::split(argument).unwrap();
        let bytes = fs::read(dir.path().join(file)).unwrap();
        let options = Options { mappings: &mappings, claim, ..Options::default() };
        inventory::read(&Source::new(file, bytes), &options).unwrap_or_else(|error| panic!("{script}{error}"))
    };
    files.map(read).collect()
}

fn coverage(inventory: &Inventory) -> String {
    let kinds = inventory.coverage.iter();
    let words = kinds.map(|k| format!("{}:{}{}", k.cloud, k.noun, if k.complete { "" } else { "…" }));
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a program is there that a block needs and nobody stands in for.
#[allow(clippy::print_stderr, reason = "says that a part was skipped")]
fn can_run(script: &str) -> bool {
    let needed = !script.contains("jq ") || Command::new("jq").arg("--version").output().is_ok();
    if !needed {
        eprintln!("skipped: there is no jq on the PATH");
    }
    needed
}

#[test]
fn every_command_of_the_page_exports_what_it_says() {
    let scripts = blocks("sh");
    assert_eq!(scripts.len(), EXPECTED.len());
    for (script, (covered, objects)) in scripts.iter().zip(EXPECTED).filter(|(script, _)| can_run(script)) {
        let found = run(script);
        let kinds: Vec<String> = found.iter().map(coverage).collect();
        assert_eq!(kinds.join(" | "), *covered, "{script}");
        assert_eq!(
            found.iter().map(|inventory| inventory.objects.len()).sum::<usize>(),
            *objects,
            "{script}"
        );
    }
}

/// Reads a fixture by the entries of the page, with nothing said about it.
fn mapped(file: &str) -> Inventory {
    let mappings = mappings();
    let bytes = fs::read(root().join("fixtures/inventories").join(file)).unwrap();
    let options = Options { mappings: &mappings, ..Options::default() };
    inventory::read(&Source::new(file, bytes), &options).unwrap()
}

#[test]
fn machines_of_azure_are_what_the_entry_says() {
    let found = mapped("azure/vm-list.json");
    assert_eq!(found.objects.len(), 2, "the one with Windows has no entry");
    let web = &found.objects[0];
    let id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/SHOP-PROD/providers/Microsoft.Compute/virtualMachines/web-1";
    assert_eq!((web.told.import_id.as_deref(), &*web.key.id), (Some(id), id));
    assert_eq!(web.told.delete, Some(format!("az vm delete --yes --ids {id}")));
    assert_eq!(web.addresses, ["198.51.100.20", "10.1.0.4", "10.1.0.5"]);
    assert_eq!(
        (web.name.as_deref(), &web.status, web.labels["team"].as_str()),
        (Some("web-1"), &Status::Running, "shop")
    );
    assert_eq!(web.created.as_deref(), Some("2026-03-04T09:10:11.123456+00:00"));
    assert_eq!(found.objects[1].managed_by.as_deref(), Some("pool"));
}

#[test]
fn instances_of_google_are_what_the_entry_says() {
    let found = mapped("google/instances-list.json");
    let [web, batch, pool] = found.objects.as_slice() else { panic!("{found:?}") };
    assert_eq!(&*web.key.id, "projects/shop-prod/zones/europe-west3-a/instances/web-1");
    assert_eq!(web.told.delete, None, "the entry says none, since the zone alone does not name the project");
    assert_eq!(web.addresses, ["198.51.100.30", "10.156.0.2"]);
    assert!(web.protected && !batch.protected);
    assert_eq!((&web.status, &batch.status), (&Status::Running, &Status::Stopped));
    assert_eq!((web.managed_by.as_deref(), pool.managed_by.as_deref()), (None, Some("pool")));
}

#[test]
fn droplets_and_servers_are_what_the_entries_say() {
    let droplets = mapped("digitalocean/droplet-list.json");
    let web = &droplets.objects[0];
    assert_eq!((&*web.key.id, web.location.as_deref()), ("3164444", Some("fra1")));
    assert_eq!(web.addresses, ["198.51.100.40", "10.135.0.2"], "the public one first");
    assert_eq!((&web.status, &droplets.objects[1].status), (&Status::Running, &Status::Stopped));
    assert_eq!(web.labels.keys().collect::<Vec<_>>(), ["shop", "web"]);
    let servers = mapped("openstack/server-list.csv");
    assert_eq!(
        (&servers.objects[0].status, &servers.objects[1].status),
        (&Status::Running, &Status::Stopped)
    );
}

#[test]
fn the_page_lists_the_kinds_and_the_errors_that_there_are() {
    const START: &str = "<!-- kinds: made by a test -->\n```text\n";
    let text = page();
    let (head, rest) = text.split_once(START).unwrap();
    let (_, tail) = rest.split_once("```\n").unwrap();
    let mut kinds = String::new();
    for cloud in ["proxmox", "hcloud", "aws", "tailscale"] {
        let ours = KINDS.iter().filter(|(platform, _)| *platform == cloud);
        let words: Vec<String> = ours.map(|(_, noun)| format!("{cloud}:{noun}")).collect();
        kinds += &format!("{}\n", words.join(" "));
    }
    let fresh = format!("{head}{START}{kinds}```\n{tail}");
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join("docs/inventories.md"), fresh).unwrap();
    } else {
        assert!(text == fresh, "the list of kinds is out of date: UPDATE_DOCS=1 writes it anew");
    }
    let sources = ["error.rs", "claim.rs"].map(|file| {
        fs::read_to_string(root().join("crates/tidelock-parse/src/inventory").join(file)).unwrap()
    });
    let codes = sources.iter().flat_map(|source| source.split("code(tidelock::inventory::").skip(1));
    let codes: Vec<&str> = codes.map(|rest| rest.split(')').next().unwrap()).collect();
    assert!(codes.len() > 10, "{codes:?}");
    for code in codes {
        assert!(text.contains(&format!("::{code}`")), "docs/inventories.md does not say what {code} means");
    }
}
