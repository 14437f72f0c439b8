//! Policy, waivers, baseline and lock end to end: files in a repository, and what they make of a verdict.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use assert_cmd::Command;
use serde_json::Value as Json;
use tempfile::TempDir;
use tidelock_testkit::fixtures;

/// A repository with one stack, `live/web`, in which a recorded plan and its sources stand.
struct Repository {
    dir: TempDir,
}

/// The plan destroys a database whose block, with its `prevent_destroy`, was deleted.
const DELETED: &str = "gate/protected_block_deleted";
/// Somebody changed the memory of a VM by hand.
const DRIFTED: &str = "drift/vm_memory";
const DATABASE: &str = "aws_db_instance.orders";

impl Repository {
    fn with(case: &str) -> Self {
        let repository = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(repository.path(".git")).unwrap();
        let case = fixtures::case(case).unwrap();
        repository.write("live/web/plan.json", case.bytes("plan.json").unwrap());
        repository.write("live/web/main.tf", case.bytes("main.tf").unwrap());
        repository
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the binary in the stack, without anything of ours in its environment.
    fn run(&self, args: &[&str]) -> Output {
        self.run_in("live/web", args)
    }

    fn run_in(&self, dir: &str, args: &[&str]) -> Output {
        let mut command = Command::cargo_bin("tidelock").unwrap();
        command.env_clear().current_dir(self.path(dir)).args(args).output().unwrap()
    }

    fn code(&self, args: &[&str]) -> i32 {
        code(&self.run(args))
    }

    /// The findings of a gate over the plan, `CODE severity waived-by`.
    fn findings(&self, args: &[&str]) -> Vec<String> {
        let output = self.run(&[&["gate", "plan.json", "--format", "json"], args].concat());
        let report: Json = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)));
        let findings = report["findings"].as_array().unwrap().iter().map(|finding| {
            let words = [&finding["code"], &finding["severity"], &finding["waived"]["by"]];
            words.iter().filter_map(|word| word.as_str()).collect::<Vec<_>>().join(" ")
        });
        findings.collect()
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const WAIVE: [&str; 9] =
    ["waive", "TL201", DATABASE, "--until", "2999-12-31", "--owner", "ada", "--reason", "it's empty"];

mod policies {
    use super::*;

    #[test]
    fn files_from_the_git_root_down_to_the_stack_count() {
        let repository = Repository::with(DELETED);
        assert_eq!(repository.code(&["gate", "plan.json"]), 3);
        repository.write("tidelock.toml", "[rules]\nTL201 = \"warn\"\n");
        assert_eq!(repository.findings(&[]), ["TL201 warn"]);
        assert_eq!(repository.code(&["gate", "plan.json"]), 0);
        repository.write("live/web/tidelock.toml", "[rules]\nTL201 = \"deny\"\n");
        assert_eq!(repository.code(&["gate", "plan.json"]), 3);
        let outside = repository.run_in("", &["gate", "live/web/plan.json"]);
        assert_eq!(code(&outside), 3);
        assert_eq!(repository.code(&["gate", "plan.json", "--policy", "../../tidelock.toml"]), 0);
        repository.write("live/web/tidelock.toml", "[rules]\nTL201 = \"allow\"\n");
        assert_eq!(repository.code(&["gate", "plan.json", "--no-policy"]), 3);
    }

    #[test]
    fn drift_goes_by_the_policy_too() {
        let repository = Repository::with(DRIFTED);
        assert_eq!(repository.code(&["drift", "plan.json"]), 2);
        repository.write("tidelock.toml", "[rules]\nchanged-outside = \"info\"\n");
        assert_eq!(repository.code(&["drift", "plan.json"]), 0);
        repository.write("tidelock.toml", "tool = \"terragrunt\"\n");
        assert!(stdout(&repository.run(&["drift", "plan.json"])).contains("terragrunt apply -target"));
    }

