//! Which changes in place take something from a thing that holds something: its size, its copies, what it keeps, and
//! what keeps it from being lost.
//!
//! There is no list of such arguments in any schema, so names are judged by their words.

use tidelock_parse::{AttrPath, Step, Value};

/// What a change takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// A number goes down.
    Shrinks,
    /// A safety is switched off, or its block removed.
    SwitchedOff,
    /// Something that destroys contents is switched on.
    SwitchedOn,
    /// A disk is taken away.
    TakenAway,
    /// Contents get a time after which they are deleted, or a shorter one.
    Expires,
}

/// Values nested deeper than this are not looked at.
const MAX_DEPTH: usize = 8;

/// Words of names whose numbers are a size or a count.
const SIZES: &str = "\
    brokers capacity clusters cores count cpus dedicated disk disks instances iops memory nodes replicas shards size sockets \
    storage throughput vcpus";

/// Names with one of these words count something else, or something that is not kept.
const NOT_SIZES: &str = "\
    age attempt attempts batch block body buffer check checks chunk connection connections delay failure failures file \
    floating header health hop interval key limit message min page part payload percent percentage pool port ports \
    priority ratio receive record request response retries retry sample shared stripe thread threads threshold \
    throttle timeout ttl unit weight window";

/// Words and phrases of names whose numbers say how long, or how often, something is kept.
const KEEPS: &str = "backups deletion_window recovery_window retain retained retention snapshots";

/// Last words of the names of blocks that stand for one disk each.
const DISKS: &str =
    "block_device block_devices disk disks drive drives mount_point mountpoint volume volumes";

/// Names of what deletes contents after so long; nothing and 0 mean never.
const EXPIRIES: &str = "default_partition_expiration_ms default_table_expiration_ms expiration_ms";

/// Words and phrases of names that are a safety when they are on.
const SAFETIES: &str = "\
    automatic_failover backup backups delete_protection deletion_protection destroy_protection disable_api_stop disable_api_termination \
    encrypted encryption geo_redundant high_availability multi_az pitr point_in_time_recovery prevent_deletion \
    prevent_destroy protected purge_protection rebuild_protection replication soft_delete termination_protection \
    versioning zone_redundant";

/// Names that destroy contents, or drop a safety, when they are on.
const HAZARDS: &str = "\
    allow_deletion delete_automated_backups delete_backups force_delete force_destroy purge_on_destroy \
    skip_final_backup skip_final_snapshot";

/// What is written where a safety is on, and where it is off.
const ON: &str = "active enabled on prevent regional required retain snapshot true zoneredundant";
const OFF: &str = "delete disabled false inactive none off suspended zonal";

/// Names whose texts are such words, besides the safeties.
const MODES: &str = "availability_type deletion_policy reclaim_policy";

/// Every loss at `path` or below, with the path of the value that tells; `None` stands for what is no more.
pub(crate) fn losses(path: &AttrPath, before: &Value, after: Option<&Value>) -> Vec<(AttrPath, Loss)> {
    let mut found = Vec::new();
    collect(&mut path.clone(), before, after, MAX_DEPTH, &mut found);
    found
}

fn collect(
    path: &mut AttrPath,
    before: &Value,
    after: Option<&Value>,
    depth: usize,
    found: &mut Vec<(AttrPath, Loss)>,
) {
    if depth == 0 || after.is_some_and(Value::has_unknown) {
        return;
    }
    let gone = after.is_none_or(Value::is_empty);
    if is_disk(path) && takes_away(path, before, after) {
        found.push((path.clone(), Loss::TakenAway));
        return;
    }
    match before {
        Value::Object(fields) if !(gone && is_safety(path)) => {
            for (name, field) in fields {
                path.push(Step::attr(name));
                collect(path, field, after.and_then(|after| after.as_object()?.get(name)), depth - 1, found);
                path.pop();
            }
        }
        // Elements are paired by nobody here: only where all of them go it is clear what goes.
        Value::List(items) if gone && !is_safety(path) => {
            for (item, at) in items.iter().zip(0_u64..) {
                path.push(Step::Index(at));
                collect(path, item, None, depth - 1, found);
                path.pop();
            }
        }
        _ => found.extend(loss(path, before, after).map(|loss| (path.clone(), loss))),
    }
}

