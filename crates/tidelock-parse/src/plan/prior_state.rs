//! As much of a plan's prior state as counting takes; the rest of it is the state reader's business.

use serde::{Deserialize, de::IgnoredAny};

#[derive(Deserialize)]
struct RawState {
    values: Option<RawValues>,
}

#[derive(Deserialize)]
struct RawValues {
    root_module: Option<RawModule>,
}

#[derive(Deserialize)]
struct RawModule {
    #[serde(default)]
    resources: Vec<RawResource>,
    #[serde(default)]
    child_modules: Vec<RawModule>,
}

#[derive(Deserialize)]
struct RawResource {
    mode: Option<String>,
    deposed_key: Option<IgnoredAny>,
}

/// Managed instances in a state representation, deposed objects left out; zero if it cannot be read.
pub(super) fn managed(json: &str) -> usize {
    let state = serde_json::from_str::<RawState>(json).ok();
    let mut open: Vec<RawModule> = state.and_then(|state| state.values?.root_module).into_iter().collect();
    let mut count = 0;
    while let Some(module) = open.pop() {
        let current = |resource: &&RawResource| {
            resource.mode.as_deref() == Some("managed") && resource.deposed_key.is_none()
        };
        count += module.resources.iter().filter(current).count();
        open.extend(module.child_modules);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managed_instances_of_all_modules_are_counted_whatever_the_white_space() {
        let state = r#"{"values":{"root_module":{
            "resources":[{"mode": "managed"},{"mode":"data"},{"mode":"managed","deposed_key":"ab"},
                         {"mode":"managed","values":{"policy":{"mode":"managed"}}}],
            "child_modules":[{"resources":[{"mode":"managed"}]}]}}}"#;
        assert_eq!(managed(state), 3);
        assert_eq!(managed("{}"), 0);
        assert_eq!(managed("[1"), 0);
    }
}
