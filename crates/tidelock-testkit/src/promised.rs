//! What the page about pipelines promises, so that tests of a pipeline hold it.

use std::{fs, io};

use crate::steps::repository;

/// The colour that `docs/pipelines/README.md` promises for a pipeline (`github/drift.yml`) at an exit code of tidelock:
/// `green`, `warning`, `red`, or `–` where the code cannot come.
///
/// # Errors
/// If the page has no row for the pipeline, or no column for the code.
pub fn promised(pipeline: &str, code: i32) -> io::Result<String> {
    let page = fs::read_to_string(repository().join("docs/pipelines/README.md"))?;
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut rows = page.lines().filter(|line| line.starts_with('|')).map(cells);
    let head = rows.find(|row| row.iter().any(|cell| cell == "0"));
    let column = head.and_then(|head| {
        head.iter().position(|cell| cell.split([',', ' ']).next() == Some(&code.to_string()))
    });
    let row = rows.find(|row| row.first().is_some_and(|name| name == &format!("[{pipeline}]({pipeline})")));
    let cell = row.zip(column).and_then(|(row, column)| row.get(column).cloned());
    let missing = || io::Error::other(format!("the page promises nothing for {pipeline} at {code}"));
    let cell = cell.ok_or_else(missing)?;
    cell.split([';', ',', ' ']).next().map(str::to_owned).ok_or_else(missing)
}
