//! The layout: a column of labels, a column of keys, and text that wraps beside them.

use anstyle::{AnsiColor, Style};
use textwrap::{WordSeparator, WordSplitter, WrapAlgorithm, core::display_width};
use tidelock_rules::report::Location;

use super::{Color, Options};
use crate::{
    escape::{lines, printable},
    groups::GroupKind,
    phrase::Phrase,
    rows::{Below, Row},
};

/// Columns of the labels (`stop`, `decide`), their gap included.
const LABEL: usize = 8;
/// Columns of the keys (`apply`, a path), their gap included.
const KEY: usize = 22;
/// Below this many columns for text, the text begins under the key.
const NARROW: usize = 32;

/// What stands in the first column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Group(GroupKind),
    Output,
    Waived,
    Input,
    Note,
    /// Continues what stands above.
    Blank,
}

impl From<GroupKind> for Label {
    fn from(kind: GroupKind) -> Self {
        Self::Group(kind)
    }
}

impl Label {
    const fn word(self) -> &'static str {
        match self {
            Self::Group(kind) => kind.word(),
            Self::Output => "output",
            Self::Waived => "waived",
            Self::Input => "input",
            Self::Note => "note",
            Self::Blank => "",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Group(GroupKind::Stop | GroupKind::Refuse) => Tone::Stop,
            Self::Group(GroupKind::Decide | GroupKind::Warn | GroupKind::Undo) => Tone::Decide,
            _ => Tone::Quiet,
        }
    }
}

/// What a colour is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Stop,
    Decide,
    Good,
    Quiet,
    Strong,
}

impl Tone {
    const fn style(self) -> Style {
        match self {
            Self::Stop => AnsiColor::Red.on_default().bold(),
            Self::Decide => AnsiColor::Yellow.on_default().bold(),
            Self::Good => AnsiColor::Green.on_default().bold(),
            Self::Quiet => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
        }
    }
}

/// Text under construction.
#[derive(Debug)]
pub(crate) struct Page {
    text: String,
    width: usize,
    color: Color,
}