    #[test]
    fn a_policy_that_is_not_understood_is_no_verdict_but_an_error_that_shows_the_line() {
        let repository = Repository::with(DELETED);
        repository.write("live/tidelock.toml", "# ours\n[treshold]\nblast_radius = 9\n");
        let output = repository.run(&["gate", "plan.json"]);
        assert_eq!((code(&output), stdout(&output).as_str()), (1, ""));
        let told = stderr(&output);
        for part in ["live/tidelock.toml: unknown key `treshold`", "[treshold]", "did you mean `thresholds`?"]
        {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert_eq!(repository.code(&["drift", "plan.json"]), 1);
        assert_eq!(repository.code(&["gate", "plan.json", "--policy", "nowhere.toml"]), 1);
    }

    #[test]
    fn init_writes_a_policy_once() {
        let repository = Repository::with(DELETED);
        assert_eq!(repository.code(&["init"]), 0);
        assert!(repository.read("live/web/tidelock.toml").contains("# [[waiver]]"));
        assert_eq!(repository.code(&["gate", "plan.json"]), 3, "nothing is decided yet");
        repository.write("live/web/tidelock.toml", "# mine\n");
        let again = repository.run(&["init"]);
        assert_eq!(code(&again), 1);
        assert!(stderr(&again).contains("tidelock.toml: there is a policy already"), "{}", stderr(&again));
        assert_eq!(repository.read("live/web/tidelock.toml"), "# mine\n");
    }
}

mod waivers {
    use super::*;

    #[test]
    fn the_line_under_a_refusal_writes_a_waiver_that_lifts_it() {
        let repository = Repository::with(DELETED);
        let refusal = stdout(&repository.run(&["gate", "plan.json"]));
        assert!(refusal.contains("tidelock waive TL201 'aws_db_instance.orders' --until"), "{refusal}");
        repository.write("live/web/tidelock.toml", "# ours\nmachines = \"pets\" # all\n");
        let waived = repository.run(&WAIVE);
        assert_eq!(code(&waived), 0, "{}", stderr(&waived));
        let text = repository.read("live/web/tidelock.toml");
        assert!(
            text.starts_with("# ours\nmachines = \"pets\" # all\n\n[[waiver]]\nrule = \"TL201\"\n"),
            "{text}"
        );
        assert_eq!(repository.findings(&[]), ["TL201 deny waiver"]);
        assert_eq!(repository.code(&["gate", "plan.json"]), 0);
    }

    #[test]
    fn the_same_waiver_again_is_not_written_twice() {
        let repository = Repository::with(DELETED);
        // Alone, and in a file above, where the entry names the stack as well.
        for file in ["live/web/tidelock.toml", "tidelock.toml"] {
            if file == "tidelock.toml" {
                fs::remove_file(repository.path("live/web/tidelock.toml")).unwrap();
                repository.write(file, "");
            }
            assert_eq!(repository.code(&WAIVE), 0);
            let once = repository.read(file);
            let again = repository.run(&WAIVE);
            assert_eq!(code(&again), 0, "{}", stderr(&again));
            assert!(stdout(&again).contains("already; nothing was written"), "{}", stdout(&again));
            assert_eq!(repository.read(file), once);
        }
        let mut longer = WAIVE;
        longer[4] = "2999-12-30";
        assert_eq!(repository.code(&longer), 0);
        assert_eq!(repository.read("tidelock.toml").matches("[[waiver]]").count(), 2);
    }

    #[test]
    fn without_a_file_the_stack_gets_its_own() {
        let repository = Repository::with(DELETED);
        assert_eq!(repository.code(&WAIVE), 0);
        assert!(repository.path("live/web/tidelock.toml").is_file());
        assert_eq!(repository.code(&["gate", "plan.json"]), 0);
    }

    #[test]
    fn in_a_file_above_several_stacks_it_names_the_one_it_is_meant_for() {
        let repository = Repository::with(DELETED);
        repository.write("tidelock.toml", "");
        assert_eq!(repository.code(&WAIVE), 0);
        assert!(repository.read("tidelock.toml").contains("stack = \"live/web\"\n"));
        assert_eq!(repository.code(&["gate", "plan.json"]), 0);
        assert_eq!(
            repository.code(&["gate", "plan.json", "--stack", "anything"]),
            0,
            "the directory counts, too"
        );
        for name in ["plan.json", "main.tf"] {
            repository.write(&format!("live/db/{name}"), repository.read(&format!("live/web/{name}")));
        }
        assert_eq!(code(&repository.run_in("live/db", &["gate", "plan.json"])), 3);
    }

