//! Which identities a plan claims: what it creates, and what it already holds.
//!
//! Two claims of one identity are two addresses for one real object, of which one cannot be made. Claims are small: they
//! keep hashes and addresses, no values, so that many plans can be held against each other.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tidelock_parse::{
    AttrPath, Mode, Plan, PlanError, ResourceAddr, ResourceChange, Step, Value,
    plan::{Mention, PlanConfiguration, PlanProvider, Simple},
};

use crate::naming::{Identity, Inherited, Naming, Within, digest_of};

/// The claims of one plan.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// By what names them, for fast look-ups.
    all: BTreeMap<u128, Vec<(Role, Claim)>>,
    /// When the plan was made.
    made: Option<String>,
}

/// An address that claims an identity.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Which address.
    pub address: ResourceAddr,
    identity: Identity,
    within: Within,
    provider: Arc<ProviderConfig>,
}

/// The claims of another plan.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// Name of the plan, as reports say it.
    pub name: String,
    /// What it claims.
    pub claims: Arc<Claims>,
}

/// A configuration of a provider, as far as it says whom the provider talks to.
#[derive(Debug)]
struct ProviderConfig {
    key: Box<str>,
    /// Hashes of its arguments; `None` for one that cannot be evaluated.
    arguments: BTreeMap<Box<str>, Option<u128>>,
}

/// How sure it is that two claims mean one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collision {
    /// Unless the two stacks talk to different accounts, of which nothing is said.
    Possible,
    /// They do.
    Certain,
}

/// Arguments of a provider that do not say whom it talks to.
const SAY_NOTHING: [&str; 10] = [
    "default_labels",
    "default_tags",
    "features",
    "ignore_tags",
    "max_retries",
    "region",
    "retry_mode",
    "tags",
    "version",
    "zone",
];

impl Claims {
    /// What `plan` claims.
    ///
    /// # Errors
    /// [`PlanError`] if a value or section that is needed cannot be decoded.
    pub fn of(plan: &Plan) -> Result<Self, PlanError> {
        let configuration = plan.configuration()?;
        let claimant = Claimant::new(plan, &configuration)?;
        let mut claims = Self { all: BTreeMap::new(), made: plan.header().timestamp.clone() };
        for change in plan.changes() {
            if let Some(role) = Role::of(change)
                && let Some(claim) = claimant.claim(change)?
            {
                claims.all.entry(claim.name()).or_default().push((role, claim));
            }
        }
        Ok(claims)
    }

    /// Forgets what collides with no create of any of them, which is nearly all.
    #[must_use]
    pub fn joined(all: Vec<(String, Self)>) -> Vec<Elsewhere> {
        let created: BTreeSet<u128> =
            all.iter().flat_map(|(_, claims)| claims.creates()).map(Claim::name).collect();
        let shrunk = |mut claims: Self| {
            claims.all.retain(|name, _| created.contains(name));
            Arc::new(claims)
        };
        all.into_iter().map(|(name, claims)| Elsewhere { name, claims: shrunk(claims) }).collect()
    }

    fn creates(&self) -> impl Iterator<Item = &Claim> {
        let all = self.all.values().flatten();
        all.filter(|(role, _)| *role == Role::Creates).map(|(_, claim)| claim)
    }

    /// The claim here that collides with a create elsewhere, the surest one.
    pub(crate) fn against(&self, create: &Claim) -> Option<(&Claim, Role, Collision)> {
        let named = self.all.get(&create.name()).into_iter().flatten();
        let collisions =
            named.filter_map(|(role, claim)| Some((claim, *role, create.collides_with_another_plan(claim)?)));
        collisions.min_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.address.cmp(&b.0.address)))
    }

    /// Whether both come from one plan that was given twice.
    pub(crate) fn is_same_plan(&self, plan: &Plan) -> bool {
        if self.made.is_none() || self.made != plan.header().timestamp {
            return false;
        }
        let addresses: BTreeSet<&ResourceAddr> = plan
            .changes()
            .iter()
            .filter(|change| Role::of(change) == Some(Role::Creates))
            .map(|change| &change.address)
            .collect();
        self.creates().all(|claim| addresses.contains(&claim.address))
    }
}

