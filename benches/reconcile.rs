//! Speed and memory of `reconcile`: an inventory of 100,000 servers against 100 states of 1,000 instances.
//!
//! `cargo bench -p tidelock --bench reconcile`, with `TIDELOCK_BENCH=full` for the sizes of `docs/performance.md`. Reading is part of what is
//! measured. The floor reads the same texts as JSON and looks at nothing: what any script that joins them has to do first.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures, and stops at its own faults"
)]

#[path = "measure.rs"]
mod measure;

use std::{fmt::Write as _, hint::black_box};

use measure::{compare, floor, is_full, megabytes, millis, peak};
use tidelock::{
    Reality, Reconcile, Source,
    inventory::{self, Options},
};

fn main() {
    let (states, instances) = if is_full() { (100, 1_000) } else { (10, 500) };
    let all = states * instances;
    println!("{:<66} {:>8} {:>12} {:>12} {:>10} {:>8}", "", "ratio", "tidelock", "floor", "heap", "findings");
    // One in so many servers is in no state, and one in as many is gone.
    for one_in in [1_000, 10] {
        let texts: Vec<String> = (0..states)
            .map(|state| self::state(state * instances..(state + 1) * instances, one_in))
            .collect();
        let list = servers(all, one_in);
        let ask = || {
            let states: Vec<_> = texts
                .iter()
                .enumerate()
                .map(|(at, text)| {
                    let source = Source::new(&format!("{at}.tfstate"), text.clone());
                    tidelock::read_state(&source, None).unwrap()
                })
                .collect();
            let inventories =
                [inventory::read(&Source::new("servers.json", list.clone()), &Options::default()).unwrap()];
            let reality = Reality::join(&states, &inventories).unwrap();
            Reconcile::new(&reality).answer().unwrap().findings.len()
        };
        let looked_at = || texts.iter().chain([&list]).for_each(|text| floor(text.as_bytes()));
        let found = compare(
            5,
            &|| {
                black_box(ask());
            },
            &looked_at,
        );
        println!(
            "{:<66} {:>8.2} {:>12} {:>12} {:>10} {:>8}",
            format!("{all} servers, {states} states, 1 in {one_in} astray ({} MB)", size(&texts, &list)),
            found.ratio,
            millis(found.took),
            millis(found.floor),
            megabytes(peak(&|| {
                black_box(ask());
            })),
            ask(),
        );
    }
}

fn size(texts: &[String], list: &str) -> usize {
    (texts.iter().map(String::len).sum::<usize>() + list.len()) / 1_000_000
}

/// A state that holds the servers of a range, but for one in so many.
fn state(range: std::ops::Range<usize>, one_in: usize) -> String {
    let mut text = format!(
        r#"{{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"l{}","outputs":{{}},"resources":["#,
        range.start
    );
    let mut first = true;
    for id in range.filter(|id| id % one_in != 0) {
        if !std::mem::take(&mut first) {
            text.push(',');
        }
        let _ = write!(
            text,
            r#"{{"mode":"managed","type":"hcloud_server","name":"s{id}","provider":"provider[\"registry.terraform.io/hetznercloud/hcloud\"]","instances":[{{"schema_version":0,"attributes":{{"allow_deprecated_images":false,"backup_window":"","backups":false,"datacenter":"nbg1-dc3","delete_protection":false,"firewall_ids":[5211034],"id":"{id}","ignore_remote_firewall_ids":false,"image":"debian-12","ipv4_address":"203.0.113.10","ipv6_address":"2001:db8:a::1","ipv6_network":"2001:db8:a::/64","iso":null,"keep_disk":false,"labels":{{"role":"api"}},"location":"nbg1","name":"server-{id}","network":[],"placement_group_id":null,"primary_disk_size":80,"public_net":[],"rebuild_protection":false,"rescue":null,"server_type":"cx32","shutdown_before_deletion":false,"ssh_keys":["admin"],"status":"running","timeouts":null,"user_data":null}},"sensitive_attributes":[],"private":"bnVsbA=="}}]}}"#
        );
    }
    text.push_str("]}");
    text
}

/// The list of all servers, but for one in so many.
fn servers(all: usize, one_in: usize) -> String {
    let mut text = String::from(r#"{"servers":["#);
    let mut first = true;
    for id in (0..all).filter(|id| id % one_in != 1) {
        if !std::mem::take(&mut first) {
            text.push(',');
        }
        let _ = write!(
            text,
            r#"{{"id":{id},"name":"server-{id}","status":"running","created":"2026-05-04T08:00:00+00:00","public_net":{{"ipv4":{{"id":1,"ip":"203.0.113.10","blocked":false}},"ipv6":{{"id":2,"ip":"2001:db8:a::/64","blocked":false}},"floating_ips":[],"firewalls":[{{"id":5211034,"status":"applied"}}]}},"private_net":[],"server_type":{{"id":105,"name":"cx32","cores":4,"memory":8.0,"disk":80}},"location":{{"id":2,"name":"nbg1"}},"image":{{"id":1,"name":"debian-12"}},"labels":{{"role":"api"}},"volumes":[],"protection":{{"delete":false,"rebuild":false}},"primary_disk_size":80}}"#
        );
    }
    text.push_str(r#"],"meta":{"pagination":{"page":1,"per_page":50,"previous_page":null,"next_page":null,"last_page":1,"total_entries":1}}}"#);
    text
}
