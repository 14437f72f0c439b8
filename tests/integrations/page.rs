//! The blocks of a page, with what the comment before each says about it.

use std::{fs, path::Path};

/// What is to be done with a block.
#[derive(Debug)]
pub(crate) enum Marker {
    /// Its script, or the named ones in it, are run.
    Run(Vec<String>),
    /// It is a file of this name.
    File(String),
}

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) marker: Marker,
    pub(crate) text: String,
}

impl Block {
    /// Name and text of everything in it that is to be run. The steps of a YAML block are named by the stages they
    /// stand under.
    pub(crate) fn scripts(&self) -> Vec<(String, String)> {
        let Marker::Run(names) = &self.marker else { return Vec::new() };
        let (name, stages) = names.split_first().unwrap();
        if stages.is_empty() {
            return vec![(name.clone(), self.text.clone())];
        }
        let script = |stage: &String| (format!("{name} {stage}"), self.step(stage));
        stages.iter().map(script).collect()
    }

    /// What stands under `run: |` in a stage of a YAML block, without its indentation.
    fn step(&self, stage: &str) -> String {
        let mut lines = self.text.lines().skip_while(|line| line.trim() != format!("{stage}:"));
        let run = lines.find(|line| line.trim() == "- run: |").unwrap();
        let margin = run.len() - run.trim_start().len() + 4;
        let lines = lines.take_while(|line| line.len() - line.trim_start().len() >= margin);
        lines.flat_map(|line| [&line[margin..], "\n"]).collect()
    }
}

/// Every block of a page; one in a language that runs has to say what is to be done with it.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(page);
    let text = fs::read_to_string(page).unwrap();
    let mut blocks = Vec::new();
    let (mut before, mut lines) = ("", text.lines());
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let body = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n"));
            let text = body.collect();
            let marker =
                marker(before).unwrap_or_else(|| panic!("a block of {language} without a marker:\n{text}"));
            blocks.push(Block { marker, text });
        }
        before = line;
    }
    blocks
}

fn marker(line: &str) -> Option<Marker> {
    let comment = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    let (kind, rest) = comment.split_once(": ")?;
    match kind {
        "run" => Some(Marker::Run(rest.split(' ').map(ToOwned::to_owned).collect())),
        "file" => Some(Marker::File(rest.to_owned())),
        _ => None,
    }
}