/// What is lost when one value becomes another.
fn loss(path: &AttrPath, before: &Value, after: Option<&Value>) -> Option<Loss> {
    let name = name(path)?;
    let after = after.filter(|after| !after.is_empty());
    if name == "lifecycle_rule" {
        let more = after.map_or(0, |after| deletions(after, MAX_DEPTH)) > deletions(before, MAX_DEPTH);
        return more.then_some(Loss::Expires);
    }
    if listed(EXPIRIES, name) {
        let time = |value: Option<&Value>| value.and_then(quantity).map_or(f64::INFINITY, endless);
        return (time(after) < time(Some(before))).then_some(Loss::Expires);
    }
    if is_hazard(name) {
        let was_on = is_on(before) == Some(true);
        return (!was_on && after.and_then(is_on) == Some(true)).then_some(Loss::SwitchedOn);
    }
    if is_safety(path) || has(MODES, name) {
        let is_block = matches!(before, Value::Object(_) | Value::List(_)) && !before.is_empty();
        if is_block {
            return after.is_none().then_some(Loss::SwitchedOff);
        }
        if let Some(true) = is_on(before) {
            return (after.is_none() || after.and_then(is_on) == Some(false)).then_some(Loss::SwitchedOff);
        }
    }
    let keeps = has(KEEPS, name);
    if !keeps && !is_size(path, name) {
        return None;
    }
    let before = quantity(before)?;
    let after = match after {
        Some(after) => quantity(after)?,
        // What is not set is no longer kept; a size that is not set is the provider's.
        None if keeps => 0.0,
        None => return None,
    };
    // Logs that are kept for 0 days are kept for ever.
    let (before, after) =
        if name == "retention_in_days" { (endless(before), endless(after)) } else { (before, after) };
    (after < before).then_some(Loss::Shrinks)
}

/// Of a time for which 0 means for ever.
fn endless(time: f64) -> f64 {
    if time == 0.0 { f64::INFINITY } else { time }
}

/// How many of the rules of a bucket, or of what is in them, delete objects: `expiration` of AWS, an `action` of type
/// `Delete` of Google.
fn deletions(rules: &Value, depth: usize) -> usize {
    let Some(below) = depth.checked_sub(1) else { return 0 };
    match rules {
        Value::List(items) => items.iter().map(|item| deletions(item, below)).sum(),
        Value::Object(fields) => {
            let one = |(name, value): (&str, &Value)| match (name, value) {
                ("expiration", value) => usize::from(!value.is_empty()),
                ("type", Value::String(action)) => usize::from(&**action == "Delete"),
                (_, value) => deletions(value, below),
            };
            fields.iter().map(|(name, value)| one((name, value))).sum()
        }
        _ => 0,
    }
}

