//! What the page about pipelines promises, so that tests of a pipeline hold it.

use std::{fs, io};

use crate::steps::repository;

/// The colour that `docs/pipelines/README.md` promises for a pipeline (`github/drift.yml`) at an exit code of tidelock:
/// `green`, `warning`, `red`, or `–` where the code cannot come.
///
/// # Errors
/// If the page has no row for the pipeline, or no column for the code.
pub fn promised(pipeline: &str, code: i32) -> io::Result<String> {
    cell(pipeline, &code.to_string(), &[',', ' '])
}

/// The same for a pipeline that provisions, at what became of it: `skip`, `apply`, `apply fails`, `import`, …
///
/// # Errors
/// If the page has no row for the pipeline, or no column for the outcome.
pub fn promised_at(pipeline: &str, outcome: &str) -> io::Result<String> {
    cell(pipeline, outcome, &[','])
}

/// The first word of a cell: in the row of the pipeline, in the column whose head has this among its words. The tables stand
/// one after the other, so a column is looked for in the last head before the row.
fn cell(pipeline: &str, column: &str, between: &[char]) -> io::Result<String> {
    let page = fs::read_to_string(repository().join("docs/pipelines/README.md"))?;
    let (mut place, mut found) = (None, None);
    for line in page.lines().filter(|line| line.starts_with('|')) {
        let row: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let is_head = row.first() == Some(&"pipeline");
        if is_head {
            let means = |head: &&str| head.split(between).any(|word| word.trim().trim_matches('`') == column);
            place = row.iter().position(means);
        } else if row.first() == Some(&&*format!("[{pipeline}]({pipeline})")) {
            found = place.and_then(|place| row.get(place)).map(|cell| (*cell).to_owned());
        }
    }
    let missing = || io::Error::other(format!("the page promises nothing for {pipeline} at {column}"));
    let cell = found.ok_or_else(missing)?;
    cell.split([';', ',', ' ']).next().map(str::to_owned).ok_or_else(missing)
}
