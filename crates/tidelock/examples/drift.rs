//! Asks what changed outside and whether it matters, and branches on the typed answer.
//!
//!     cargo run -p tidelock --example drift -- PLAN.json [DIRECTORY OF THE .tf FILES]
//!
//! Without arguments it takes a plan of this repository.

#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::{
    borrow::Cow,
    env,
    error::Error,
    fs,
    io::{ErrorKind, Read},
    path::PathBuf,
};

use tidelock::{
    Analysis, Report, Resolution, Source,
    config::{ReadError, SourceTree},
    report::Accept,
};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/proxmox/memory_drift");

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let plan = args.next().unwrap_or_else(|| format!("{SHIPPED}/plan.json"));
    let directory = args.next().unwrap_or_else(|| SHIPPED.to_owned());
    let report = ask(&plan, directory)?;

    println!("{} (exit code {})", report.verdict, report.exit_code);
    for finding in &report.findings {
        let address = finding.address.as_ref().map_or_else(|| "the plan".to_owned(), ToString::to_string);
        let path = finding.path.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
        println!("{} {}: {address}{path}: {}", finding.severity, finding.code, finding.message);
    }
    for resource in report.resources.iter().filter(|resource| resource.resolution == Resolution::Decide) {
        for advice in &resource.advice.accept {
            match &advice.how {
                Accept::Edit { location, hcl, .. } => println!("to accept: {location}  {hcl}"),
                Accept::Refused { reason } => println!("cannot be accepted here: {reason}"),
            }
        }
    }
    Ok(())
}

fn ask(plan: &str, directory: String) -> Result<Report, Box<dyn Error>> {
    let source = Source::new(plan, fs::read(plan)?);
    let sources = Directory(PathBuf::from(directory));
    Ok(Analysis::new().config(&sources).drift(&source)?)
}

/// The library opens no file; this lends it a directory.
struct Directory(PathBuf);

impl SourceTree for Directory {
    fn read(&self, path: &str, limit: usize) -> Result<Cow<'_, [u8]>, ReadError> {
        let file = fs::File::open(self.0.join(path)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => ReadError::Missing,
            _ => ReadError::Unreadable,
        })?;
        let mut bytes = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        file.take(most).read_to_end(&mut bytes).map_err(|_| ReadError::Unreadable)?;
        if bytes.len() > limit { Err(ReadError::TooLarge) } else { Ok(Cow::Owned(bytes)) }
    }

    fn list(&self, dir: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.0.join(dir)) else { return Vec::new() };
        let files = entries.flatten().filter(|entry| entry.path().is_file());
        files.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use tidelock::Verdict;

    use super::*;

    #[test]
    fn the_shipped_plan_drifted_in_one_resource_that_somebody_must_decide_about() {
        let report = ask(&format!("{SHIPPED}/plan.json"), SHIPPED.to_owned()).unwrap();
        assert_eq!((report.verdict, report.exit_code), (Verdict::Drift, 2));
        let [resource] = report.resources.as_slice() else { panic!("{:?}", report.resources) };
        assert_eq!(resource.resolution, Resolution::Decide);
        let how = resource.advice.accept.first().map(|advice| &advice.how);
        assert!(matches!(how, Some(Accept::Edit { hcl, .. }) if hcl == "memory = 12288"), "{how:?}");
    }
}
