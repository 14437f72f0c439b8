//! A workspace that is a checkout, with an `origin` to fetch the target branch from.

use tidelock_testkit::steps::{Workspace, which};

/// Makes the workspace a checkout of a branch off `main`: what is in it now is on `main`, too. `None` without Git.
pub(crate) fn checked_out(workspace: Workspace) -> Option<Workspace> {
    if which("git").is_none() {
        eprintln!("skipped: git is not on the PATH");
        return None;
    }
    let made = workspace
        .run(
            "git init --quiet --initial-branch=main .\n\
             git config user.name ada && git config user.email ada@example.org\n\
             git add . && git commit --quiet --message main\n\
             git clone --quiet --bare . ../origin.git && git remote add origin \"$PWD/../origin.git\"\n\
             git checkout --quiet -b change",
        )
        .ok()?;
    assert_eq!(made.code, Some(0), "{}", made.log());
    Some(workspace)
}