/// Whether the path leads to a disk or to a list of disks, and not to what a template says of those of others.
fn is_disk(path: &AttrPath) -> bool {
    let named = |name: &str| {
        let words = DISKS.split_ascii_whitespace();
        words.filter_map(|disk| name.strip_suffix(disk)).any(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    let is_key = matches!(path.steps().last(), Some(Step::Key(_)));
    !is_key
        && name(path).is_some_and(named)
        && !path.steps().iter().any(|step| step.name() == Some("template"))
}

/// Whether a list gets shorter, or one of its elements is no more.
fn takes_away(path: &AttrPath, before: &Value, after: Option<&Value>) -> bool {
    match before {
        Value::List(items) => {
            let left = after.and_then(Value::as_list).map_or(0, <[Value]>::len);
            let blocks = items.iter().any(|item| matches!(item, Value::Object(_)));
            blocks && left < items.len()
        }
        Value::Object(fields) => {
            let element = matches!(path.steps().last(), Some(Step::Index(_)));
            element && !fields.is_empty() && after.is_none_or(Value::is_empty)
        }
        _ => false,
    }
}

/// The last name on the path.
fn name(path: &AttrPath) -> Option<&str> {
    path.steps().iter().rev().find_map(Step::name)
}

/// The name above the last one.
fn above(path: &AttrPath) -> Option<&str> {
    path.steps().iter().rev().filter_map(Step::name).nth(1)
}

/// Whether the path is a safety by its own name, or is the switch of one: `versioning[0].enabled`.
fn is_safety(path: &AttrPath) -> bool {
    let Some(name) = name(path) else { return false };
    let by_name = |name: &str| name == "protection" || (has(SAFETIES, name) && !is_hazard(name));
    let switch = matches!(name, "enabled" | "enable" | "status" | "mode");
    by_name(name) || (switch && above(path).is_some_and(by_name))
}

fn is_hazard(name: &str) -> bool {
    let drops = ["skip_", "delete_", "disable_"].iter().filter_map(|verb| name.strip_prefix(verb));
    let safety =
        |rest: &str| !matches!(rest, "api_termination" | "api_stop" | "protection") && has(SAFETIES, rest);
    listed(HAZARDS, name) || drops.into_iter().any(safety)
}

fn is_size(path: &AttrPath, name: &str) -> bool {
    // Requests of a volume claim are a map: its keys are data of the user's elsewhere.
    let is_key = matches!(path.steps().last(), Some(Step::Key(_)));
    let names_size =
        |name: &str| has(SIZES, name) && !name.split(['_', '-']).any(|word| listed(NOT_SIZES, word));
    if is_key || above(path) == Some("requests") {
        return name == "storage";
    }
    names_size(name)
}

/// Whether a switch is on, in any of the spellings; `None` for what is no switch.
fn is_on(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(on) => Some(*on),
        Value::String(text) => {
            let word: String =
                text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
            if listed(ON, &word) { Some(true) } else { listed(OFF, &word).then_some(false) }
        }
        _ => None,
    }
}

/// A number, or a text with a number and a unit: `20`, `"20"`, `"20Gi"`.
fn quantity(value: &Value) -> Option<f64> {
    let text = match value {
        Value::Number(number) => return Some(number.to_f64()),
        Value::String(text) => text.trim(),
        _ => return None,
    };
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (digits, unit) = text.split_at_checked(end)?;
    let number: f64 = digits.parse().ok()?;
    Some(number * scale(unit.trim())?)
}

fn scale(unit: &str) -> Option<f64> {
    let lower = unit.to_ascii_lowercase();
    let prefix = lower.strip_suffix('b').unwrap_or(&lower);
    let (prefix, base) = match prefix.strip_suffix('i') {
        Some(prefix) => (prefix, 1024.0_f64),
        None => (prefix, 1000.0),
    };
    let power = ["", "k", "m", "g", "t", "p"].iter().position(|known| *known == prefix)?;
    Some(base.powi(i32::try_from(power).ok()?))
}

fn listed(words: &str, wanted: &str) -> bool {
    words.split_ascii_whitespace().any(|word| word == wanted)
}

/// Whether a name has one of the words or phrases, as whole words.
fn has(phrases: &str, name: &str) -> bool {
    phrases.split_ascii_whitespace().any(|phrase| {
        name.match_indices(phrase).any(|(at, _)| {
            let before = name.get(..at).and_then(|text| text.chars().next_back());
            let after = name.get(at + phrase.len()..).and_then(|text| text.chars().next());
            [before, after].into_iter().flatten().all(|c| matches!(c, '_' | '-'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, before: &str, after: &str) -> Vec<Loss> {
        let value = |text: &str| Value::decode(text).unwrap();
        let path: AttrPath = path.parse().unwrap();
        losses(&path, &value(before), Some(&value(after)).filter(|after| **after != Value::Null))
            .into_iter()
            .map(|(_, loss)| loss)
            .collect()
    }

    #[test]
    fn lists_are_sorted_and_without_repeats() {
        for list in [SIZES, NOT_SIZES, KEEPS, DISKS, EXPIRIES, SAFETIES, HAZARDS, ON, OFF, MODES] {
            assert!(list.split_whitespace().is_sorted_by(|a, b| a < b), "{list}");
        }
    }

    #[test]
    fn sizes_counts_and_what_is_kept_go_down() {
        for (path, before, after) in [
            ("allocated_storage", "100", "50"),
            ("settings[0].disk_size", "100", "50"),
            ("size", "\"100G\"", "\"50G\""),
            ("resources[0].requests[\"storage\"]", "\"1Ti\"", "\"500Gi\""),
            ("node_count", "3", "1"),
            ("num_cache_nodes", "3", "1"),
            ("num_cache_clusters", "3", "1"),
            ("number_cache_clusters", "3", "1"),
            ("replicas", "2", "0"),
            ("memory[0].dedicated", "8192", "4096"),
            ("cpu[0].cores", "4", "2"),
            ("read_capacity", "10", "5"),
            ("backup_retention_period", "7", "0"),
            ("message_retention_seconds", "1209600", "345600"),
            ("retention_in_days", "0", "30"),
            ("recovery_window_in_days", "30", "7"),
            ("backup_retention_period", "7", "null"),
        ] {
            assert_eq!(of(path, before, after), [Loss::Shrinks], "{path}");
            if after != "null" && path != "retention_in_days" {
                assert_eq!(of(path, after, before), [], "{path} grows");
            }
        }
    }

    #[test]
    fn disks_are_taken_away() {
        let disk = r#"{"interface":"scsi1","size":500}"#;
        for (path, before, after) in [
            ("disk", format!("[{disk},{disk}]"), format!("[{disk}]")),
            ("disk", format!("[{disk}]"), "null".to_owned()),
            ("ebs_block_device", format!("[{disk}]"), "[]".to_owned()),
            ("storage_data_disk[1]", disk.to_owned(), "null".to_owned()),
            ("disks[0].scsi", format!(r#"[{{"scsi1":[{{"disk":[{disk}]}}]}}]"#), "[]".to_owned()),
        ] {
            assert_eq!(of(path, &before, &after), [Loss::TakenAway], "{path}");
            assert_eq!(of(path, &after, &before), [], "{path} is added");
        }
        let two = format!("[{disk},{disk}]");
        for path in
            ["network_interface", "disk_labels", "spec[0].template[0].spec[0].volume", "tags[\"disk\"]"]
        {
            assert_eq!(of(path, &two, &format!("[{disk}]")), [], "{path}");
        }
        assert_eq!(of("disks", r#"["a","b"]"#, r#"["a"]"#), [], "names, no blocks");
    }

    #[test]
    fn contents_that_expire_are_lost() {
        let day = "86400000";
        for (before, after) in [("null", day), ("0", day), ("172800000", day)] {
            assert_eq!(of("default_table_expiration_ms", before, after), [Loss::Expires], "{before}");
            assert_eq!(of("default_table_expiration_ms", after, before), [], "{before}");
        }
        let google = r#"[{"action":[{"type":"Delete"}],"condition":[{"age":1}]}]"#;
        let moves = r#"[{"action":[{"type":"SetStorageClass"}],"condition":[{"age":1}]}]"#;
        let amazon = r#"[{"enabled":true,"expiration":[{"days":1}],"transition":[]}]"#;
        for rules in [google, amazon] {
            assert_eq!(of("lifecycle_rule", "[]", rules), [Loss::Expires], "{rules}");
            assert_eq!(of("lifecycle_rule", moves, rules), [Loss::Expires], "{rules}");
            assert_eq!(of("lifecycle_rule", rules, moves), [], "{rules}");
        }
        assert_eq!(of("lifecycle_rule", "[]", moves), []);
    }

    #[test]
    fn numbers_that_are_no_size_may_go_down() {
        for path in [
            "health_check_count",
            "max_receive_count",
            "batch_size",
            "priority",
            "port",
            "timeout",
            "key_size",
            "idle_timeout",
            "hop_limit",
            "max_message_size",
            "delay_seconds",
            "block_size",
            "min_size",
            "tags[\"size\"]",
        ] {
            assert_eq!(of(path, "10", "5"), [], "{path}");
        }
        assert_eq!(of("allocated_storage", "100", "null"), [], "the provider decides");
        assert_eq!(of("size", "\"large\"", "\"small\""), []);
        assert_eq!(of("retention_in_days", "30", "0"), [], "for ever");
    }

    #[test]
    fn safeties_go_off() {
        for (path, before, after) in [
            ("deletion_protection", "true", "false"),
            ("deletion_protection_enabled", "true", "null"),
            ("disable_api_termination", "true", "false"),
            ("protection", "true", "false"),
            ("multi_az", "true", "false"),
            ("automatic_failover_enabled", "true", "false"),
            ("storage_encrypted", "true", "false"),
            ("enable_backups", "true", "false"),
            ("versioning[0].enabled", "true", "false"),
            ("versioning_configuration[0].status", "\"Enabled\"", "\"Suspended\""),
            ("point_in_time_recovery", "[{\"enabled\":true}]", "[]"),
            ("settings[0].availability_type", "\"REGIONAL\"", "\"ZONAL\""),
            ("deletion_policy", "\"RETAIN\"", "\"DELETE\""),
            ("high_availability[0]", "{\"mode\":\"ZoneRedundant\"}", "null"),
        ] {
            assert_eq!(of(path, before, after), [Loss::SwitchedOff], "{path}");
            if !matches!(after, "null" | "[]") {
                assert_eq!(of(path, after, before), [], "{path} goes on");
            }
        }
    }

    #[test]
    fn hazards_go_on() {
        for path in ["skip_final_snapshot", "force_destroy", "delete_automated_backups", "disable_versioning"]
        {
            assert_eq!(of(path, "false", "true"), [Loss::SwitchedOn], "{path}");
            assert_eq!(of(path, "null", "true"), [Loss::SwitchedOn], "{path}");
            assert_eq!(of(path, "true", "false"), [], "{path}");
        }
    }

    #[test]
    fn other_switches_may_go_either_way() {
        for path in
            ["publicly_accessible", "enabled", "monitoring", "copy_tags_to_snapshot", "apply_immediately"]
        {
            assert_eq!(of(path, "true", "false"), [], "{path}");
            assert_eq!(of(path, "false", "true"), [], "{path}");
        }
        assert_eq!(of("logging[0].enabled", "true", "false"), []);
        assert_eq!(of("status", "\"Enabled\"", "\"Disabled\""), []);
    }

    #[test]
    fn a_whole_block_that_goes_is_looked_into() {
        let before = r#"[{"retention":{"retained_backups":7},"start_time":"03:00","transaction_log_retention_days":7}]"#;
        assert_eq!(of("settings", before, "null").len(), 2);
        assert_eq!(of("backup_configuration", before, "[]"), [Loss::SwitchedOff]);
    }
}
