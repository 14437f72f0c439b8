//! The scripts of the pipelines alone: every way out, in every shell that is here.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a script that cannot be run fails the test")]

mod job;
mod origin;

use std::{fs, os::unix::fs::PermissionsExt as _};

use tidelock_testkit::{
    forge::{Failure, Forge, store::Store, webhook::Webhook},
    steps::{Ran, Workspace, repository, which},
};

use job::{DRIFT, Outcome, can_talk, case, nothing_leaks, workspace};

const HOOK: &str = "/hooks/g7x2pq";

/// The shells that a script is read by; which of them `/bin/sh` is differs from system to system.
fn shells() -> Vec<&'static str> {
    let known = ["sh", "dash", "bash", "bash --posix", "busybox sh"];
    known.into_iter().filter(|shell| which(shell.split(' ').next().unwrap()).is_some()).collect()
}

/// Runs a script by its name, read by this shell.
fn script(workspace: &Workspace, shell: &str, name: &str, arguments: &str) -> Ran {
    workspace.run(&format!("{shell} \"$(command -v {name})\" {arguments}")).unwrap()
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

mod plan {
    use super::*;

    #[test]
    fn every_failure_of_the_tool_is_1_and_leaves_no_plan() {
        for (fails, said) in [
            ("init", "tofu init failed with exit code 1"),
            ("plan", "tofu plan failed with exit code 1"),
            ("errored", "tofu plan failed with exit code 1"),
            ("panic", "tofu plan ended with exit code 2 and wrote no plan"),
            ("nothing", "tofu plan ended with exit code 0 and wrote no plan"),
            ("show", "tofu show failed with exit code 1"),
            ("killed", "tofu show failed with exit code 137"),
        ] {
            for shell in shells() {
                let workspace = Outcome { fails, ..DRIFT[1] }.workspace();
                // What another run left behind.
                fs::create_dir(workspace.path().join("tidelock")).unwrap();
                for old in ["plan.tfplan", "plan.json", "tidelock/report.json", "tidelock/report.md"] {
                    fs::write(workspace.path().join(old), "{}").unwrap();
                }
                let ran = script(&workspace, shell, "tidelock-plan", "");
                assert_eq!(ran.code, Some(1), "{shell} {fails}: {ran:?}");
                assert_eq!(last_line(&ran.stderr), format!("tidelock-plan: {said}"), "{shell}");
                for gone in [
                    "plan.tfplan",
                    "plan.json",
                    "plan.json.part",
                    "tidelock/report.json",
                    "tidelock/report.md",
                ] {
                    assert_eq!(workspace.file(gone), None, "{shell} {fails}: {gone}");
                }
                assert_eq!(workspace.file("tidelock/exit-code").unwrap(), "1\n");
                assert_eq!(workspace.file("tidelock/headline").unwrap(), format!("no answer: {said}\n"));
                nothing_leaks(&workspace, &[&ran.log()], &[]);
            }
        }
    }

    #[test]
    fn nothing_that_was_there_before_is_an_answer() {
        for shell in shells() {
            for obstacle in
                ["plan.tfplan", "plan.json", "tidelock/report.d", "tidelock/exit-code", "tidelock/headline"]
            {
                let workspace = DRIFT[1].workspace();
                fs::create_dir(workspace.path().join("tidelock")).unwrap();
                for (file, text) in [("exit-code", "0\n"), ("headline", "clear\n"), ("report.md", "clear")] {
                    fs::write(workspace.path().join("tidelock").join(file), text).unwrap();
                }
                let _ = fs::remove_file(workspace.path().join(obstacle));
                fs::create_dir_all(workspace.path().join(obstacle)).unwrap();
                let ran = script(&workspace, shell, "tidelock-plan", "");
                let code = i32::from(!obstacle.contains('/'));
                assert_eq!(ran.code, Some(code), "{shell} {obstacle}: {ran:?}");
                // Made or not, a plan has no verdict yet.
                let kept = workspace.file("tidelock/exit-code");
                assert!(kept.is_none() || kept.as_deref() == Some("1\n"), "{shell} {obstacle}: {kept:?}");
                assert_eq!(workspace.file("tidelock/report.md"), None, "{shell} {obstacle}");
                let headline = workspace.file("tidelock/headline").unwrap_or_default();
                assert_eq!(headline.starts_with("no answer: "), code == 1, "{shell} {obstacle}: {headline}");
            }
        }
    }

    #[test]
    fn a_plan_that_is_killed_is_no_answer() {
        for shell in shells() {
            let workspace = DRIFT[1].workspace();
            script(&workspace, "sh", "tidelock-check", "drift");
            fs::create_dir_all(workspace.path().join("tidelock")).unwrap();
            fs::write(workspace.path().join("tidelock/exit-code"), "0\n").unwrap();
            workspace.program("tofu", "#!/bin/sh\nkill -9 $PPID\n").unwrap();
            script(&workspace, shell, "tidelock-plan", "");
            assert_eq!(workspace.file("tidelock/exit-code").unwrap(), "1\n", "{shell}");
            assert_eq!(workspace.file("tidelock/headline").unwrap(), "no answer: the plan did not finish\n");
        }
    }

    #[test]
    fn an_answer_that_cannot_be_removed_is_refused() {
        let workspace = DRIFT[1].workspace();
        fs::create_dir(workspace.path().join("tidelock")).unwrap();
        fs::write(workspace.path().join("tidelock/exit-code"), "0\n").unwrap();
        // A folder that nothing can be removed from.
        workspace.program("rm", "#!/bin/sh\nexit 1\n").unwrap();
        let ran = script(&workspace, "sh", "tidelock-plan", "");
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(last_line(&ran.stderr).contains("the answer of an earlier run cannot be removed"), "{ran:?}");
        assert!(workspace.tool_calls().is_empty(), "nothing was planned");
    }

    #[test]
    fn a_shell_that_gives_up_is_no_answer() {
        // With twelve files it can start and do little else; it ends itself with 2, where it is dash.
        for shell in shells() {
            for (name, arguments) in
                [("tidelock-plan", ""), ("tidelock-check", "drift"), ("tidelock-summary", "a")]
            {
                let workspace = DRIFT[1].workspace();
                let step =
                    format!("script=$(command -v {name}); ulimit -n 12; {shell} \"$script\" {arguments}");
                let ran = workspace.run(&step).unwrap();
                assert_ne!(ran.code, Some(2), "{shell} {name}: {ran:?}");
            }
        }
    }

    #[test]
    fn paths_that_look_like_options_are_paths() {
        for shell in shells() {
            let workspace = DRIFT[1]
                .workspace()
                .env("TIDELOCK_DIR", "-stack")
                .env("TIDELOCK_OUT", "-out")
                .env("TIDELOCK_STACK", "--quiet")
                // Would take `cd` somewhere else.
                .env("CDPATH", "elsewhere");
            workspace.check_out(&case(DRIFT[1].case), "-stack").unwrap();
            workspace.check_out(&case(DRIFT[1].case), "elsewhere/-stack").unwrap();
            let ran = script(&workspace, shell, "tidelock-plan", "");
            assert_eq!(ran.code, Some(0), "{shell}: {ran:?}");
            assert!(
                workspace.file("-stack/plan.json").is_some()
                    && workspace.file("elsewhere/-stack/plan.json").is_none()
            );
            let ran = script(&workspace, shell, "tidelock-check", "drift");
            assert_eq!(ran.code, Some(2), "{shell}: {ran:?}");
            assert_eq!(workspace.file("-out/exit-code").unwrap(), "2\n");
            assert!(workspace.file("-out/report.json").unwrap().contains("\"--quiet\""));
        }
    }

    #[test]
    fn cdpath_takes_it_nowhere_else() {
        for shell in shells() {
            let workspace = DRIFT[1].workspace().env("TIDELOCK_DIR", "live").env("CDPATH", "elsewhere");
            workspace.check_out(&case(DRIFT[1].case), "live").unwrap();
            workspace.check_out(&case(DRIFT[1].case), "elsewhere/live").unwrap();
            assert_eq!(script(&workspace, shell, "tidelock-plan", "").code, Some(0));
            assert!(workspace.file("live/plan.json").is_some(), "{shell}");
        }
    }

    #[test]
    fn the_state_is_kept_where_somebody_wants_it() {
        for (name, value) in [("TIDELOCK_STATE", "true"), ("TIDELOCK_LINEAGE", "9d5e8a6e")] {
            let workspace = DRIFT[1].workspace().env(name, value);
            assert_eq!(script(&workspace, "sh", "tidelock-plan", "").code, Some(0));
            let mode = fs::metadata(workspace.path().join("state.json")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_plan_is_for_its_owner_alone() {
        for shell in shells() {
            let workspace = DRIFT[1].workspace();
            let ran = script(&workspace, shell, "tidelock-plan", "-target=x.y '-var=a=b c'");
            assert_eq!(ran.code, Some(0), "{ran:?}");
            for file in ["plan.tfplan", "plan.json"] {
                let mode = fs::metadata(workspace.path().join(file)).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o600, "{file}");
            }
            assert_eq!(
                workspace.tool_calls(),
                [
                    "init -input=false",
                    "plan -input=false -lock=false -out=plan.tfplan -target=x.y -var=a=b c",
                    "show -json plan.tfplan",
                ]
            );
        }
    }

    #[test]
    fn changes_are_no_failure_where_somebody_asks_for_them() {
        let workspace = Outcome { fails: "changes", ..DRIFT[1] }.workspace();
        let ran = script(&workspace, "sh", "tidelock-plan", "-detailed-exitcode");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(workspace.file("plan.json").is_some());
    }

    #[test]
    fn the_listing_of_the_tool_is_shown_only_on_demand() {
        let mut workspace = DRIFT[1].workspace();
        let quiet = script(&workspace, "sh", "tidelock-plan", "");
        nothing_leaks(&workspace, &[&quiet.log()], &[]);
        workspace.set("TIDELOCK_SHOW_PLAN", "true");
        let shown = script(&workspace, "sh", "tidelock-plan", "");
        assert!(shown.stdout.contains(job::SECRET), "the stand-in lists what the provider did not mark");
    }

    #[test]
    fn it_runs_in_another_directory_with_another_tool() {
        let mut workspace = DRIFT[1].workspace().env("TIDELOCK_DIR", "live/web dir");
        workspace.check_out(&case(DRIFT[1].case), "live/web dir").unwrap();
        workspace.program("../work/mytofu", "#!/bin/sh\nexec tofu \"$@\"\n").unwrap();
        let tool = workspace.path().join("mytofu");
        for tool in ["tofu", "terraform", tool.to_str().unwrap()] {
            workspace.set("TIDELOCK_TOFU", tool);
            let ran = script(&workspace, "sh", "tidelock-plan", "");
            assert_eq!(ran.code, Some(0), "{tool}: {ran:?}");
            assert!(workspace.file("live/web dir/plan.json").is_some());
            assert_eq!(workspace.file("plan.json"), None);
        }
        for (name, value, said) in [
            (
                "TIDELOCK_TOFU",
                "nosuchtool",
                "nosuchtool is not there; TIDELOCK_TOFU names the tool that plans",
            ),
            ("TIDELOCK_DIR", "nowhere", "the directory of the stack cannot be entered: nowhere"),
        ] {
            workspace.set(name, value);
            fs::write(workspace.path().join("plan.json"), "mine").unwrap();
            let ran = script(&workspace, "sh", "tidelock-plan", "");
            assert_eq!(
                (ran.code, last_line(&ran.stderr)),
                (Some(1), format!("tidelock-plan: {said}").as_str())
            );
            assert_eq!(
                workspace.file("plan.json").unwrap(),
                "mine",
                "nothing outside of the stack is touched"
            );
        }
    }
}

mod check {
    use super::*;

    /// A workspace with a plan in it.
    fn planned(outcome: Outcome) -> Workspace {
        let workspace = outcome.workspace();
        let ran = script(&workspace, "sh", "tidelock-plan", "");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        workspace
    }

    #[test]
    fn the_exit_code_is_tidelocks_own_and_the_answer_is_kept() {
        for (outcome, meaning, headline) in [
            (DRIFT[0], "nothing that counts", "clear: nothing diverged"),
            (DRIFT[1], "drift: somebody has to decide", "drift: 1 to decide"),
            (DRIFT[2], "blocked: nothing may be applied unseen", "blocked: 1 to stop for"),
            (
                DRIFT[10],
                "no answer: tidelock could not do its job",
                "no answer: tidelock could not do its job",
            ),
        ] {
            for shell in shells() {
                let workspace = planned(outcome).env("TIDELOCK_REPORTS", "sarif junit gitlab tofudot");
                let ran = script(&workspace, shell, "tidelock-check", "drift --stack web");
                assert_eq!(ran.code, Some(outcome.code), "{shell}: {ran:?}");
                let said = format!("tidelock drift: {meaning} (exit code {})", outcome.code);
                assert_eq!(last_line(&ran.stdout), said);
                assert_eq!(workspace.file("tidelock/exit-code").unwrap(), format!("{}\n", outcome.code));
                assert_eq!(workspace.file("tidelock/headline").unwrap(), format!("{headline}\n"));
                assert!(ran.stderr.contains("no report is written as tofudot"));
                for file in [
                    "report.json",
                    "report.md",
                    "report.txt",
                    "report.sarif",
                    "report.junit.xml",
                    "gl-code-quality-report.json",
                ] {
                    let kept = workspace.file(&format!("tidelock/{file}"));
                    assert_eq!(kept.is_some(), outcome.code != 1, "{file}");
                    nothing_leaks(&workspace, &[kept.as_deref().unwrap_or_default()], &[]);
                }
                nothing_leaks(&workspace, &[&ran.log()], &[]);
            }
        }
    }

    #[test]
    fn a_report_of_an_earlier_run_does_not_outlive_it() {
        let workspace = planned(DRIFT[1]);
        assert_eq!(script(&workspace, "sh", "tidelock-check", "drift").code, Some(2));
        fs::write(workspace.path().join("plan.json"), "rubbish").unwrap();
        assert_eq!(script(&workspace, "sh", "tidelock-check", "drift").code, Some(1));
        assert_eq!(workspace.file("tidelock/report.json"), None);
        assert_eq!(workspace.file("tidelock/exit-code").unwrap(), "1\n");
    }

    #[test]
    fn the_verdict_stands_where_no_report_can_be_written() {
        for shell in shells() {
            // No directory can be made inside of a file.
            let workspace = planned(DRIFT[1]).env("TIDELOCK_OUT", "main.tf/out");
            let ran = script(&workspace, shell, "tidelock-check", "drift");
            assert_eq!(ran.code, Some(2), "{ran:?}");
            assert!(ran.stderr.contains("no report is kept: main.tf/out cannot be written"));

            // A disk that is full fails every form.
            let workspace = planned(DRIFT[1]);
            let real = job::tidelock();
            let full = format!(
                "#!/bin/sh\ncase \"$*\" in *--write*) exit 1 ;; esac\nexec '{}' \"$@\"\n",
                real.display()
            );
            workspace.program("tidelock", &full).unwrap();
            let ran = script(&workspace, shell, "tidelock-check", "drift");
            assert_eq!(ran.code, Some(2), "{ran:?}");
            assert!(ran.stderr.contains("not all reports could be written"));
            assert_eq!(workspace.file("tidelock/headline").unwrap(), "drift: somebody has to decide\n");
        }
    }

    #[test]
    fn another_end_of_the_program_is_no_answer() {
        // A gate knows no 2.
        for (program, code) in [("kill -9 $$", 1), ("exit 101", 1), ("exit 127", 1), ("exit 2", 1)] {
            let workspace = planned(DRIFT[0]);
            workspace.program("tidelock", &format!("#!/bin/sh\n{program}\n")).unwrap();
            let ran = script(&workspace, "sh", "tidelock-check", "gate");
            assert_eq!(ran.code, Some(code), "{program}: {ran:?}");
            assert!(last_line(&ran.stdout).contains("no answer"));
        }
    }

    #[test]
    fn it_says_how_it_is_used() {
        for arguments in ["", "plan.json", "approve plan.json"] {
            let ran = script(&workspace("drift/no_changes"), "sh", "tidelock-check", arguments);
            assert_eq!((ran.code, ran.stderr.starts_with("usage: ")), (Some(1), true), "{arguments}");
        }
    }

    #[test]
    fn stack_and_plan_come_from_the_environment() {
        let workspace =
            planned(DRIFT[1]).env("TIDELOCK_STACK", "live/web").env("TIDELOCK_PLAN", "moved.json");
        fs::rename(workspace.path().join("plan.json"), workspace.path().join("moved.json")).unwrap();
        assert_eq!(script(&workspace, "sh", "tidelock-check", "drift").code, Some(2));
        assert!(workspace.file("tidelock/report.json").unwrap().contains("\"live/web\""));
    }
}

mod notify {
    use super::*;

    fn told(chat: &Forge<Webhook>) -> Vec<String> {
        chat.with(|chat| std::mem::take(&mut chat.texts))
    }

    fn answered(code: &str, headline: &str) -> Workspace {
        let workspace = workspace("drift/no_changes");
        fs::create_dir(workspace.path().join("tidelock")).unwrap();
        fs::write(workspace.path().join("tidelock/exit-code"), format!("{code}\n")).unwrap();
        fs::write(workspace.path().join("tidelock/headline"), format!("{headline}\n")).unwrap();
        workspace
    }

    #[test]
    fn it_tells_what_happened_where_and_links_to_it() {
        if !can_talk() {
            return;
        }
        let chat = Forge::start(Webhook::new(HOOK));
        for shell in shells() {
            let workspace = answered("2", "drift: <!channel> & \"1\" to decide")
                .env("TIDELOCK_WEBHOOK", &format!("{}{HOOK}", chat.origin()))
                .env("TIDELOCK_STACK", "live/web")
                .env("CI_REPO", "ops/infra")
                .env("TIDELOCK_LINK", "https://ci.example.org/17");
            let ran = script(&workspace, shell, "tidelock-notify", "");
            assert_eq!((ran.code, ran.log().as_str()), (Some(0), ""), "{shell}");
            let text = "tidelock: ops/infra live/web: drift: &lt;!channel&gt; &amp; \"1\" to decide\nhttps://ci.example.org/17";
            assert_eq!(told(&chat), [text]);
            nothing_leaks(&workspace, &[], &[HOOK]);
        }
    }

    #[test]
    fn it_needs_no_address_of_github_to_speak_up() {
        if !can_talk() {
            return;
        }
        let chat = Forge::start(Webhook::new(HOOK));
        for shell in shells() {
            let workspace = answered("2", "drift")
                .env("TIDELOCK_WEBHOOK", &format!("{}{HOOK}", chat.origin()))
                .env("GITHUB_REPOSITORY", "ops/infra")
                .env("GITHUB_RUN_ID", "17");
            let ran = script(&workspace, shell, "tidelock-notify", "");
            assert_eq!(ran.code, Some(0), "{shell}: {ran:?}");
            let text = "tidelock: ops/infra: drift\nhttps://github.com/ops/infra/actions/runs/17";
            assert_eq!(told(&chat), [text]);
        }
    }

    #[test]
    fn nobody_waits_as_long_as_a_server_says() {
        if !can_talk() {
            return;
        }
        let chat = Forge::start(Webhook::new(HOOK));
        chat.fail(Failure::new(429, 99).header("Retry-After", "3600"));
        let workspace = answered("3", "blocked").env("TIDELOCK_WEBHOOK", &format!("{}{HOOK}", chat.origin()));
        // The clock runs faster here.
        workspace.program("timeout", "#!/bin/sh\nshift\nexec $(command -v -p timeout) 5 \"$@\"\n").unwrap();
        let start = std::time::Instant::now();
        let ran = script(&workspace, "sh", "tidelock-notify", "");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(start.elapsed().as_secs() < 60 && ran.stderr.contains("did not take the message"), "{ran:?}");
    }

    #[test]
    fn a_quiet_night_says_nothing_unless_asked_to() {
        if !can_talk() {
            return;
        }
        let chat = Forge::start(Webhook::new(HOOK));
        let mut workspace = answered("0", "clear: nothing diverged")
            .env("TIDELOCK_WEBHOOK", &format!("{}{HOOK}", chat.origin()));
        script(&workspace, "sh", "tidelock-notify", "");
        assert!(told(&chat).is_empty());
        workspace.set("TIDELOCK_NOTIFY", "always");
        script(&workspace, "sh", "tidelock-notify", "");
        assert_eq!(told(&chat), ["tidelock: clear: nothing diverged"]);
    }

    #[test]
    fn a_failure_to_tell_never_fails_the_job() {
        if !can_talk() {
            return;
        }
        let chat = Forge::start(Webhook::new(HOOK));
        chat.fail(Failure::new(403, 99));
        let unreachable = "http://127.0.0.1:9/hooks/g7x2pq";
        let there = format!("{}{HOOK}", chat.origin());
        for address in ["", &there, unreachable, "no address/hooks/g7x2pq", "\"\nurl = \"x/hooks/g7x2pq"] {
            for shell in shells() {
                let workspace = answered("3", "blocked").env("TIDELOCK_WEBHOOK", address);
                let ran = script(&workspace, shell, "tidelock-notify", "");
                assert_eq!(ran.code, Some(0), "{address}: {ran:?}");
                assert!(ran.stderr.starts_with("tidelock-notify: "), "{address}: {ran:?}");
                nothing_leaks(&workspace, &[&ran.log()], &[HOOK]);
            }
        }
        let workspace = answered("3", "blocked").env("TIDELOCK_WEBHOOK", &there);
        for broken in ["jq", "curl"] {
            workspace.program(broken, "#!/bin/sh\nexit 127\n").unwrap();
            assert_eq!(script(&workspace, "sh", "tidelock-notify", "").code, Some(0), "{broken}");
        }
    }
}

mod summary {
    use super::*;

    /// Stacks by their names, with these outcomes, looked at one after the other in one run.
    fn stacks(named: &[(&str, Outcome)]) -> Workspace {
        let mut workspace = DRIFT[0].workspace().env("CI_PIPELINE_ID", "17");
        for (name, outcome) in named {
            workspace.check_out(&case(outcome.case), name).unwrap();
            workspace.plan(&case(outcome.case)).unwrap();
            workspace.set("TOOL_FAILS", outcome.fails);
            workspace.set("TIDELOCK_DIR", name);
            workspace.set("TIDELOCK_OUT", &format!("tidelock/{name}"));
            workspace.run("tidelock-plan && tidelock-check drift || true").unwrap();
        }
        workspace.unset("TIDELOCK_DIR");
        workspace.unset("TIDELOCK_OUT");
        workspace
    }

    fn summed_up(workspace: &Workspace, shell: &str, arguments: &str) -> (Ran, String) {
        let ran = script(workspace, shell, "tidelock-summary", arguments);
        (ran, workspace.file("tidelock/report.md").unwrap_or_default())
    }

    #[test]
    fn a_report_that_cannot_be_read_is_no_answer() {
        for shell in shells() {
            for broken in ["{", "", "{}"] {
                let workspace = stacks(&[("a", DRIFT[0]), ("b", DRIFT[0])]);
                fs::write(workspace.path().join("tidelock/b/report.json"), broken).unwrap();
                let (ran, page) = summed_up(&workspace, shell, "a b");
                assert_eq!(ran.code, Some(1), "{shell}: {ran:?}");
                assert!(
                    page.contains("- `b`: `the report cannot be read`") && page.contains("`a`"),
                    "{page}"
                );
            }
        }
    }

    #[test]
    fn the_worse_of_report_and_exit_code_counts() {
        let workspace = stacks(&[("a", DRIFT[2]), ("b", DRIFT[0])]);
        fs::write(workspace.path().join("tidelock/a/exit-code"), "0\n").unwrap();
        assert_eq!(summed_up(&workspace, "sh", "a b").0.code, Some(3), "the report is blocked");
        let workspace = stacks(&[("a", DRIFT[0]), ("b", DRIFT[0])]);
        fs::write(workspace.path().join("tidelock/a/exit-code"), "3\n").unwrap();
        assert_eq!(summed_up(&workspace, "sh", "a b").0.code, Some(3), "the job was");
    }

    #[test]
    fn a_report_of_another_run_is_no_answer() {
        let mut workspace = stacks(&[("a", DRIFT[0])]);
        workspace.set("CI_PIPELINE_ID", "18");
        let (ran, page) = summed_up(&workspace, "sh", "a");
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(page.contains("of another run"), "{page}");
        workspace.unset("CI_PIPELINE_ID");
        assert_eq!(summed_up(&workspace, "sh", "a").0.code, Some(0), "where nobody counts runs");
    }

    #[test]
    fn a_summary_that_fails_is_no_answer() {
        let workspace = stacks(&[("a", DRIFT[0])]);
        let real = job::tidelock();
        let broken = format!(
            "#!/bin/sh\ncase \"$*\" in 'summary - --format'*) exit 1 ;; esac\nexec '{}' \"$@\"\n",
            real.display()
        );
        workspace.program("tidelock", &broken).unwrap();
        assert_eq!(summed_up(&workspace, "sh", "a").0.code, Some(1));
    }

    #[test]
    fn a_name_with_blanks_is_one_name() {
        for shell in shells() {
            let workspace = stacks(&[("eu west", Outcome { fails: "plan", ..DRIFT[1] })]);
            let (ran, page) = summed_up(&workspace, shell, "'eu west' '*'");
            assert_eq!(ran.code, Some(1), "{ran:?}");
            assert!(page.contains("- `eu west`: `no answer: tofu plan failed"), "{page}");
            assert!(page.contains("- `*`: `no report`"), "{page}");
        }
    }
}

mod keep {
    use super::*;

    #[test]
    fn without_keys_it_says_so() {
        for shell in shells() {
            let workspace = workspace("drift/no_changes");
            let ran = script(&workspace, shell, "tidelock-keep-s3", "https://minio.example.org");
            assert_eq!(
                (ran.code, ran.stderr.as_str()),
                (Some(1), "tidelock-keep-s3: AWS_ACCESS_KEY_ID is not set\n"),
                "{shell}"
            );
        }
    }

    #[test]
    fn reports_go_into_the_store_and_the_keys_into_nothing_else() {
        if !can_talk() {
            return;
        }
        let store = Forge::start(Store::new("AKIDKEEP"));
        for shell in shells() {
            let workspace = DRIFT[1]
                .workspace()
                .env("AWS_ACCESS_KEY_ID", "AKIDKEEP")
                .env("AWS_SECRET_ACCESS_KEY", "s3cr3t-of-the-store");
            workspace.run("tidelock-plan; tidelock-check drift || true").unwrap();
            let address = format!("{}/reports/web/17/", store.origin());
            let ran = script(&workspace, shell, "tidelock-keep-s3", &address);
            assert_eq!((ran.code, ran.log().as_str()), (Some(0), ""), "{shell}");
            let objects = store.with(|store| std::mem::take(&mut store.objects));
            let names: Vec<_> = objects.keys().collect();
            assert_eq!(
                names,
                ["/reports/web/17/report.json", "/reports/web/17/report.md", "/reports/web/17/report.txt"]
            );
            assert_eq!(objects["/reports/web/17/report.txt"], workspace.file("tidelock/report.txt").unwrap());
            let shown: Vec<_> = objects.values().map(String::as_str).collect();
            nothing_leaks(&workspace, &shown, &["s3cr3t-of-the-store", "AKIDKEEP"]);
        }
    }

    #[test]
    fn a_store_that_refuses_never_fails_the_job() {
        if !can_talk() {
            return;
        }
        let store = Forge::start(Store::new("another"));
        let workspace = DRIFT[1]
            .workspace()
            .env("AWS_ACCESS_KEY_ID", "AKIDKEEP")
            .env("AWS_SECRET_ACCESS_KEY", "s3cr3t-of-the-store");
        workspace.run("tidelock-plan; tidelock-check drift || true").unwrap();
        let ran = script(&workspace, "sh", "tidelock-keep-s3", store.origin());
        assert_eq!(ran.code, Some(0));
        assert!(ran.stderr.contains("tidelock-keep-s3: report.md was not kept"), "{ran:?}");
    }
}

mod hooks {
    use super::*;

    /// The entry of a hook, and the files that it is meant for, as pre-commit would run it.
    fn hook(workspace: &Workspace, id: &str, files: &str) -> Ran {
        let text = fs::read_to_string(repository().join(".pre-commit-hooks.yaml")).unwrap();
        let hooks: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        let hook = hooks.as_array().unwrap().iter().find(|hook| hook["id"] == id).unwrap();
        assert_eq!(hook["language"], "script");
        // No file that was deleted is handed to a hook.
        assert_eq!(hook["pass_filenames"] == false, files.is_empty());
        assert_eq!(hook["always_run"] == true, files.is_empty());
        let entry = hook["entry"].as_str().unwrap();
        workspace.run(&format!("{}/{entry} {files}", repository().canonicalize().unwrap().display())).unwrap()
    }

    /// A repository of three stacks, of which two have a lock; committed.
    fn locked() -> Option<Workspace> {
        let workspace = workspace("gate/protected_and_untouched");
        let case = case("gate/protected_and_untouched");
        workspace.check_out(&case, "live/it's web").unwrap();
        workspace.check_out(&case, "free").unwrap();
        workspace.run("rm -f free/tidelock.lock; for s in . \"live/it's web\"; do tidelock protect --write --config \"$s\"; done").unwrap();
        origin::checked_out(workspace)
    }

    fn replaced(workspace: &Workspace, file: &str, from: &str, to: &str) {
        let text = workspace.file(file).unwrap();
        assert!(text.contains(from));
        fs::write(workspace.path().join(file), text.replace(from, to)).unwrap();
    }

    #[test]
    fn a_lock_that_is_behind_the_sources_stops_the_commit() {
        let Some(workspace) = locked() else { return };
        let clean = hook(&workspace, "tidelock-protect", "");
        assert_eq!((clean.code, clean.log().as_str()), (Some(0), ""));
        replaced(&workspace, "live/it's web/main.tf", "prevent_destroy", "# prevent_destroy");
        let stopped = hook(&workspace, "tidelock-protect", "");
        assert_eq!(stopped.code, Some(3), "{stopped:?}");
        assert!(stopped.stdout.contains("in the lock, not protected"), "{stopped:?}");
        let advice = "put \"prevent_destroy\" back, or delete the entry in the same review";
        assert!(stopped.stdout.contains(advice) && !stopped.stdout.contains("--write"), "{stopped:?}");
    }

    #[test]
    fn what_is_protected_and_not_in_the_lock_is_written_by_a_command_to_paste() {
        let Some(workspace) = locked() else { return };
        replaced(&workspace, "live/it's web/tidelock.lock", "[[protected]]", "[[nothing]]");
        fs::write(workspace.path().join("live/it's web/tidelock.lock"), "version = 1\n").unwrap();
        let stopped = hook(&workspace, "tidelock-protect", "");
        assert_eq!(stopped.code, Some(3), "{stopped:?}");
        let (_, command) = stopped.stdout.split_once("to write it: ").unwrap();
        workspace.run(command.lines().next().unwrap()).unwrap();
        assert_eq!(hook(&workspace, "tidelock-protect", "").code, Some(0), "{command}");
    }

    #[test]
    fn a_file_that_is_deleted_stops_the_commit_too() {
        // The sources of the block, and the lock itself.
        let Some(workspace) = locked() else { return };
        workspace.run("git rm --quiet \"live/it's web/tidelock.lock\"").unwrap();
        let stopped = hook(&workspace, "tidelock-protect", "");
        assert_eq!(stopped.code, Some(3), "{stopped:?}");
        assert!(stopped.stdout.contains("was deleted, and its stack is still there"), "{stopped:?}");
        let Some(workspace) = locked() else { return };
        workspace.run("git mv main.tf other.tf && echo 'locals {}' > other.tf && git add .").unwrap();
        let stopped = hook(&workspace, "tidelock-protect", "");
        assert_eq!(stopped.code, Some(3), "{stopped:?}");
        // A stack that goes as a whole is a matter of the gate.
        let Some(workspace) = locked() else { return };
        workspace.run("git rm --quiet -r live").unwrap();
        assert_eq!(hook(&workspace, "tidelock-protect", "").code, Some(0));
    }

    #[test]
    fn a_lock_that_cannot_be_checked_is_no_reason_to_write_one() {
        for breakage in [
            "echo nonsense > tidelock.lock",
            "git rm --quiet main.tf",
            "printf '#!/bin/sh\\nexit 127\\n' > ../bin/tidelock; chmod +x ../bin/tidelock",
        ] {
            let Some(workspace) = locked() else { return };
            workspace.run(breakage).unwrap();
            let stopped = hook(&workspace, "tidelock-protect", "");
            assert_eq!(stopped.code, Some(1), "{breakage}: {stopped:?}");
            assert!(stopped.stdout.contains("the lock could not be checked"), "{breakage}: {stopped:?}");
            assert!(!stopped.stdout.contains("--write"), "{breakage}: {stopped:?}");
        }
    }

    #[test]
    fn a_policy_that_cannot_be_read_stops_the_commit() {
        let workspace = workspace("drift/no_changes");
        workspace.run("tidelock init . && mkdir 'a b' && echo '[[waiver]]' > 'a b/tidelock.toml'").unwrap();
        let good = hook(&workspace, "tidelock-policy", "tidelock.toml");
        assert_eq!((good.code, good.log().as_str()), (Some(0), ""));
        let bad = hook(&workspace, "tidelock-policy", "tidelock.toml 'a b/tidelock.toml'");
        assert_eq!(bad.code, Some(1));
        assert!(bad.stderr.contains("tidelock::policy"), "{bad:?}");
    }
}

#[test]
fn every_script_says_what_it_is_and_stops_at_errors() {
    let documented = fs::read_to_string(repository().join("docs/pipelines/scripts/README.md")).unwrap();
    for entry in fs::read_dir(repository().join("docs/pipelines/scripts")).unwrap() {
        let file = entry.unwrap();
        let name = file.file_name().into_string().unwrap();
        // Those of GitHub have tests and a page of their own.
        if file.path().extension().is_none_or(|end| end != "sh") || name.starts_with("github-") {
            continue;
        }
        let text = fs::read_to_string(file.path()).unwrap();
        assert!(text.starts_with("#!/bin/sh\n# ") && text.contains("\nset -eu\n"), "{name}");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o111, 0o111, "{name} can be run");
        assert!(documented.contains(&format!("`{name}`")), "{name} is not in README.md");
    }
}