    #[test]
    fn one_that_says_too_little_or_names_nothing_is_refused() {
        let repository = Repository::with(DELETED);
        for (at, word, told) in [
            (1, "TL2001", "there is no rule `TL2001`"),
            (2, "not an address", "`not an address` is no address: stopped at ` an address`"),
            (2, "aws_db_instance", "`aws_db_instance` is no address, something is missing at its end"),
            (4, "2001-01-01", "is over"),
            (4, "soon", "soon"),
            (6, " ", "needs an owner and a reason"),
            (8, "", "needs an owner and a reason"),
        ] {
            let mut args = WAIVE;
            args[at] = word;
            let output = repository.run(&args);
            assert_eq!(code(&output), 1, "{args:?}");
            assert!(stderr(&output).contains(told), "{args:?}: {}", stderr(&output));
        }
        assert!(!repository.path("live/web/tidelock.toml").exists());
    }

    #[test]
    fn a_file_that_is_no_policy_stays_as_it_is() {
        let repository = Repository::with(DELETED);
        for text in ["treshold = 1\n", "waiver = []\n"] {
            repository.write("live/web/tidelock.toml", text);
            assert_eq!(repository.code(&WAIVE), 1);
            assert_eq!(repository.read("live/web/tidelock.toml"), text);
        }
    }

    #[test]
    fn an_expired_one_counts_again_and_an_unused_one_is_told() {
        let repository = Repository::with(DELETED);
        let entry = |rule: &str, until: &str| {
            format!(
                "[[waiver]]\nrule = \"{rule}\"\naddress = \"{DATABASE}\"\nreason = \"r\"\nowner = \"o\"\nuntil = \"{until}\"\n"
            )
        };
        repository
            .write("live/web/tidelock.toml", entry("TL201", "2001-01-01") + &entry("TL202", "2999-01-01"));
        assert_eq!(repository.findings(&[]), ["TL201 deny", "TL510 warn", "TL511 info"]);
        assert_eq!(repository.code(&["gate", "plan.json"]), 3);
    }
}

mod baselines {
    use super::*;

    const WRITE: [&str; 5] = ["baseline", "write", "plan.json", "-o", "base.json"];

    #[test]
    fn what_was_there_does_not_count_and_what_is_new_does() {
        let repository = Repository::with(DRIFTED);
        assert_eq!(repository.code(&WRITE), 0);
        let with = ["drift", "plan.json", "--baseline", "base.json"];
        assert_eq!(repository.code(&with), 0);
        let text = repository.read("live/web/plan.json");
        let changed = text.replace("10240", "12288");
        assert_ne!(changed, text);
        repository.write("live/web/plan.json", changed);
        assert_eq!(repository.code(&with), 2);
    }

    #[test]
    fn a_refused_plan_is_let_through_marked() {
        let repository = Repository::with(DELETED);
        assert_eq!(repository.code(&WRITE), 0);
        assert_eq!(repository.findings(&["--baseline", "base.json"]), ["TL201 deny baseline"]);
        assert_eq!(repository.code(&["gate", "plan.json", "--baseline", "base.json"]), 0);
    }

    #[test]
    fn accepted_destructions_are_named() {
        let told = |case| stderr(&Repository::with(case).run(&WRITE));
        assert!(told(DELETED).contains("\n  TL201 aws_db_instance.orders\n"), "{}", told(DELETED));
        assert_eq!(told(DRIFTED), "");
    }

    #[test]
    fn written_anew_it_is_the_same_and_elsewhere_it_has_another_salt() {
        let repository = Repository::with(DRIFTED);
        repository.run(&WRITE);
        let first = repository.read("live/web/base.json");
        repository.run(&WRITE);
        assert_eq!(repository.read("live/web/base.json"), first);
        let output = repository.run(&["baseline", "write", "plan.json", "-o", "-"]);
        assert_ne!(stdout(&output), first);
        assert_eq!(stdout(&output).lines().count(), first.lines().count());
    }

