//! One instance of a fleet: where it stands, what its values are, what happens to it.

use serde_json::{Map, Value, json};

use super::{
    Fleet, Pace, REGION, SERVICE, SERVICES,
    kind::{KINDS, Keys, Kind},
};

impl Pace {
    /// One in so many has a story. Prime to the size of a service, so that stories meet every kind.
    fn quiet_for(self) -> usize {
        match self {
            Self::Calm => 101,
            Self::Busy => 11,
        }
    }

    /// What happens, in turns.
    fn stories(self) -> &'static [Story] {
        match self {
            Self::Calm => &[
                Story::Reverting,
                Story::Updated,
                Story::Computed,
                Story::Created,
                Story::Reverting,
                Story::Conflicting,
                Story::Updated,
                Story::Computed,
                Story::Replaced,
            ],
            Self::Busy => &[
                Story::Created,
                Story::Destroyed,
                Story::Updated,
                Story::Replaced,
                Story::Reverting,
                Story::Created,
                Story::Destroyed,
            ],
        }
    }
}

/// What happens to an instance.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Story {
    Quiet,
    /// Changed outside; apply sets it back.
    Reverting,
    /// Changed by the configuration.
    Updated,
    /// Changed outside in what only the provider sets.
    Computed,
    /// Still to be created.
    Created,
    /// Replaced by the configuration.
    Replaced,
    /// Not wanted any more.
    Destroyed,
    /// Changed outside and by the configuration.
    Conflicting,
}

impl Story {
    pub(super) fn drifted(self) -> bool {
        matches!(self, Self::Reverting | Self::Computed | Self::Conflicting)
    }

    pub(super) fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Quiet | Self::Computed => &["no-op"],
            Self::Reverting | Self::Updated | Self::Conflicting => &["update"],
            Self::Created => &["create"],
            Self::Replaced => &["delete", "create"],
            Self::Destroyed => &["delete"],
        }
    }
}

/// One instance.
pub(super) struct Instance {
    pub(super) kind: &'static Kind,
    pub(super) module: String,
    pub(super) key: Option<Value>,
    pub(super) story: Story,
    id: String,
    random: u64,
    value_bytes: usize,
}

impl Fleet {
    /// The instances in `range` that exist, in the order of a plan.
    pub(super) fn slice(self, range: std::ops::Range<usize>) -> impl Iterator<Item = Instance> {
        (range.start..range.end.min(self.instances)).map(move |at| self.instance(at))
    }

    pub(super) fn regions(self) -> std::ops::Range<usize> {
        0..self.instances.div_ceil(REGION)
    }

    /// First instances of the services of a region.
    pub(super) fn services(self, region: usize) -> impl Iterator<Item = usize> {
        let start = region * REGION;
        (start..(start + REGION).min(self.instances)).step_by(SERVICE)
    }

    fn instance(self, at: usize) -> Instance {
        let (kind, key) = slot(at % SERVICE);
        let random = mix(at as u64 ^ self.number.rotate_left(40));
        let (quiet_for, stories) = (self.pace.quiet_for(), self.pace.stories());
        let told = at % quiet_for == 3;
        let story = stories.get(at / quiet_for % stories.len()).copied().filter(|_| told);
        Instance {
            kind,
            module: service_path(at),
            key,
            story: story.unwrap_or(Story::Quiet),
            id: format!("{}-{}-{at:06}", kind.name, self.number),
            random,
            value_bytes: self.value_bytes,
        }
    }
}

/// Name of a module call for a region.
pub(super) fn region_name(region: usize) -> String {
    format!("region_{region:03}")
}

/// Address of a region.
pub(super) fn region_path(region: usize) -> String {
    format!("module.{}", region_name(region))
}

/// Address of the service that instance number `at` belongs to.
pub(super) fn service_path(at: usize) -> String {
    format!("{}.module.service[\"svc-{:02}\"]", region_path(at / REGION), at / SERVICE % SERVICES)
}

/// The block that holds the instance in this place of a service.
fn slot(place: usize) -> (&'static Kind, Option<Value>) {
    let mut before = 0;
    for kind in &KINDS {
        let width = kind.width();
        if place < before + width {
            let at = place - before;
            return match kind.keys {
                Keys::Single => (kind, None),
                Keys::Count => (kind, Some(json!(at))),
                Keys::Each(keys) => (kind, keys.get(at).map(|key| json!(key))),
            };
        }
        before += width;
    }
    (&KINDS[0], Some(json!(place)))
}

impl Kind {
    /// How many instances a service has.
    pub(super) fn width(&self) -> usize {
        match self.keys {
            Keys::Single => 1,
            Keys::Count => 4,
            Keys::Each(keys) => keys.len(),
        }
    }
}

/// Well spread numbers from small ones (the finalizer of splitmix64).
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Instance {
    pub(super) fn address(&self) -> String {
        let key = self.key.as_ref().map(|key| format!("[{key}]")).unwrap_or_default();
        format!("{}.{}.{}{key}", self.module, self.kind.type_name, self.kind.name)
    }

    /// What the state says; the plan's wish where nothing is to change.
    pub(super) fn recorded(&self) -> Map<String, Value> {
        self.kind.values(&self.id, self.random, self.value_bytes)
    }

    /// What the state holds before refresh; nothing if it does not exist yet.
    pub(super) fn held(&self) -> Option<Map<String, Value>> {
        (self.story != Story::Created).then(|| self.recorded())
    }

    /// What refresh finds; nothing if it does not exist yet.
    pub(super) fn actual(&self) -> Option<Map<String, Value>> {
        let mut values = self.recorded();
        match self.story {
            Story::Created => return None,
            Story::Reverting | Story::Conflicting => {
                values.insert(self.kind.set.to_owned(), json!("changed by hand"));
            }
            Story::Computed => {
                values.insert(self.kind.computed.to_owned(), json!("computed anew"));
            }
            Story::Quiet | Story::Updated | Story::Replaced | Story::Destroyed => {}
        }
        Some(values)
    }

    /// What the plan wants.
    pub(super) fn desired(&self) -> Option<Map<String, Value>> {
        Some(match (self.story, self.actual()) {
            (Story::Destroyed, _) => return None,
            (Story::Quiet | Story::Computed, Some(values)) => values,
            (Story::Updated | Story::Replaced | Story::Conflicting, _) => {
                let mut values = self.recorded();
                values.insert(self.kind.set.to_owned(), json!("as configured now"));
                values
            }
            _ => self.recorded(),
        })
    }

    /// What is not known before apply.
    pub(super) fn unknown(&self) -> Value {
        match self.story {
            Story::Created | Story::Replaced => json!({"id": true, self.kind.computed: true}),
            _ => json!({}),
        }
    }

    /// The mask of what is sensitive: the shape of the containers, and `true` for a secret.
    pub(super) fn sensitive(&self, values: &Map<String, Value>) -> Value {
        let fields = values.iter().filter_map(|(name, value)| {
            let mask = if self.kind.secret == Some(name) { Some(json!(true)) } else { mask(value) };
            Some((name.clone(), mask?))
        });
        Value::Object(fields.collect())
    }
}

/// Containers keep their shape in a mask; what is not sensitive is left out of objects and `false` in lists.
fn mask(value: &Value) -> Option<Value> {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, field)| Some((name.clone(), mask(field)?)));
            Some(Value::Object(fields.collect()))
        }
        Value::Array(items) => Some(items.iter().map(|item| mask(item).unwrap_or(json!(false))).collect()),
        _ => None,
    }
}