/// What a change does about an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It makes an object.
    Creates,
    /// It has an object, and will after the apply.
    Holds,
}

impl Role {
    /// `None` for what is gone after the apply, or out of the hands of the plan.
    pub(crate) fn of(change: &ResourceChange) -> Option<Self> {
        if change.address.mode != Mode::Managed || change.deposed.is_some() {
            return None;
        }
        let action = &change.action;
        if action.is_replace() {
            // It makes room for itself.
            Some(Self::Holds)
        } else if action.creates() {
            Some(Self::Creates)
        } else {
            (!action.destroys() && !action.forgets()).then_some(Self::Holds)
        }
    }
}

impl Claim {
    /// What names the object, as far as its own arguments do; claims of one object share it.
    pub(crate) fn name(&self) -> u128 {
        self.identity.name()
    }

    /// Whether another claim of the same plan means the same object.
    pub(crate) fn collides(&self, other: &Self) -> bool {
        if self.identity.name() != other.identity.name() {
            return false;
        }
        let same_provider = self.provider.key == other.provider.key;
        match self.identity.inherited(&other.identity) {
            Inherited::Differ | Inherited::CannotTell => false,
            Inherited::Equal if same_provider => true,
            // What one configuration takes by itself, another need not.
            Inherited::Equal if self.identity.is_open() => false,
            Inherited::Equal => match self.within {
                Within::World => true,
                Within::Account => self.provider.talks_to(&other.provider) == Whom::Same { told: true },
            },
        }
    }

    /// Whether nothing speaks against both meaning the same object.
    pub(crate) fn may_mean(&self, other: &Self) -> bool {
        self.identity.name() == other.identity.name()
            && self.identity.inherited(&other.identity) != Inherited::Differ
    }

    /// Whether a claim of another plan means the same object.
    pub(crate) fn collides_with_another_plan(&self, other: &Self) -> Option<Collision> {
        if self.identity.name() != other.identity.name() {
            return None;
        }
        let open = match self.identity.inherited(&other.identity) {
            Inherited::Differ => return None,
            Inherited::CannotTell => true,
            Inherited::Equal => self.identity.is_open(),
        };
        let sure = match (self.within, self.provider.talks_to(&other.provider)) {
            (Within::World, _) => !open,
            (Within::Account, Whom::Others) => return None,
            (Within::Account, Whom::Same { told }) => told && !open,
            (Within::Account, Whom::CannotTell) => false,
        };
        Some(if sure { Collision::Certain } else { Collision::Possible })
    }
}

/// Whether two configurations of a provider talk to one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whom {
    /// Nothing speaks against it; `told` if something speaks for it.
    Same {
        told: bool,
    },
    Others,
    CannotTell,
}

impl ProviderConfig {
    fn talks_to(&self, other: &Self) -> Whom {
        let telling = |config: &Self| -> BTreeMap<Box<str>, Option<u128>> {
            let arguments = config.arguments.iter().filter(|(name, _)| !SAY_NOTHING.contains(&&***name));
            arguments.map(|(name, value)| (name.clone(), *value)).collect()
        };
        let (ours, theirs) = (telling(self), telling(other));
        let mut shared =
            ours.iter().filter_map(|(name, value)| Some((value.as_ref()?, theirs.get(name)?.as_ref()?)));
        if shared.any(|(a, b)| a != b) {
            Whom::Others
        } else if ours.values().chain(theirs.values()).any(Option::is_none) || ours != theirs {
            Whom::CannotTell
        } else {
            Whom::Same { told: !ours.is_empty() }
        }
    }
}

/// Reads claims out of the changes of a plan.
pub(crate) struct Claimant<'p> {
    plan: &'p Plan,
    configuration: &'p PlanConfiguration,
    variables: BTreeMap<String, Value>,
    namings: RefCell<BTreeMap<Box<str>, Option<Arc<Naming>>>>,
    providers: RefCell<BTreeMap<Box<str>, Provided>>,
}