    #[test]
    fn it_holds_no_secret_of_any_recorded_case() {
        let mut seen = 0;
        for case in fixtures::all().unwrap().iter().filter(|case| case.has("plan.json")) {
            if !case.text("plan.json").unwrap().contains("hunter2") {
                continue;
            }
            let repository = Repository::with(&case.name);
            let output = repository.run(&["baseline", "write", "plan.json", "-o", "-"]);
            assert!(!stdout(&output).contains("hunter2"), "{}", case.name);
            seen += usize::from(stdout(&output).contains("fingerprint"));
        }
        assert!(seen >= 2, "{seen}");
    }

    #[test]
    fn what_is_no_baseline_is_an_error() {
        let repository = Repository::with(DRIFTED);
        repository.write("live/web/base.json", "{}");
        for args in [&["drift", "plan.json", "--baseline", "base.json"][..], &WRITE] {
            assert_eq!(repository.code(args), 1);
        }
        let missing = repository.run(&["drift", "plan.json", "--baseline", "nowhere.json"]);
        assert_eq!(code(&missing), 1);
        assert!(stderr(&missing).contains("nowhere.json: there is no such baseline"), "{}", stderr(&missing));
    }
}

mod locks {
    use super::*;

    const PROTECTED: &str = "resource \"pond_disk\" \"a\" {\n  lifecycle { prevent_destroy = true }\n}\n";

    #[test]
    fn the_lock_outlives_the_block() {
        let repository = Repository::with(DELETED);
        let after = repository.read("live/web/main.tf");
        let before = fixtures::case(DELETED).unwrap().text("before/main.tf").unwrap();
        repository.write("live/web/main.tf", before);
        assert_eq!(repository.code(&["protect", "--check"]), 3);
        assert_eq!(repository.code(&["protect", "--write"]), 0);
        assert_eq!(repository.code(&["protect", "--check"]), 0);
        repository.write("live/web/main.tf", after);
        assert_eq!(repository.findings(&[]), ["TL201 deny", "TL402 deny"]);
        let refusal = stdout(&repository.run(&["gate", "plan.json"]));
        assert!(refusal.contains("tidelock waive TL201") && !refusal.contains("waive TL402"), "{refusal}");
        assert_eq!(repository.code(&["protect", "--check"]), 3);
        let lock = repository.read("live/web/tidelock.lock");
        fs::rename(repository.path("live/web/tidelock.lock"), repository.path("elsewhere.lock")).unwrap();
        assert_eq!(repository.findings(&[]), ["TL201 deny"]);
        assert_eq!(repository.findings(&["--lock", "../../elsewhere.lock"]).len(), 2);
        let missing = repository.run(&["gate", "plan.json", "--lock", "../../elsewere.lock"]);
        assert_eq!((code(&missing), stdout(&missing).as_str()), (1, ""));
        assert!(stderr(&missing).contains("elsewere.lock: there is no such lock"), "{}", stderr(&missing));
        assert!(lock.contains("address = \"aws_db_instance.orders\"\nat = \"main.tf:"), "{lock}");
    }

    #[test]
    fn writing_adds_and_only_pruning_takes_away() {
        let repository = Repository::with(DELETED);
        repository.write("live/web/main.tf", PROTECTED);
        assert_eq!(repository.code(&["protect", "--write"]), 0);
        repository.write("live/web/main.tf", PROTECTED.replace("\"a\"", "\"b\""));
        repository.run(&["protect", "--write"]);
        let lock = repository.read("live/web/tidelock.lock");
        assert!(lock.contains("pond_disk.a") && lock.contains("pond_disk.b"));
        repository.run(&["protect", "--write", "--prune"]);
        let lock = repository.read("live/web/tidelock.lock");
        assert!(!lock.contains("pond_disk.a") && lock.contains("pond_disk.b"));
        assert_eq!(repository.code(&["protect", "--prune"]), 1);
    }

