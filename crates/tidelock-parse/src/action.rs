//! What a plan does to an instance, and why: open vocabularies.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the plan does to one instance or output (`change.actions`).
///
/// `Other` keeps a combination this version does not know; it must never be treated as harmless.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
#[non_exhaustive]
pub enum Action {
    /// `["no-op"]`: nothing. An import without a change is one, too.
    #[default]
    NoOp,
    /// `["create"]`.
    Create,
    /// `["read"]`: a data source read during apply.
    Read,
    /// `["update"]`: in place.
    Update,
    /// `["delete"]`.
    Delete,
    /// `["delete","create"]`: replaced, the old one goes first.
    DeleteThenCreate,
    /// `["create","delete"]`: replaced, the new one comes first.
    CreateThenDelete,
    /// `["forget"]`: leaves the state, the object stays alive.
    Forget,
    /// `["forget","create"]`: a new object, the old one stays alive; OpenTofu 1.12.
    ForgetThenCreate,
    /// `["create","forget"]`: spelling assumed, never seen.
    CreateThenForget,
    /// `["open"]`: an ephemeral resource; OpenTofu 1.11.
    Open,
    /// Anything else, as it stood in the plan.
    Other(Vec<String>),
}

impl Action {
    /// The words of plan JSON.
    pub fn words(&self) -> Vec<&str> {
        match self {
            Self::NoOp => vec!["no-op"],
            Self::Create => vec!["create"],
            Self::Read => vec!["read"],
            Self::Update => vec!["update"],
            Self::Delete => vec!["delete"],
            Self::DeleteThenCreate => vec!["delete", "create"],
            Self::CreateThenDelete => vec!["create", "delete"],
            Self::Forget => vec!["forget"],
            Self::ForgetThenCreate => vec!["forget", "create"],
            Self::CreateThenForget => vec!["create", "forget"],
            Self::Open => vec!["open"],
            Self::Other(words) => words.iter().map(String::as_str).collect(),
        }
    }

    /// Whether the object that exists now is destroyed.
    pub fn destroys(&self) -> bool {
        self.has("delete")
    }

    /// Whether the object leaves the state and stays alive.
    pub fn forgets(&self) -> bool {
        self.has("forget")
    }

    /// Whether a new object is made.
    pub fn creates(&self) -> bool {
        self.has("create")
    }

    /// Whether an object makes room for a new one at the same address.
    pub fn is_replace(&self) -> bool {
        self.creates() && (self.destroys() || self.forgets())
    }

    /// Whether nothing is done to a managed object (no-op, or a read).
    pub fn is_quiet(&self) -> bool {
        matches!(self, Self::NoOp | Self::Read | Self::Open)
    }

    fn has(&self, word: &str) -> bool {
        match self {
            Self::Other(words) => words.iter().any(|w| w == word),
            _ => self.words().contains(&word),
        }
    }
}

impl<'w> FromIterator<&'w str> for Action {
    /// From the words of plan JSON; copies them only if it does not know them.
    fn from_iter<I: IntoIterator<Item = &'w str>>(words: I) -> Self {
        let words: Vec<&str> = words.into_iter().collect();
        match words.as_slice() {
            ["no-op"] => Self::NoOp,
            ["create"] => Self::Create,
            ["read"] => Self::Read,
            ["update"] => Self::Update,
            ["delete"] => Self::Delete,
            ["delete", "create"] => Self::DeleteThenCreate,
            ["create", "delete"] => Self::CreateThenDelete,
            ["forget"] => Self::Forget,
            ["forget", "create"] => Self::ForgetThenCreate,
            ["create", "forget"] => Self::CreateThenForget,
            ["open"] => Self::Open,
            _ => Self::Other(words.into_iter().map(ToOwned::to_owned).collect()),
        }
    }
}

impl From<Vec<String>> for Action {
    fn from(words: Vec<String>) -> Self {
        words.iter().map(String::as_str).collect()
    }
}

impl From<Action> for Vec<String> {
    fn from(action: Action) -> Self {
        action.words().into_iter().map(ToOwned::to_owned).collect()
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().join(","))
    }
}

/// Declares an enum of known words that keeps unknown ones.
macro_rules! open_words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A word this version does not know, as it stood in the input.
            Other(String),
        }

        impl $name {
            /// The word of the file format.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Other(word),
                }
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.as_str().to_owned()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use open_words;

open_words! {
    /// Why the plan destroys, replaces, reads or forgets (`action_reason`).
    ActionReason {
        /// The object is tainted.
        ReplaceBecauseTainted = "replace_because_tainted",
        /// `-replace`.
        ReplaceByRequest = "replace_by_request",
        /// An argument cannot be changed in place; see `replace_paths`.
        ReplaceBecauseCannotUpdate = "replace_because_cannot_update",
        /// The resource block is gone (or the whole module call).
        DeleteBecauseNoResourceConfig = "delete_because_no_resource_config",
        /// `count` or `for_each` was added or removed.
        DeleteBecauseWrongRepetition = "delete_because_wrong_repetition",
        /// Beyond the end of `count`.
        DeleteBecauseCountIndex = "delete_because_count_index",
        /// The key left `for_each`.
        DeleteBecauseEachKey = "delete_because_each_key",
        /// The module instance is gone.
        DeleteBecauseNoModule = "delete_because_no_module",
        /// `replace_triggered_by`.
        ReplaceByTriggers = "replace_by_triggers",
        /// A data source whose arguments are not known yet.
        ReadBecauseConfigUnknown = "read_because_config_unknown",
        /// A data source that depends on something pending.
        ReadBecauseDependencyPending = "read_because_dependency_pending",
        /// The target of a `moved` block is not declared.
        DeleteBecauseNoMoveTarget = "delete_because_no_move_target",
        /// A data source nested in a check.
        ReadBecauseCheckNested = "read_because_check_nested",
        /// `enabled` is false; OpenTofu.
        DeleteBecauseEnabledFalse = "delete_because_enabled_false",
        /// `destroy = false` recorded in the state; OpenTofu.
        ForgotBecauseLifecycleDestroyInState = "forgot_because_lifecycle_destroy_in_state",
        /// `destroy = false` in the configuration; OpenTofu.
        ForgotBecauseLifecycleDestroyInConfig = "forgot_because_lifecycle_destroy_in_config",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(words: &[&str]) -> Action {
        words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>().into()
    }

    #[test]
    fn unknown_combinations_are_kept_and_never_quiet() {
        let new = action(&["relocate", "delete"]);
        assert_eq!(new, Action::Other(vec!["relocate".into(), "delete".into()]));
        assert!(new.destroys() && !new.is_quiet());
        assert_eq!(new.to_string(), "relocate,delete");
    }

    #[test]
    fn both_orders_are_a_replacement() {
        for words in [["delete", "create"], ["create", "delete"], ["forget", "create"]] {
            assert!(action(&words).is_replace(), "{words:?}");
        }
        assert!(!action(&["create"]).is_replace());
    }

    #[test]
    fn unknown_reasons_are_kept() {
        let reason = ActionReason::from("delete_because_moon".to_owned());
        assert_eq!(reason, ActionReason::Other("delete_because_moon".into()));
    }
}