impl Page {
    pub(crate) fn new(options: &Options) -> Self {
        Self { text: String::new(), width: options.width.max(40), color: options.color }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Bytes so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// The name of an input, above its report.
    pub(crate) fn title(&mut self, name: &str) {
        let name = printable(name);
        self.paint(Tone::Strong, &format!("== {name}"));
        self.text.push('\n');
    }

    /// A label and its subject, the place flush right; on a line of its own if there is no room.
    pub(crate) fn heading(&mut self, label: Label, subject: &str, place: Option<&Location>) {
        let subject = printable(subject);
        self.label(label);
        self.paint(Tone::Strong, &subject);
        if let Some(place) = place {
            let place = printable(&place.to_string());
            let used = LABEL + display_width(&subject);
            let room = self.width.saturating_sub(display_width(&place));
            if room >= used + 2 {
                self.spaces(room - used);
            } else {
                self.text.push('\n');
                self.spaces(room.max(LABEL));
            }
            self.paint(Tone::Quiet, &place);
        }
        self.text.push('\n');
    }

    /// A label and text beside it.
    pub(crate) fn line(&mut self, label: Label, phrase: &Phrase) {
        self.label(label);
        self.wrapped(&phrase.plain(), LABEL, &[]);
    }

    /// A word in the column of the labels, and text beside it.
    pub(crate) fn titled(&mut self, tone: Tone, word: &str, phrase: &Phrase) {
        let word = printable(word);
        self.paint(tone, &word);
        self.spaces(LABEL.saturating_sub(display_width(&word)).max(1));
        self.wrapped(&phrase.plain(), LABEL, &[]);
    }

    /// Keys and the text beside them, with the codes of findings at its end.
    pub(crate) fn rows(&mut self, rows: &[Row]) {
        for row in rows {
            let column = self.key(row.key.text());
            match &row.command {
                Some(command) => self.command(command, &row.text.plain(), column),
                None => self.text_of(row, column),
            }
        }
    }

    fn text_of(&mut self, row: &Row, column: usize) {
        let mut begun = !row.text.is_empty();
        if begun || matches!(row.below, Below::Nothing) {
            self.wrapped(&row.text.plain(), column, &row.codes);
        }
        let mut indent = |page: &mut Self, columns: usize| {
            if std::mem::replace(&mut begun, true) {
                page.spaces(column);
            }
            page.spaces(columns);
        };
        match &row.below {
            Below::Nothing => {}
            Below::Tree(branches) => {
                for branch in branches {
                    let columns = branch.depth * 2;
                    indent(self, columns);
                    self.wrapped(&branch.text.plain(), column + columns, &[]);
                }
            }
            Below::Block(text) => {
                for line in lines(text) {
                    if !line.is_empty() {
                        indent(self, 0);
                    }
                    self.text.push_str(&line);
                    self.text.push('\n');
                }
            }
        }
    }

    /// A command to copy: never broken into lines.
    fn command(&mut self, command: &str, besides: &str, column: usize) {
        self.text.push_str(command);
        if besides.is_empty() {
            self.text.push('\n');
        } else if column + display_width(command) + 3 + display_width(besides) <= self.width {
            self.text.push_str("   ");
            self.text.push_str(besides);
            self.text.push('\n');
        } else {
            self.text.push('\n');
            self.spaces(column);
            self.wrapped(besides, column, &[]);
        }
    }

    /// The last line: verdict and counts, the exit code flush right.
    pub(crate) fn verdict(&mut self, tone: Tone, text: &str, exit_code: u8) {
        let exit = format!("exit {exit_code}");
        let text = printable(text);
        let (word, rest) = text.split_once(':').unwrap_or((&text, ""));
        self.paint(tone, word);
        if !rest.is_empty() {
            self.text.push(':');
            self.text.push_str(rest);
        }
        let used = display_width(&text);
        let room = self.width.saturating_sub(exit.len());
        if room >= used + 2 {
            self.spaces(room - used);
        } else {
            self.text.push('\n');
            self.spaces(room);
        }
        self.paint(Tone::Quiet, &exit);
        self.text.push('\n');
    }

    fn label(&mut self, label: Label) {
        self.paint(label.tone(), label.word());
        self.spaces(LABEL.saturating_sub(label.word().len()));
    }

    /// Writes a key and leaves the cursor where its text begins; returns that column.
    fn key(&mut self, key: &str) -> usize {
        let key = printable(key);
        self.spaces(LABEL);
        self.text.push_str(&key);
        let column = LABEL + KEY;
        if self.width < column + NARROW {
            self.text.push('\n');
            self.spaces(LABEL + 2);
            return LABEL + 2;
        }
        let used = display_width(&key);
        if used + 2 <= KEY {
            self.spaces(KEY - used);
        } else {
            self.text.push('\n');
            self.spaces(column);
        }
        column
    }

    /// Writes text from `column` on, further lines indented alike.
    fn wrapped(&mut self, text: &str, column: usize, codes: &[&str]) {
        let room = self.width.saturating_sub(column).max(20);
        // Most lines are short, and of characters that are one column wide.
        if codes.is_empty() && text.len() <= room && text.is_ascii() {
            self.text.push_str(text.trim_end_matches(' '));
            self.text.push('\n');
            return;
        }
        let codes = codes.join(" ");
        let full = if codes.is_empty() { text.to_owned() } else { format!("{text}  {codes}") };
        let options = textwrap::Options::new(room)
            // Named one by one: their defaults depend on features that anybody in the build may enable.
            .word_separator(WordSeparator::AsciiSpace)
            .wrap_algorithm(WrapAlgorithm::FirstFit)
            .word_splitter(WordSplitter::NoHyphenation)
            .break_words(true);
        let lines = textwrap::wrap(&full, options);
        for (at, line) in lines.iter().enumerate() {
            if at > 0 {
                self.spaces(column);
            }
            let last = at + 1 == lines.len();
            match line.strip_suffix(&*codes) {
                Some(before) if last && !codes.is_empty() => {
                    self.text.push_str(before);
                    self.paint(Tone::Quiet, &codes);
                }
                _ => self.text.push_str(line),
            }
            self.text.push('\n');
        }
        if lines.is_empty() {
            self.text.push('\n');
        }
    }

    fn spaces(&mut self, count: usize) {
        const BLANK: &str = "                                                                ";
        let mut left = count;
        while let Some(rest) = left.checked_sub(BLANK.len()) {
            self.text.push_str(BLANK);
            left = rest;
        }
        self.text.push_str(BLANK.get(..left).unwrap_or_default());
    }

    fn paint(&mut self, tone: Tone, text: &str) {
        match self.color {
            Color::Never => self.text.push_str(text),
            Color::Always => {
                let style = tone.style();
                // Writing to a string cannot fail.
                let _ = std::fmt::Write::write_fmt(&mut self.text, format_args!("{style}{text}{style:#}"));
            }
        }
    }
}