    #[test]
    fn it_lists_what_is_protected_and_what_lost_it() {
        let repository = Repository::with(DELETED);
        repository.write("live/web/main.tf", PROTECTED);
        repository.write("live/web/tidelock.lock", "version = 1\n[[protected]]\naddress = \"x.y\"\n");
        let told = stdout(&repository.run(&["protect"]));
        assert!(told.contains("pond_disk.a  main.tf:2  not in the lock"), "{told}");
        assert!(told.contains("x.y") && told.contains("in the lock, not protected"), "{told}");
        assert_eq!(repository.code(&["protect", "--config", "../.."]), 1, "there are no sources");
    }
}

#[cfg(unix)]
mod links {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_an_error_and_not_no_file() {
        for name in ["tidelock.toml", "live/web/tidelock.toml", "live/web/tidelock.lock"] {
            let repository = Repository::with(DRIFTED);
            std::os::unix::fs::symlink("nowhere", repository.path(name)).unwrap();
            for command in ["gate", "drift"] {
                let output = repository.run(&[command, "plan.json"]);
                assert_eq!((code(&output), stdout(&output).as_str()), (1, ""), "{name}");
                assert!(stderr(&output).contains(&format!("{name}: ")), "{}", stderr(&output));
            }
        }
    }
}

mod target_branch {
    use super::*;

    /// A change to a repository that loosens all of its guards at once.
    fn change() -> (Repository, Repository) {
        let base = Repository::with(DELETED);
        base.write("live/web/main.tf", fixtures::case(DELETED).unwrap().text("before/main.tf").unwrap());
        base.run(&["protect", "--write"]);
        base.write("tidelock.toml", "[rules]\nTL101 = \"deny\"\n");
        let here = Repository::with(DELETED);
        here.write("tidelock.toml", "");
        here.write("live/web/tidelock.toml", "");
        here.run(&WAIVE);
        (base, here)
    }

    fn path(path: &Path) -> &str {
        path.to_str().unwrap()
    }

    #[test]
    fn a_change_cannot_switch_off_its_own_gate() {
        let (base, here) = change();
        assert_eq!(here.findings(&[]), ["TL201 deny waiver"]);
        let held = here.findings(&["--policy-base", path(base.dir.path())]);
        assert_eq!(held, ["TL201 deny", "TL402 deny", "TL509 warn", "TL509 warn", "TL509 warn"]);
        let json = ["gate", "plan.json", "--format", "json", "--policy-base", path(base.dir.path())];
        let told = stdout(&here.run(&json));
        for part in ["is not in the lock any more", "a waiver of TL201", "TL101 weighs its default"] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }

    #[test]
    fn one_file_may_stand_for_the_target_branch() {
        let (base, here) = change();
        let file = base.path("tidelock.toml");
        assert_eq!(
            here.findings(&["--policy-base", path(&file)]),
            ["TL201 deny", "TL509 warn", "TL509 warn"]
        );
    }

    #[test]
    fn a_directory_without_the_stack_is_no_target_branch() {
        let (base, here) = change();
        let empty = tempfile::tempdir().unwrap();
        for dir in [empty.path(), &base.path("live"), &base.path("live/web")] {
            let output = here.run(&["gate", "plan.json", "--policy-base", path(dir)]);
            assert_eq!((code(&output), stdout(&output).as_str()), (1, ""));
            assert!(stderr(&output).contains("tidelock::policy::base"));
        }
    }

    #[test]
    fn a_stack_that_is_new_on_the_branch_is_judged_by_what_stands_above_it() {
        let (base, here) = change();
        base.write("tidelock.toml", "[rules]\nTL201 = \"warn\"\n");
        fs::remove_dir_all(base.path("live")).unwrap();
        assert!(here.findings(&["--policy-base", path(base.dir.path())]).contains(&"TL201 warn".to_owned()));
    }

    #[test]
    fn locks_of_both_branches_add_up() {
        let (base, here) = change();
        let lock = base.read("live/web/tidelock.lock");
        for args in [&[][..], &["--lock", "tidelock.lock"]] {
            let args = [args, &["--policy-base", path(base.dir.path())]].concat();
            // Only on the branch.
            here.write("live/web/tidelock.lock", &lock);
            base.write("live/web/tidelock.lock", "version = 1\n");
            assert!(here.findings(&args).contains(&"TL402 deny".to_owned()), "{args:?}");
            fs::remove_file(base.path("live/web/tidelock.lock")).unwrap();
            assert!(here.findings(&args).contains(&"TL402 deny".to_owned()), "{args:?}");
            // Only on the target.
            here.write("live/web/tidelock.lock", "version = 1\n");
            base.write("live/web/tidelock.lock", &lock);
            let held = here.run(&[&["gate", "plan.json", "--format", "json"], &args[..]].concat());
            assert!(stdout(&held).contains("is not in the lock any more"), "{args:?}");
            assert!(here.findings(&args).contains(&"TL402 deny".to_owned()), "{args:?}");
        }
    }

