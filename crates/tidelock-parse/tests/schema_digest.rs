//! The schema digest that is committed, and its generator.
//!
//! To write it again, with the directories that hold output of `providers schema -json`:
//! `TIDELOCK_SCHEMAS=<dir>[:<dir>…] TIDELOCK_DIGEST=write cargo test -p tidelock-parse --test schema_digest`

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use serde::Deserialize;
use tidelock_parse::schema::{
    SchemaFile, Schemas, Setting,
    digest::{Digest, DigestInput, encode},
    model::Document,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    provider: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    source: String,
    version: String,
    types: usize,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("digest")
}

fn committed() -> Vec<u8> {
    fs::read(folder().join("schemas.digest")).expect("the digest is committed")
}

fn entries() -> Vec<Entry> {
    let text = fs::read_to_string(folder().join("providers.toml")).expect("the table is committed");
    toml::from_str::<Table>(&text).expect("the table has this shape").provider
}

/// The JSON files of `TIDELOCK_SCHEMAS`, then our own; `None` if the variable is not set.
fn files() -> Option<Vec<(String, Vec<u8>)>> {
    let mut paths = Vec::new();
    for dir in env::split_paths(&env::var_os("TIDELOCK_SCHEMAS")?) {
        let entries = fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
        paths.extend(entries.flatten().map(|entry| entry.path()));
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.push(folder().join("builtin.json"));
    let read = |path: PathBuf| (path.display().to_string(), fs::read(&path).expect("the file can be read"));
    Some(paths.into_iter().map(read).collect())
}

#[test]
fn digest_is_what_the_generator_makes_of_the_schemas() {
    let Some(files) = files() else {
        eprintln!("skipped: TIDELOCK_SCHEMAS does not name directories with schemas");
        return;
    };
    let files: Vec<SchemaFile> =
        files.iter().filter_map(|(name, bytes)| SchemaFile::from_slice(name, bytes).ok()).collect();
    let entries = entries();
    let find = |entry: &Entry| {
        files.iter().find(|file| {
            file.providers().any(|provider| provider == entry.source)
                && file.types(&entry.source).count() == entry.types
        })
    };
    let inputs: Vec<DigestInput<'_>> = entries
        .iter()
        .filter_map(|entry| Some(DigestInput::new(find(entry)?, &entry.source, &entry.version)))
        .collect();
    if env::var_os("TIDELOCK_DIGEST").is_some_and(|what| what == "write") {
        assert_eq!(inputs.len(), entries.len(), "a provider of the table is in none of the files");
        fs::write(folder().join("schemas.digest"), encode(&inputs).unwrap()).unwrap();
    }
    // Compared by content: another version of the compressor may write other bytes.
    let (ours, theirs) = (committed(), encode(&inputs).unwrap());
    let (ours, theirs) = (Digest::from_bytes(ours).unwrap(), Digest::from_bytes(theirs).unwrap());
    for provider in theirs.providers() {
        let committed = ours.providers().iter().find(|it| it.key == provider.key).unwrap();
        assert_eq!(committed.to_string(), provider.to_string());
        let content = |digest: &Digest, it| digest.resources(it).into_iter().collect::<BTreeMap<_, _>>();
        assert!(content(&ours, committed) == content(&theirs, provider), "{provider} is not up to date");
    }
    eprintln!("compared {} of {} providers", theirs.providers().len(), entries.len());
}

#[test]
fn every_field_of_the_schemas_is_read() {
    let Some(files) = files() else {
        eprintln!("skipped: TIDELOCK_SCHEMAS does not name directories with schemas");
        return;
    };
    for (name, bytes) in files {
        let mut unread = Vec::new();
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let document: Document =
            serde_ignored::deserialize(&mut json, |path| unread.push(path.to_string())).unwrap();
        assert!(unread.is_empty(), "{name}: {unread:?}");
        assert!(!document.provider_schemas.is_empty());
    }
}

#[test]
fn digest_covers_the_table_completely() {
    let digest = Digest::from_bytes(committed()).unwrap();
    let entries = entries();
    assert!(entries.is_sorted_by(|a, b| a.source < b.source));
    let listed: Vec<String> = entries.iter().map(|it| format!("{} {}", it.source, it.version)).collect();
    let covered: Vec<String> = digest.providers().iter().map(ToString::to_string).collect();
    assert_eq!(covered, listed);
    for (provider, entry) in digest.providers().iter().zip(entries) {
        let resources = digest.resources(provider);
        assert_eq!(resources.len(), entry.types, "{provider}");
        assert!(resources.is_sorted_by(|a, b| a.0 < b.0));
        for (name, schema) in &resources {
            assert_eq!(digest.resource(&provider.key, name).unwrap().0, *schema, "{name}");
        }
    }
}

#[test]
fn digest_stays_small() {
    assert!(committed().len() <= 400 * 1024, "{} bytes", committed().len());
}

#[test]
fn digest_answers_what_is_known_of_providers() {
    let schemas = Schemas::builtin();
    let at = |provider: &str, type_name: &str, path: &str| {
        let found = schemas.resource(&format!("registry.opentofu.org/{provider}"), type_name).unwrap();
        found.schema.at(&path.parse().unwrap()).unwrap_or_else(|| panic!("{type_name}.{path}")).clone()
    };
    let vm = |path| at("bpg/proxmox", "proxmox_virtual_environment_vm", path);
    assert_eq!(vm("ipv4_addresses").setting(), Some(Setting::Computed));
    assert_eq!(vm("mac_addresses").setting(), Some(Setting::OptionalComputed));
    assert!(vm("initialization[0].user_account[0].password").is_sensitive());
    assert!(!vm("tags").is_set());
    assert!(at("bpg/proxmox", "proxmox_vm", "tags").is_set());
    assert!(at("hetznercloud/hcloud", "hcloud_firewall", "rule").is_set());
    assert!(at("hetznercloud/hcloud", "hcloud_firewall", "rule[0].source_ips").is_set());
    assert!(at("hetznercloud/hcloud", "hcloud_firewall", "apply_to").all_inside_computed());
    assert!(at("hashicorp/aws", "aws_db_instance", "password").is_sensitive());
    assert!(at("hashicorp/aws", "aws_security_group", "ingress").is_set());
    assert!(at("hashicorp/azurerm", "azurerm_network_security_group", "security_rule").is_set());
    assert!(at("telmate/proxmox", "proxmox_vm_qemu", "default_ipv4_address").is_computed_only());
    assert!(schemas.problems().is_empty());
}
