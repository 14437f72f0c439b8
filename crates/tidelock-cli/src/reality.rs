//! From what was named to states and inventories.

use std::path::{Path, PathBuf};

use tidelock::{
    inventory::{self, Inventory},
    reality::NamedState,
    state::StateFile,
};

use crate::{
    args::{InputName, RealityArgs},
    error::{CliError, Failure},
    inputs::{Place, states_in},
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
    pub(crate) fn read(
        args: &RealityArgs,
        policy: &tidelock::Policy,
        config: Option<&Path>,
    ) -> Result<Self, Failure> {
        let keys = KeyRing::new(&args.keys)?;
        let mut stdin = 0;
        let mut given = Self::default();
        for name in &args.states {
            stdin += usize::from(*name == InputName::Stdin);
            given.add_states(name, &keys, config)?;
        }
        for text in &args.inventories {
            stdin += usize::from(text == "-" || text.ends_with("=-"));
            given.add_inventory(text, args, policy)?;
        }
        if stdin > 1 {
            return Err(CliError::StdinTwice.into());
        }
        Ok(given)
    }

    /// A state, or every one in a directory; backups are no states of their own.
    fn add_states(&mut self, name: &InputName, keys: &KeyRing, config: Option<&Path>) -> Result<(), Failure> {
        let places: Vec<(Place, Option<StateFile>)> = match name {
            InputName::Path(dir) if dir.is_dir() => states_in(dir)?,
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
        text: &str,
        args: &RealityArgs,
        policy: &tidelock::Policy,
    ) -> Result<(), Failure> {
        let _ = policy;
        let place = if text == "-" { Place::Stdin } else { Place::File(PathBuf::from(text)) };
        let options = inventory::Options { partial: args.partial_inventory, ..inventory::Options::default() };
        self.inventories.push(inventory::read(&place.read()?, &options).map_err(tidelock::Error::from)?);
        Ok(())
    }
}