    #[test]
    fn nothing_is_loosened_by_a_change_that_does_not_touch_it() {
        let (base, _) = change();
        base.write("live/web/main.tf", fixtures::case(DELETED).unwrap().text("main.tf").unwrap());
        let held = base.findings(&["--policy-base", path(base.dir.path())]);
        assert_eq!(held, ["TL201 deny", "TL402 deny"]);
    }

    #[test]
    fn what_a_change_adds_to_the_baseline_does_not_count_in_it() {
        let (base, here) = change();
        here.write("live/web/tidelock.toml", "");
        here.run(&["baseline", "write", "plan.json", "-o", "base.json"]);
        let with = ["--baseline", "base.json"];
        assert_eq!(here.findings(&with), ["TL201 deny baseline"]);
        let held = here.findings(&[&with[..], &["--policy-base", path(base.dir.path())]].concat());
        assert!(held.starts_with(&["TL201 deny".to_owned(), "TL402 deny".to_owned()]), "{held:?}");
    }
}

/// The published schema and the parser accept the same files.
mod schema {
    use std::collections::BTreeSet;

    use miette::Diagnostic;
    use tidelock::Policy;

    use super::*;

    fn published() -> Json {
        let repository = Repository::with(DELETED);
        serde_json::from_slice(&repository.run(&["schema", "policy"]).stdout).unwrap()
    }

    /// What the parser would have understood in the place of a word that nobody means.
    fn understood(text: &str) -> BTreeSet<String> {
        let error = Policy::parse("t", text).expect_err(text);
        let help = error.help().expect(text).to_string();
        let list = help.strip_prefix("write one of: ").unwrap_or_else(|| panic!("{text}: {help}")).to_owned();
        list.split(", ").map(ToOwned::to_owned).collect()
    }

    fn names(object: &Json) -> BTreeSet<String> {
        object["properties"].as_object().unwrap().keys().cloned().collect()
    }

