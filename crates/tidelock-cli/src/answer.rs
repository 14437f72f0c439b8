//! An answer, written in the forms that were asked for.

use std::{env, io, path::PathBuf};

use tidelock::{
    Report, Reports,
    render::{Detail, github, gitlab, human, json, junit, markdown, plain, sarif},
};

use crate::{
    args::{OutputArgs, ReportFormat},
    error::Failure,
    output::Output,
    terminal::Streams,
};

/// One report, or several.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer<'a> {
    One(&'a Report),
    Many(&'a Reports),
}

impl Answer<'_> {
    /// Writes the answer wherever it was asked for.
    pub(crate) fn write(self, args: &OutputArgs, streams: Streams) -> Result<(), Failure> {
        let detail = args.detail();
        let printed = (args.format, Output::new(args.output.as_deref()));
        let copies = args.write.iter().map(|copy| (copy.format, Output::File(copy.file.clone())));
        for (format, output) in [printed].into_iter().chain(copies) {
            let look = streams.options(detail, output.target());
            output.write(|out| self.render(format, &look, out))?;
            if format == ReportFormat::Github
                && let Some(summary) = job_summary()
            {
                Output::append(&summary, |out| self.render(ReportFormat::Markdown, &look, out))?;
            }
        }
        Ok(())
    }

    fn render(self, format: ReportFormat, look: &human::Options, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::One(report) => one(report, format, look, out),
            Self::Many(reports) => many(reports, format, look, out),
        }
    }
}

fn one(report: &Report, format: ReportFormat, look: &human::Options, out: &mut Vec<u8>) -> io::Result<()> {
    match format {
        ReportFormat::Human => human::report(report, look, out),
        ReportFormat::Json => json::report(report, out),
        ReportFormat::Markdown => markdown::report(report, &comment(look.detail), out),
        ReportFormat::Sarif => sarif::report(report, out),
        ReportFormat::Junit => junit::report(report, out),
        ReportFormat::Github => github::report(report, look.detail, out),
        ReportFormat::Gitlab => gitlab::report(report, out),
        ReportFormat::Plain => plain::report(report, out),
    }
}

fn many(reports: &Reports, format: ReportFormat, look: &human::Options, out: &mut Vec<u8>) -> io::Result<()> {
    match format {
        ReportFormat::Human => human::reports(reports, look, out),
        ReportFormat::Json => json::reports(reports, out),
        ReportFormat::Markdown => markdown::reports(reports, &comment(look.detail), out),
        ReportFormat::Sarif => sarif::reports(reports, out),
        ReportFormat::Junit => junit::reports(reports, out),
        ReportFormat::Github => github::reports(reports, look.detail, out),
        ReportFormat::Gitlab => gitlab::reports(reports, out),
        ReportFormat::Plain => plain::reports(reports, out),
    }
}

fn comment(detail: Detail) -> markdown::Options {
    markdown::Options { detail, ..markdown::Options::default() }
}

/// The file whose text GitHub shows below a workflow run.
fn job_summary() -> Option<PathBuf> {
    env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()).map(PathBuf::from)
}