/// A configuration of a provider, with the values that blocks inherit.
type Provided = (Arc<ProviderConfig>, Arc<BTreeMap<Box<str>, Value>>);

impl<'p> Claimant<'p> {
    pub(crate) fn new(plan: &'p Plan, configuration: &'p PlanConfiguration) -> Result<Self, PlanError> {
        Ok(Self {
            plan,
            configuration,
            variables: plan.variables()?,
            namings: RefCell::default(),
            providers: RefCell::default(),
        })
    }

    /// How objects of a type are told apart.
    pub(crate) fn naming(&self, type_name: &str) -> Option<Arc<Naming>> {
        if let Some(naming) = self.namings.borrow().get(type_name) {
            return naming.clone();
        }
        let naming = Naming::of(type_name).map(Arc::new);
        self.namings.borrow_mut().insert(type_name.into(), naming.clone());
        naming
    }

    /// What a change claims with the values it has after the apply; decodes the arguments that name the object.
    pub(crate) fn claim(&self, change: &ResourceChange) -> Result<Option<Claim>, PlanError> {
        let Some(naming) = self.naming(&change.address.type_name) else { return Ok(None) };
        let object = change.arguments_after(self.plan.source(), &naming.arguments())?;
        Ok(self.claim_of(&change.address, &change.provider, &naming, &object))
    }

    /// What an instance claims with these values.
    pub(crate) fn claim_of(
        &self,
        address: &ResourceAddr,
        provider: &str,
        naming: &Naming,
        object: &Value,
    ) -> Option<Claim> {
        let (provider, values) = self.provider(address, provider);
        // What is set to something unknown is no default of the provider's.
        let unknown = |name: &str| object.step(&Step::attr(name)) == Some(&Value::Unknown);
        if naming.inherit.iter().any(|name| unknown(name) && self.may_be_set(address, name)) {
            return None;
        }
        let identity = naming.identify(&address.type_name, object, |name| values.get(name).cloned())?;
        Some(Claim { address: address.clone(), identity, within: naming.within, provider })
    }

    fn may_be_set(&self, address: &ResourceAddr, argument: &str) -> bool {
        let path = AttrPath::from(vec![Step::attr(argument)]);
        let block = self.configuration.resource(&address.config());
        block.is_none_or(|block| block.expressions.mention(&path) != Mention::NotSet)
    }

    /// The provider configuration that an instance uses; the provider itself where its block is gone.
    fn provider(&self, address: &ResourceAddr, source: &str) -> Provided {
        let block = self.configuration.resource(&address.config());
        let key = block.and_then(|block| block.provider.as_deref()).unwrap_or(source);
        // Old producers give each module a key of its own, whether it configures the provider or inherits it.
        let inherited = key.rsplit_once(':').filter(|_| self.configuration.provider(key).is_none());
        let key = inherited.map_or(key, |(_, own)| own);
        if let Some(known) = self.providers.borrow().get(key) {
            return known.clone();
        }
        let mut arguments = BTreeMap::new();
        let mut values = BTreeMap::new();
        if let Some(provider) = self.configuration.provider(key) {
            for name in provider.expressions.arguments() {
                let value = self.evaluate(provider, &name);
                arguments.insert(name.clone(), value.as_ref().map(digest_of));
                values.extend(value.map(|value| (name, value)));
            }
        }
        let config = ProviderConfig { key: key.into(), arguments };
        let provided = (Arc::new(config), Arc::new(values));
        self.providers.borrow_mut().insert(key.into(), provided.clone());
        provided
    }

    /// The value of an argument, if it is a constant or a variable of the root module.
    fn evaluate(&self, provider: &PlanProvider, argument: &str) -> Option<Value> {
        let value = match provider.expressions.simple(argument)? {
            Simple::Constant(value) => value,
            Simple::Reference(reference) if provider.in_root => {
                self.variables.get(reference.strip_prefix("var.")?)?.clone()
            }
            _ => return None,
        };
        (value != Value::Null).then_some(value)
    }
}
