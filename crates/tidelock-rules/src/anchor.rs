//! Where a reviewer finds a place of the sources: files relative to the root of the repository.

use tidelock_parse::{ConfigModulePath, Configuration, config};

use crate::report::Location;

/// The way from the source root to the directory of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchor(Vec<String>);

impl Anchor {
    /// `prefix`: path of the configuration's directory below the source root, `/`-separated, `""` or `.` for the
    /// root itself.
    pub fn new(prefix: &str) -> Self {
        Self(prefix.split('/').filter(|part| !matches!(*part, "" | ".")).map(ToOwned::to_owned).collect())
    }

    /// The place as a reviewer names it. A file outside the root is named by the module call inside it that leads
    /// there; `None` if there is no such call.
    pub(crate) fn place(
        &self,
        sources: &Configuration,
        module: &ConfigModulePath,
        at: &config::Location,
    ) -> Option<Location> {
        if let Some(exact) = self.exact(at) {
            return Some(exact);
        }
        let call = sources.module_call(module)?;
        self.place(sources, &module.parent()?, &call)
    }

    /// The very file and line, which an edit needs; `None` outside the root.
    pub(crate) fn exact(&self, at: &config::Location) -> Option<Location> {
        self.join(&at.file).map(|file| Location { file, line: Some(at.line) })
    }

    /// Joins and cleans a path; `None` if it leaves the root.
    fn join(&self, file: &str) -> Option<String> {
        let mut parts: Vec<&str> = self.0.iter().map(String::as_str).collect();
        for part in file.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                _ => parts.push(part),
            }
        }
        Some(parts.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_source_root() {
        let anchor = Anchor::new("stacks/./web/");
        assert_eq!(anchor.join("main.tf").as_deref(), Some("stacks/web/main.tf"));
        assert_eq!(anchor.join("../../modules/vm/main.tf").as_deref(), Some("modules/vm/main.tf"));
        assert_eq!(anchor.join("../../../elsewhere/main.tf"), None);
    }

    #[test]
    fn an_edit_outside_the_source_root_has_no_place() {
        let at = |file: &str| config::Location { file: file.into(), line: 3, column: None };
        let anchor = Anchor::new("web");
        assert_eq!(anchor.exact(&at("main.tf")).map(|at| at.to_string()).as_deref(), Some("web/main.tf:3"));
        assert_eq!(anchor.exact(&at("../../modules/vm/main.tf")), None);
    }
}
