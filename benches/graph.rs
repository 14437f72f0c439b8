//! Speed and memory of the gate where much refers to much: 100,000 instances with 300,000 references, and thousands of
//! them replaced at once.
//!
//! `cargo bench -p tidelock --bench graph`, with `TIDELOCK_BENCH=full` for the sizes of `docs/performance.md`. The plan
//! is read beforehand: what is measured is the comparison, the graph, all rules and the report.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "measure.rs"]
mod measure;

use std::{collections::BTreeMap, fmt::Write as _, hint::black_box};

use measure::{compare, floor, is_full, megabytes, millis, peak};
use tidelock::{Question, Source, report::Command};
use tidelock_parse::{Configuration, Plan, Schemas, config::MemoryTree, plan::PlanConfiguration};
use tidelock_rules::graph::Graph;

fn main() {
    let instances = if is_full() { 100_000 } else { 5_000 };
    println!("{:<66} {:>8} {:>12} {:>12} {:>10} {:>8}", "", "ratio", "tidelock", "floor", "heap", "findings");
    for blocks in [instances, instances / 10, 100] {
        for one_in in [1_000, 10] {
            run(Net { instances, blocks, one_in });
        }
    }
    println!("\n{:<66} {:>8} {:>12} {:>12} {:>10}", "", "ratio", "tidelock", "parsing", "heap");
    for blocks in if is_full() { [1_000, 10_000, 100_000] } else { [100, 1_000, 10_000] } {
        sources(blocks);
    }
}

/// Measures what takes the place of the section `configuration` for a plan that has none, beside parsing the sources.
fn sources(blocks: usize) {
    let text: String = (0..blocks).map(block).collect();
    let tree = MemoryTree::from([("main.tf", text)]);
    let load = || Configuration::load(&tree, &BTreeMap::new());
    let loaded = load();
    let schemas = Schemas::builtin();
    let make = || drop(black_box(PlanConfiguration::from_sources(&loaded, &schemas)));
    let found = compare(5, &make, &|| drop(black_box(load())));
    println!(
        "{:<66} {:>8.2} {:>12} {:>12} {:>10}",
        format!("configuration made from sources of {blocks} blocks"),
        found.ratio,
        millis(found.took),
        millis(found.floor),
        megabytes(peak(&make)),
    );
}

/// A resource block of a dozen arguments, as configurations have them.
fn block(at: usize) -> String {
    let before = at.saturating_sub(7);
    format!(
        r##"
resource "aws_instance" "n{at}" {{
  count                  = var.size
  ami                    = data.aws_ami.base.id
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.main[count.index].id
  vpc_security_group_ids = [aws_security_group.a.id, aws_security_group.b.id]
  user_data              = "#!/bin/sh\necho ${{local.name}}-${{count.index}} > /etc/name"
  source_dest_check      = false
  tags                   = merge(local.tags, {{ Name = "n{at}", Before = aws_instance.n{before}[0].id }})

  root_block_device {{
    volume_size = 20
    volume_type = "gp3"
  }}

  dynamic "ebs_block_device" {{
    for_each = var.disks
    content {{
      device_name = ebs_block_device.key
      volume_size = ebs_block_device.value.size
    }}
  }}
}}
"##
    )
}

/// Blocks in a row, each of which refers to three before it; one instance in so many is replaced.
#[derive(Clone, Copy)]
struct Net {
    instances: usize,
    blocks: usize,
    one_in: usize,
}

fn run(net: Net) {
    let source = Source::new("plan.json", net.plan());
    let plan = Plan::from_source(&source).expect("a plan of ours");
    let gate = || drop(black_box(Question::new(Command::Gate, &plan).answer().expect("a plan of ours")));
    let graph = || {
        let configuration: PlanConfiguration = plan.configuration().expect("a plan of ours");
        let mut graph = Graph::default();
        graph.add_from_plan(&configuration, |_| true);
        black_box(graph);
    };
    let report = Question::new(Command::Gate, &plan).answer().expect("a plan of ours");
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &report.findings {
        *codes.entry(finding.code).or_default() += 1;
    }
    let name = format!("{} instances of {} blocks, 1 in {} replaced", net.instances, net.blocks, net.one_in);
    row(&format!("{name}: graph alone"), &graph, &source, "");
    row(&format!("{name}: gate"), &gate, &source, &format!("{:>8} {codes:?}", report.findings.len()));
}

fn row(name: &str, task: &dyn Fn(), source: &Source, findings: &str) {
    let found = compare(3, task, &|| floor(source.bytes()));
    println!(
        "{name:<66} {:>8.2} {:>12} {:>12} {:>10} {findings}",
        found.ratio,
        millis(found.took),
        millis(found.floor),
        megabytes(peak(task)),
    );
}

impl Net {
    fn plan(self) -> String {
        let width = self.instances / self.blocks;
        let mut text = String::from(
            r#"{"format_version":"1.2","terraform_version":"1.11.4","complete":true,"resource_changes":["#,
        );
        for at in 0..self.instances {
            let (block, key) = (at / width, at % width);
            let kind = kind(block);
            let comma = if at == 0 { "" } else { "," };
            let index = if width == 1 { String::new() } else { format!("[{key}]") };
            let change = if at % self.one_in == 1 {
                r#"{"actions":["delete","create"],"before":{"id":"1","zone":"a"},"after":{"zone":"b"},"after_unknown":{"id":true},"replace_paths":[["zone"]]}"#
            } else {
                r#"{"actions":["no-op"],"before":{"id":"1","zone":"a"},"after":{"id":"1","zone":"a"}}"#
            };
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                r#"{comma}{{"address":"{kind}.n{block}{index}","mode":"managed","type":"{kind}","name":"n{block}","provider_name":"p","change":{change}}}"#
            );
        }
        text.push_str(r#"],"configuration":{"root_module":{"resources":["#);
        for block in 0..self.blocks {
            let comma = if block == 0 { "" } else { "," };
            let targets = [1, 7, 31].into_iter().filter_map(|back| block.checked_sub(back));
            let references: Vec<String> = targets
                .map(|target| {
                    format!(
                        r#""a{target}":{{"references":["{0}.n{target}.id","{0}.n{target}"]}}"#,
                        kind(target)
                    )
                })
                .collect();
            let _ = write!(
                text,
                r#"{comma}{{"mode":"managed","type":"{}","name":"n{block}","expressions":{{"zone":{{"constant_value":"b"}}{}{}}}}}"#,
                kind(block),
                if references.is_empty() { "" } else { "," },
                references.join(",")
            );
        }
        text.push_str("]}}}");
        text
    }
}

/// What holds something, and what does not.
fn kind(block: usize) -> &'static str {
    [
        "aws_s3_bucket",
        "aws_lambda_function",
        "aws_cloudwatch_metric_alarm",
        "aws_route53_record",
        "acme_thing",
    ][block % 5]
}
