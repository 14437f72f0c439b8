//! The terminal: colours, width, symbols, and how errors look.

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use tidelock::render::{
    Detail,
    human::{Color, Options, Symbols},
};

use crate::args::ColorChoice;

/// Columns where nobody tells: CI logs are wide.
const WIDTH: usize = 100;
/// Columns beyond which lines are hard to follow.
const WIDEST: usize = 120;

/// Standard output and error, as the user wants them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Streams {
    choice: ColorChoice,
}

impl Streams {
    pub(crate) const fn new(choice: ColorChoice) -> Self {
        Self { choice }
    }

    /// How text for people looks: on standard output, or in a file.
    pub(crate) fn options(self, detail: Detail, to: Target) -> Options {
        let on_stdout = to == Target::Stdout;
        let color = match self.choice {
            ColorChoice::Always => Color::Always,
            ColorChoice::Auto if on_stdout && wants_color(&io::stdout()) => Color::Always,
            _ => Color::Never,
        };
        let symbols = if on_stdout && io::stdout().is_terminal() && !is_unicode() {
            Symbols::Ascii
        } else {
            Symbols::Unicode
        };
        let width = if on_stdout { width() } else { WIDTH };
        Options { width, color, symbols, detail }
    }

    /// Shows an error on standard error: drawn for a terminal, plain ASCII in logs.
    pub(crate) fn report(self, error: &(dyn Diagnostic + '_)) {
        let color = match self.choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => wants_color(&io::stderr()),
        };
        let drawn = io::stderr().is_terminal() || self.choice == ColorChoice::Always;
        let theme = match (color, drawn && is_unicode()) {
            (true, true) => GraphicalTheme::unicode(),
            (false, true) => GraphicalTheme::unicode_nocolor(),
            (_, false) => GraphicalTheme::none(),
        };
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(theme).with_width(width());
        let written = handler.render_report(&mut text, error);
        match written {
            Ok(()) => Self::complain(&text),
            Err(_) => Self::complain(&format!("{error}\n")),
        }
    }

    /// Writes to standard error; if that fails, there is nowhere left to say so.
    pub(crate) fn complain(text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// Where a report goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Stdout,
    File,
}

/// `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR`, `TERM`, and whether it is a terminal.
fn wants_color(stream: &impl anstream::stream::RawStream) -> bool {
    AutoStream::choice(stream) != anstream::ColorChoice::Never
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0).min(WIDEST))
}

/// Whether the locale can show more than ASCII; one that says nothing can.
fn is_unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    let locale = locale.map(|value| value.to_ascii_lowercase()).find(|value| !value.is_empty());
    locale.is_none_or(|locale| locale.contains("utf-8") || locale.contains("utf8"))
}
