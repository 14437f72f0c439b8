//! Pages that show commands with what they print.

use std::{env, fs, io, path::Path};

const BEGIN: &str = "```console\n$ ";
const END: &str = "```\n";

/// Runs every command of a page and compares what it prints with what the page says; with `UPDATE_DOCS` set, the page is written.
///
/// # Errors
/// The system's, and one that names the first command whose text is another one.
pub fn hold(page: &Path, run: impl Fn(&str) -> String) -> io::Result<()> {
    let text = fs::read_to_string(page)?;
    let mut parts = text.split(BEGIN);
    let mut made = parts.next().unwrap_or_default().to_owned();
    let mut wrong = None;
    for part in parts {
        let (command, rest) =
            part.split_once('\n').ok_or_else(|| io::Error::other("a command without an end"))?;
        let at =
            if rest.starts_with(END) { Some(0) } else { rest.find(&format!("\n{END}")).map(|at| at + 1) };
        let at = at.ok_or_else(|| io::Error::other(format!("no end of the block of `{command}`")))?;
        let (said, behind) = rest.split_at(at);
        let says = run(command);
        if says != said {
            wrong.get_or_insert_with(|| format!("`{command}` prints\n{says}"));
        }
        made.push_str(&format!("{BEGIN}{command}\n{says}{behind}"));
    }
    match wrong {
        None if made == text && made.contains(BEGIN) => Ok(()),
        _ if env::var_os("UPDATE_DOCS").is_some() => fs::write(page, made),
        wrong => Err(io::Error::other(wrong.unwrap_or_else(|| "the page shows no command".to_owned()))),
    }
}
