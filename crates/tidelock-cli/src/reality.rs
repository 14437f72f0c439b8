//! From what was named to states and inventories.

use std::path::{Path, PathBuf};

use tidelock::{
    Policy,
    inventory::{self, Inventory, Options, Pages},
    reality::NamedState,
    state::StateFile,
};

use crate::{
    args::{InputName, InventoryName, RealityArgs},
    error::{CliError, Failure},
    inputs::{Place, current_states_in},
    keyring::KeyRing,
};

/// States and inventories, read; they live as long as the question about them.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub states: Vec<NamedState>,
    pub inventories: Vec<Inventory>,
}

impl Given {
    /// Reads what was named.
    pub(crate) fn read(args: &RealityArgs, policy: &Policy, config: Option<&Path>) -> Result<Self, Failure> {
        let keys = KeyRing::new(&args.keys)?;
        let mut stdin = 0;
        let mut given = Self::default();
        for name in &args.states {
            stdin += usize::from(*name == InputName::Stdin);
            given.add_states(name, &keys, config)?;
        }
        for name in &args.inventories {
            stdin += usize::from(name.place == InputName::Stdin);
            given.add_inventory(name, args, policy)?;
        }
        if stdin > 1 {
            return Err(CliError::StdinTwice.into());
        }
        Ok(given)
    }

    /// Adds every state of some directories.
    pub(crate) fn add_state_dirs(
        &mut self,
        dirs: &[PathBuf],
        args: &RealityArgs,
        config: Option<&Path>,
    ) -> Result<(), Failure> {
        let keys = KeyRing::new(&args.keys)?;
        dirs.iter().try_for_each(|dir| self.add_states(&InputName::Path(dir.clone()), &keys, config))
    }

    /// A state, or every one in a directory; backups are no states of their own.
    fn add_states(&mut self, name: &InputName, keys: &KeyRing, config: Option<&Path>) -> Result<(), Failure> {
        let places: Vec<(Place, Option<StateFile>)> = match name {
            InputName::Path(dir) if dir.is_dir() => current_states_in(dir)?,
            name => vec![(Place::from(name), None)],
        };
        for (place, file) in places {
            let source = keys.read_state(&place, config)?;
            self.states.push(tidelock::read_state(&source, file)?);
        }
        Ok(())
    }

    fn add_inventory(
        &mut self,
        name: &InventoryName,
        args: &RealityArgs,
        policy: &Policy,
    ) -> Result<(), Failure> {
        let pages = if args.partial_inventory { Pages::Partial } else { Pages::All };
        let options = Options { mappings: &policy.inventories, claim: name.claim.clone(), pages };
        let source = Place::from(&name.place).read()?;
        self.inventories.push(inventory::read(&source, &options).map_err(tidelock::Error::from)?);
        Ok(())
    }
}
