//! Runs a rule of one's own beside the built-in ones.
//!
//!     cargo run -p tidelock --example custom_rule

#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::{error::Error, fs};

use tidelock::{
    Plan, Question, Source, Verdict,
    config::{Configuration, MemoryTree},
    context::Context,
    input::Input,
    report::{Command, Severity},
    rule::{Rule, RuleMeta, Sink},
    rules::RULES,
};

/// Nobody outside the night shift touches the memory of a VM.
#[derive(Debug)]
struct MemoryIsOurs;

impl Rule for MemoryIsOurs {
    fn meta(&self) -> &'static RuleMeta {
        // Codes are yours to choose; `TL` is taken.
        static META: RuleMeta = RuleMeta::new(
            "ACME1",
            "memory-is-ours",
            "deny",
            &[Command::Drift],
            "The memory of a VM was changed outside.\n",
        );
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for subject in context.subjects() {
            for divergence in subject.divergences() {
                if divergence.drift && divergence.path.top() == Some("memory") {
                    let draft = sink
                        .about(subject.resource, Severity::Deny, "the memory was changed outside")
                        .path(&divergence.path)
                        .help("ask the night shift before anything is applied");
                    sink.put(draft);
                }
            }
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/proxmox/memory_drift");
    let source = Source::new("plan.json", fs::read(format!("{shipped}/plan.json"))?);
    let input = Input::read(&source)?;
    let document = input.documents.first().ok_or("no artifact")?;
    let plan = Plan::read(&input.source, document.text)?;

    let tree = MemoryTree::from(
        ["main.tf", "modules/vm/main.tf"]
            .map(|name| (name, fs::read(format!("{shipped}/{name}")).unwrap_or_default())),
    );
    let sources = Configuration::load(&tree, &plan.variables()?);

    let mut rules = RULES.to_vec();
    rules.push(&MemoryIsOurs);
    let mut question = Question::new(Command::Drift, &plan);
    question.sources = Some(&sources);
    question.rules = &rules;
    let report = question.answer()?;

    let codes: Vec<&str> = report.findings.iter().map(|finding| finding.code).collect();
    println!("{}: {}", report.verdict, codes.join(", "));
    assert_eq!(codes, ["ACME1", "TL101"], "the most severe first");
    assert_eq!(report.verdict, Verdict::Blocked, "an unwaived deny blocks, whoever says it");
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_rule_is_run_beside_the_others() {
        super::main().unwrap();
    }
}
