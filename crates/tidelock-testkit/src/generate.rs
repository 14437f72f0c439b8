//! Plans and states of any size, for measuring: the shape of what `show -json` and `state pull` write, compact
//! and indented as those are, the same bytes for the same numbers.
//!
//! A fleet is a tree of modules: each region is a module call of its own, in it a `for_each` of services, in
//! each service a dozen instances of several providers, with nested blocks, tags, and policies as JSON text.
//! One instance in a hundred has a story: it drifted, is changed by the plan, or both. In a busy fleet one in a dozen
//! has, and things are destroyed, too.

mod instance;
mod kind;
mod plan;
mod sources;
mod state;

use std::io::{self, BufWriter, Write};

/// Instances in a service.
const SERVICE: usize = 12;
/// Services in a region.
const SERVICES: usize = 20;
/// Instances in a region.
const REGION: usize = SERVICE * SERVICES;

/// Size of the values of one instance, in bytes of compact JSON, where nobody asks for another. Together with
/// all that a plan says four times about an instance it makes about 10 KB.
const VALUE_BYTES: usize = 2_200;

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fleet {
    /// How many resource instances.
    instances: usize,
    /// Least size of the values of one instance, in bytes of compact JSON.
    value_bytes: usize,
    /// Goes into names and numbers, so that two fleets differ.
    number: u64,
    pace: Pace,
}

/// How much happens in a fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    Calm,
    Busy,
}

impl Fleet {
    /// A fleet with this many instances, each about 10 KB of a plan.
    pub fn of_instances(instances: usize) -> Self {
        Self { instances, value_bytes: VALUE_BYTES, number: 0, pace: Pace::Calm }
    }

    /// A fleet whose plan has about this many bytes.
    pub fn of_plan_bytes(bytes: usize) -> Self {
        Self::of_instances((bytes / size(|out| Self::of_instances(REGION).write_plan(out), REGION)).max(1))
    }

    /// A fleet whose raw state has about this many bytes.
    pub fn of_state_bytes(bytes: usize) -> Self {
        Self::of_instances((bytes / size(|out| Self::of_instances(REGION).write_state(out), REGION)).max(1))
    }

    /// Makes the values as much bigger as it takes for a plan of about this many bytes.
    #[must_use]
    pub fn padded_to(self, plan_bytes: usize) -> Self {
        let sample = Self { instances: self.instances.min(REGION), ..self };
        let size = |value_bytes| size(|out| Self { value_bytes, ..sample }.write_plan(out), sample.instances);
        let missing = (plan_bytes / self.instances.max(1)).saturating_sub(size(self.value_bytes));
        if missing == 0 {
            return self;
        }
        // Values stand in a plan four times; what masks add is measured.
        let step = missing / 4 + 1;
        let grown = size(self.value_bytes + step).saturating_sub(size(self.value_bytes)).max(1);
        Self { value_bytes: self.value_bytes + step * missing / grown, ..self }
    }

    /// Another fleet of the same size.
    #[must_use]
    pub fn numbered(self, number: u64) -> Self {
        Self { number, ..self }
    }

    /// One in a dozen has a story instead of one in a hundred, and many of them are created or destroyed.
    #[must_use]
    pub fn busy(self) -> Self {
        Self { pace: Pace::Busy, ..self }
    }

    /// How many resource instances it has.
    pub fn instances(self) -> usize {
        self.instances
    }

    /// Writes what `show -json PLANFILE` would.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_plan(self, out: impl Write) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 20, out);
        plan::write(self, &mut out)?;
        out.flush()
    }

    /// Writes what `state pull` would.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_state(self, out: impl Write) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 20, out);
        state::write(self, &mut out)?;
        out.flush()
    }

    /// The plan, in memory.
    pub fn plan(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A vector refuses nothing.
        let _ = self.write_plan(&mut bytes);
        bytes
    }

    /// The raw state, in memory.
    pub fn state(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A vector refuses nothing.
        let _ = self.write_state(&mut bytes);
        bytes
    }
}

/// Bytes per instance of what `write` writes for so many instances.
fn size(write: impl FnOnce(&mut Counter) -> io::Result<()>, instances: usize) -> usize {
    let mut counter = Counter(0);
    // A counter refuses nothing.
    let _ = write(&mut counter);
    (counter.0 / instances.max(1)).max(1)
}

/// Counts what is written to it.
struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a list, element by element.
fn list<T>(
    out: &mut impl Write,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut dyn Write, T) -> io::Result<()>,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        write(out, item)?;
    }
    out.write_all(b"]")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn count(plan: &Value, list: &str) -> usize {
        plan[list].as_array().map_or(0, Vec::len)
    }

    #[test]
    fn the_same_fleet_is_the_same_bytes() {
        let fleet = Fleet::of_instances(30);
        assert_eq!(fleet.plan(), fleet.plan());
        assert_ne!(fleet.plan(), fleet.numbered(1).plan());
    }

    #[test]
    fn a_plan_lists_every_instance_and_one_in_a_hundred_has_a_story() {
        let plan: Value = serde_json::from_slice(&Fleet::of_instances(1_500).plan()).unwrap();
        assert_eq!(count(&plan, "resource_changes"), 1_500);
        let changes = plan["resource_changes"].as_array().unwrap();
        let busy = changes.iter().filter(|change| change["change"]["actions"][0] != "no-op").count();
        let drifted = count(&plan, "resource_drift");
        assert!((8..15).contains(&busy) && (6..14).contains(&drifted), "{busy} {drifted}");
    }

    #[test]
    fn in_a_busy_plan_one_in_a_dozen_has_a_story_and_things_are_destroyed() {
        let plan: Value = serde_json::from_slice(&Fleet::of_instances(1_100).busy().plan()).unwrap();
        let changes = plan["resource_changes"].as_array().unwrap();
        let does =
            |action: &str| changes.iter().filter(|change| change["change"]["actions"][0] == action).count();
        assert_eq!(changes.len() - does("no-op"), 100);
        assert!(does("create") > 10 && does("delete") > 20);
    }

    #[test]
    fn sizes_are_met_within_a_tenth() {
        let near = |bytes: Vec<u8>, wanted: usize| {
            assert!(bytes.len().abs_diff(wanted) < wanted / 10, "{} is not {wanted}", bytes.len());
        };
        near(Fleet::of_plan_bytes(1_000_000).plan(), 1_000_000);
        near(Fleet::of_state_bytes(1_000_000).state(), 1_000_000);
        near(Fleet::of_instances(50).padded_to(1_000_000).plan(), 1_000_000);
    }

    #[test]
    fn a_state_holds_the_same_instances() {
        let state: Value = serde_json::from_slice(&Fleet::of_instances(350).state()).unwrap();
        let resources = state["resources"].as_array().unwrap();
        let instances = resources.iter().map(|resource| count(resource, "instances"));
        // Those that are still to be created are not in it.
        assert!((340..350).contains(&instances.sum::<usize>()));
    }
}
