//! How each expected instance stands.

use tidelock_parse::ResourceAddr;

use crate::{
    proposal::{Decision, ObjectInfo},
    report::words::words,
};

words! {
    /// How an instance stands that should exist, from the best to the worst.
    Standing {
        /// In the state, sound, and as far as anybody knows there and running.
        Healthy = "healthy",
        /// Not there; an apply makes it.
        Missing = "missing",
        /// In the state, and gone from reality; an apply makes it anew.
        Gone = "gone",
        /// There, and what was planned for it is not done; an apply does it.
        Pending = "pending",
        /// It exists, and the state does not know it.
        Unmanaged = "unmanaged",
        /// Its creation failed half-way, or somebody tainted it.
        Tainted = "tainted",
        /// A replacement left an old object behind.
        Deposed = "deposed",
        /// It has served its time: a key that expired or is used up.
        Spent = "spent",
        /// It is there and does not run.
        Stopped = "stopped",
        /// A device of the tailnet that belongs to it is offline.
        Offline = "offline",
        /// It is being made, or on its way out.
        Unsettled = "unsettled",
        /// Nobody can tell whether it exists.
        Doubtful = "doubtful",
        /// It exists more than once, or two claim it.
        Duplicate = "duplicate",
        /// It existed before the run, and the state does not know it.
        Lost = "lost",
        /// What it failed with is met again.
        Failing = "failing",
    }
}

impl Standing {
    /// What it asks for.
    pub const fn decision(self) -> Decision {
        match self {
            Self::Healthy => Decision::Skip,
            Self::Missing | Self::Gone | Self::Pending => Decision::Apply,
            Self::Unmanaged => Decision::Import,
            Self::Tainted | Self::Deposed | Self::Spent | Self::Stopped | Self::Offline => Decision::Cleanup,
            Self::Unsettled | Self::Doubtful | Self::Duplicate | Self::Lost | Self::Failing => Decision::Stop,
        }
    }
}

/// An instance that should exist (or, where a plan removes it, should not), as a report tells it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Expected {
    /// Which.
    pub address: ResourceAddr,
    /// How it stands; of several troubles the worst.
    pub standing: Standing,
    /// Why, one phrase.
    pub reason: String,
    /// The real object, if it is known.
    pub object: Option<ObjectInfo>,
    /// By which it is reached, the best first.
    pub addresses: Vec<String>,
    /// Its address in a tailnet, if a connected device there belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tailnet_address: Option<String>,
    /// Whether it is a machine.
    #[serde(skip)]
    pub machine: bool,
}
