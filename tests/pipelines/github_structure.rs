//! What holds for each printed workflow, without running it.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tidelock_testkit::steps::repository;

use crate::github_runner::yaml;

/// A pasted step is no longer than this.
const LONGEST_STEP: usize = 15;

fn workflows() -> Vec<PathBuf> {
    let folder = fs::read_dir(repository().join("docs/pipelines/github")).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 3);
    files
}

/// Texts of the steps of a file: from one `- ` of a step to the next.
fn steps(text: &str) -> Vec<Vec<&str>> {
    let mut steps: Vec<Vec<&str>> = Vec::new();
    let mut indent = None;
    for line in text.lines() {
        let depth = line.len() - line.trim_start().len();
        if ["- uses:", "- run:", "- name:", "- id:", "- if:"]
            .iter()
            .any(|key| line.trim_start().starts_with(key))
        {
            steps.push(vec![line]);
            indent = Some(depth);
        } else if indent.is_some_and(|indent| depth > indent) {
            steps.last_mut().unwrap().push(line);
        } else {
            indent = None;
        }
    }
    steps
}

/// All strings under a key, anywhere in a file.
fn all<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if name == key {
                    found.extend(field.as_str());
                }
                all(field, key, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| all(item, key, found)),
        _ => {}
    }
}

#[test]
fn a_pasted_step_is_short() {
    for file in workflows() {
        let text = fs::read_to_string(&file).unwrap();
        let steps = steps(&text);
        assert!(steps.iter().any(|step| step[0].contains("tidelock/tidelock@")));
        for step in steps {
            assert!(step.len() <= LONGEST_STEP, "{}: {step:#?}", file.display());
        }
    }
}

#[test]
fn every_action_is_pinned() {
    let ours = concat!("v", env!("CARGO_PKG_VERSION"));
    for file in workflows() {
        let workflow = yaml(&file.to_string_lossy());
        let mut uses = Vec::new();
        all(&workflow, "uses", &mut uses);
        for action in uses {
            let (name, version) = action.split_once('@').unwrap();
            let commit = version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(
                commit || (name == "tidelock/tidelock" && version == ours),
                "{}: {action}",
                file.display()
            );
        }
        for (_, job) in workflow["jobs"].as_object().unwrap() {
            assert!(!job["runs-on"].as_str().unwrap().ends_with("latest"), "{}", file.display());
        }
    }
    let version = &yaml("action.yml")["inputs"]["version"]["default"];
    assert_eq!(
        version.as_str(),
        Some(env!("CARGO_PKG_VERSION")),
        "the action installs the release it is part of"
    );
}

#[test]
fn every_job_has_limits() {
    for file in workflows() {
        let name = file.display();
        let workflow = yaml(&file.to_string_lossy());
        assert!(workflow["concurrency"]["group"].is_string(), "{name}: runs do not overtake each other");
        assert!(workflow["permissions"].is_object(), "{name}: the default of the repository does not count");
        for (job, spec) in workflow["jobs"].as_object().unwrap() {
            let permissions =
                if spec["permissions"].is_object() { &spec["permissions"] } else { &workflow["permissions"] };
            let given = permissions.as_object().unwrap();
            assert!(spec["timeout-minutes"].is_u64(), "{name}: {job}");
            assert_eq!(permissions["contents"], "read", "{name}: {job}");
            let mut may_write: Vec<_> =
                given.iter().filter(|(_, level)| *level == "write").map(|(key, _)| key.as_str()).collect();
            let mut wants: Vec<&str> = Vec::new();
            for step in spec["steps"].as_array().unwrap() {
                if step["with"]["issue"] == true {
                    wants.push("issues");
                }
                if step["with"]["comment"] == true {
                    wants.push("pull-requests");
                }
            }
            may_write.sort_unstable();
            wants.sort_unstable();
            assert_eq!(may_write, wants, "{name}: {job} may write what its steps write");
        }
    }
}

#[test]
fn nothing_is_pasted_into_a_script() {
    let mut files = workflows();
    files.push(repository().join("action.yml"));
    for file in files {
        let workflow = yaml(&file.to_string_lossy());
        let mut scripts = Vec::new();
        all(&workflow, "run", &mut scripts);
        assert!(!scripts.is_empty() || !file.ends_with("action.yml"));
        for script in scripts {
            assert!(!script.contains("${{"), "{}: {script}", file.display());
        }
    }
}

#[test]
fn only_the_steps_that_write_get_the_token() {
    for step in yaml("action.yml")["runs"]["steps"].as_array().unwrap() {
        let writes = ["comment", "issue"].contains(&step["name"].as_str().unwrap());
        assert_eq!(step["env"]["GITHUB_TOKEN"].is_string(), writes, "{step}");
    }
}

#[test]
fn the_page_about_all_stacks_knows_all_of_them() {
    let jobs = &yaml("docs/pipelines/github/drift-matrix.yml")["jobs"];
    let stacks = jobs["drift"]["strategy"]["matrix"]["stack"].as_array().unwrap();
    let folders: Vec<_> =
        stacks.iter().map(|stack| format!("tidelock-{}", stack.as_str().unwrap())).collect();
    let summary = jobs["summary"]["steps"].as_array().unwrap().last().unwrap();
    assert_eq!(summary["with"]["args"], folders.join(" "));
}

#[test]
fn the_night_is_at_four() {
    for file in ["docs/pipelines/github/drift.yml", "docs/pipelines/github/drift-matrix.yml"] {
        let on = &yaml(file)["on"];
        assert_eq!(on["schedule"][0]["cron"], "0 4 * * *");
        assert!(on.get("workflow_dispatch").is_some());
    }
}

#[test]
fn the_page_names_what_there_is() {
    let page = fs::read_to_string(repository().join("docs/pipelines/github.md")).unwrap();
    let action = yaml("action.yml");
    for kind in ["inputs", "outputs"] {
        for (name, _) in action[kind].as_object().unwrap() {
            assert!(page.contains(&format!("| `{name}` |")), "{kind}: {name}");
        }
    }
    let files: Vec<_> = workflows().iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    for block in page.split("```yaml\n").skip(1) {
        let block = block.split("```").next().unwrap();
        assert!(files.iter().any(|file| file.contains(block)), "of no workflow: {block}");
    }
}