    fn words(list: &Json) -> BTreeSet<String> {
        list["enum"].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn keys_are_the_same() {
        let schema = published();
        let parts = &schema["$defs"];
        for (text, object) in [
            ("zzzzzzzzz = 1", &schema),
            ("[normalisers]\nzzzzzzzzz = true", &schema["properties"]["normalisers"]),
            ("[thresholds]\nzzzzzzzzz = 1", &parts["thresholds"]),
            ("[secrets]\nzzzzzzzzz = 1", &parts["secrets"]),
            ("[types]\nx = { zzzzzzzzz = 1 }", &parts["type"]),
            ("[types]\nx = { paths = { zzzzzzzzz = 1 } }", &parts["paths"]),
            ("[[severity]]\nzzzzzzzzz = 1", &parts["severity_entry"]),
            ("[[stack]]\nzzzzzzzzz = 1", &parts["stack_entry"]),
            ("[[waiver]]\nzzzzzzzzz = 1", &parts["waiver_entry"]),
            ("[[inventory]]\nzzzzzzzzz = 1", &parts["inventory_entry"]),
        ] {
            assert_eq!(understood(text), names(object), "{text}");
            assert_eq!(object["additionalProperties"], Json::Bool(false), "{text}");
        }
    }

    #[test]
    fn words_are_the_same() {
        let schema = published();
        let (top, parts) = (&schema["properties"], &schema["$defs"]);
        for (text, list) in [
            ("tool = \"zzzzzzzzz\"", &top["tool"]),
            ("machines = \"zzzzzzzzz\"", &top["machines"]),
            ("profile = \"zzzzzzzzz\"", &parts["profile"]),
            ("[rules]\nTL101 = \"zzzzzzzzz\"", &parts["severity"]),
            ("[types]\nx = { holds = \"zzzzzzzzz\" }", &parts["type"]["properties"]["holds"]),
        ] {
            assert_eq!(understood(text), words(list), "{text}");
        }
    }

    #[test]
    fn what_one_accepts_or_refuses_the_other_does() {
        let schema = jsonschema::validator_for(&published()).unwrap();
        let waiver = "[[waiver]]\nrule = \"TL101\"\naddress = \"a.b\"\nreason = \"r\"\nowner = \"o\"\nuntil = \"2026-12-31\"\n";
        let inventory = "[[inventory]]\nkind = \"vm\"\ntype = \"a_b\"\nid = \".id\"\nwhen = { a = \"*\" }\naddresses = \".ip\"\n";
        let severity = "[[severity]]\nrule = \"TL101\"\naddress = [\"a\"]\nseverity = \"warn\"\n";
        let good = [
            "",
            "tool = \"tofu\"\ntarget_advice = false\nmachines = \"pets\"\nprofile = \"standard\"\n",
            "fail_on = \"reverting\"\nprotected = [\"a\", \"b*\"]\n",
            "fail_on = [\"reverting\", \"TL101\"]\n",
            "[rules]\ntl101 = \"deny\"\nchanged-outside = \"allow\"\nchanged_outside = \"info\"\n",
            "[thresholds]\nmostly_gone_at_least = 0\nmax_creates = 3\nmax_age_hours = 1\n",
            "[types]\nx = { holds = \"keys\", noun = \"n\", paths = { volatile = [\"a.b\"], guarding = [] } }\n",
            "[normalisers]\ncase = false\n[secrets]\npatterns = ['x+']\nallow = []\n",
            "[[stack]]\nname = [\"a\", \"b\"]\nprofile = \"ephemeral\"\n",
            waiver,
            severity,
            inventory,
            "[[inventory]]\nkind = \"vm\"\ntype = [\"a_b\", \"a_c\"]\nid = \"{a}/{b}\"\naddresses = [\".a\", \".b[].c\"]\ngone = \"x\"\n",
        ];
        for text in good {
            assert!(Policy::parse("t", text).is_ok(), "{text}");
            let document: Json = toml::from_str(text).unwrap();
            let errors: Vec<String> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{text}: {errors:?}");
        }
        let without = |key: &str| {
            let lines: Vec<&str> = waiver.lines().filter(|line| !line.starts_with(key)).collect();
            lines.join("\n")
        };
        let bad = [
            "tool = 1\n".to_owned(),
            "target_advice = \"no\"\n".to_owned(),
            "protected = \"a\"\n".to_owned(),
            "protected = [\"\"]\n".to_owned(),
            "[rules]\nTL101 = 1\n".to_owned(),
            "[rules]\nTL1O1 = \"warn\"\n".to_owned(),
            "[thresholds]\nblast_radius = -1\n".to_owned(),
            "[thresholds]\nmass_destroy_percent = 101\n".to_owned(),
            "[thresholds]\nmostly_gone_percent = 1000\n".to_owned(),
            "[thresholds]\nblast_radius = 1.5\n".to_owned(),
            "[types]\nx = \"data\"\n".to_owned(),
            "[normalisers]\ncase = 1\n".to_owned(),
            severity.replace("\"warn\"", "\"loud\""),
            severity.replace("address", "adress"),
            waiver.replace("\"r\"", "\" \""),
            inventory.replace(".id", "id"),
            inventory.replace("type", "typ"),
            inventory.replace("\"vm\"", "\"v m\""),
            inventory.replace("{ a = \"*\" }", "{ a = 1 }"),
            inventory.replace("\".ip\"", "[\"ip\"]"),
            waiver.replace("2026-12-31", "2026-12-3"),
            waiver.replace("a.b", ""),
            without("rule"),
            without("address"),
            without("reason"),
            without("owner"),
            without("until"),
        ];
        for text in &bad {
            assert!(Policy::parse("t", text).is_err(), "{text}");
            let document: Json = toml::from_str(text).unwrap();
            assert!(!schema.is_valid(&document), "{text}");
        }
    }
}
