//! The way in for embedders.

use std::{collections::BTreeMap, sync::Arc};

#[cfg(feature = "encryption")]
use tidelock_parse::encryption::Keys;
use tidelock_parse::{
    Configuration, Input, InputError, Kind, Plan, PlanError, Schemas, Source, State, Stream,
    config::{self, ConfigError, SourceTree},
    input::{Document, Remark},
    schema::SchemaFile,
    stream::PlanPart,
};
use tidelock_rules::{
    Anchor, Baseline, FailOn, Policy, Question, Report,
    approval::{Approval, ApprovalError, Terms, Verified},
    catalogue::Catalogue,
    claims::{Claims, Elsewhere},
    context::{Given, GivenState},
    diff::Artifact,
    graph::{Focus, Graph, View},
    overview::{Listing, Overview},
    report::{Command, InputInfo, Note},
};

use crate::{Error, artifact::artifact};

/// What an answer may rest on; build it once, ask it about many inputs.
///
/// Clones share what has been decoded of schemas and facts, so that the second plan costs less than the first.
#[derive(Clone)]
pub struct Analysis<'a> {
    tree: Option<&'a dyn SourceTree>,
    nearby: Option<&'a dyn SourceTree>,
    anchor: Anchor,
    schemas: Schemas,
    catalogue: Catalogue,
    fail_on: FailOn,
    policy: Policy,
    baseline: Option<Baseline>,
    given: Given,
    info: InputInfo,
    notes: Vec<Note>,
    #[cfg(feature = "encryption")]
    keys: Keys,
}

/// An answer, with what was wrong on the way to it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer {
    /// The answer.
    pub report: Report,
    /// Files of the configuration that could not be read; the report says which, these say why.
    pub warnings: Vec<ConfigError>,
}

/// What was approved, and what a gate says to the plan without it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Approved {
    /// What a gate says to the plan.
    pub report: Report,
    /// What the plan does.
    pub approval: Approval,
    /// Files of the configuration that could not be read; the report says which, these say why.
    pub warnings: Vec<ConfigError>,
}

impl Default for Analysis<'_> {
    fn default() -> Self {
        Self {
            tree: None,
            nearby: None,
            anchor: Anchor::default(),
            schemas: Schemas::builtin(),
            catalogue: Catalogue::builtin(),
            fail_on: FailOn::default(),
            policy: Policy::default(),
            baseline: None,
            given: Given::default(),
            info: InputInfo::default(),
            notes: Vec::new(),
            #[cfg(feature = "encryption")]
            keys: Keys::default(),
        }
    }
}

impl<'a> Analysis<'a> {
    /// An analysis with the built-in schemas and facts, and no sources.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rests on the `.tf` sources of the stack. They win over those that a saved plan holds.
    #[must_use]
    pub fn config(mut self, tree: &'a dyn SourceTree) -> Self {
        self.tree = Some(tree);
        self
    }

    /// Rests on `.tf` sources that nobody named, such as those beside the plan: those that a saved plan holds win.
    #[must_use]
    pub fn config_nearby(mut self, tree: &'a dyn SourceTree) -> Self {
        self.nearby = Some(tree);
        self
    }

    /// The sources that an answer about `plan` rests on: those that were named, else those inside the plan, unless the
    /// same ones stand nearby, where files with the values of variables stand beside them.
    fn sources<'p>(&self, plan: &'p Plan) -> Result<Option<Loaded<'p>>, PlanError> {
        let load = |tree| Ok(Some(Loaded::Given(Configuration::load(tree, &plan.variables()?))));
        if let Some(tree) = self.tree {
            return load(tree);
        }
        match (plan.sources(), self.nearby) {
            (None, Some(nearby)) => load(nearby),
            (Some(own), Some(nearby)) if config::same(own, nearby) => load(nearby),
            (_, _) => Ok(plan.own_configuration()?.map(Loaded::Inside)),
        }
    }

    /// Says where the sources stand in the repository, so that reports name files as reviewers know them.
    #[must_use]
    pub fn anchor(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    /// Opens states and plans that `OpenTofu` encrypted. What is not encrypted needs no key; to be called before
    /// [`Analysis::state`].
    #[cfg(feature = "encryption")]
    #[must_use]
    pub fn keys(mut self, keys: Keys) -> Self {
        self.keys = keys;
        self
    }

    /// The input as it is read: without its envelope.
    #[cfg(feature = "encryption")]
    fn opened(&self, source: &Source) -> Result<Source, Error> {
        Ok(self.keys.open(source)?)
    }

    /// The input as it is read.
    #[cfg(not(feature = "encryption"))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "as the other one")]
    fn opened(&self, source: &Source) -> Result<Source, Error> {
        Ok(source.clone())
    }

    /// Rests on a provider schema (`tofu providers schema -json`), which wins over the built-in digest.
    ///
    /// # Errors
    /// [`Error::Input`] or [`Error::Schema`] if the source holds no schemas.
    pub fn schema(mut self, source: &Source) -> Result<Self, Error> {
        self.schemas = with_schemas(self.schemas, source)?;
        Ok(self)
    }

    /// Rests on other facts about resource types.
    #[must_use]
    pub fn catalogue(mut self, catalogue: Catalogue) -> Self {
        self.catalogue = catalogue;
        self
    }

    /// Counts further things.
    #[must_use]
    pub fn fail_on(mut self, fail_on: FailOn) -> Self {
        self.fail_on = fail_on;
        self
    }

    /// Goes by what people decided: severities, limits, waivers.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Goes by what was there when the tool was adopted: it is marked, and does not count.
    #[must_use]
    pub fn baseline(mut self, baseline: Baseline) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Says what the caller expects of the plan, or gives beside it, such as the state it is going to be applied to.
    #[must_use]
    pub fn given(mut self, given: Given) -> Self {
        self.given = given;
        self
    }

    /// Says which state the plan is going to be applied to: raw (`tofu state pull`) or `show -json`. No bytes at all
    /// mean that there is none, which is what `state pull` prints then.
    ///
    /// # Errors
    /// [`Error::Input`] or [`Error::State`] if the source holds no state.
    pub fn state(mut self, source: &Source) -> Result<Self, Error> {
        if source.bytes().is_empty() {
            self.given.state = GivenState::Missing;
            let message = format!("{}: empty, so there is no state yet", source.name());
            return Ok(self.note(Note { code: "state::missing", message }));
        }
        self.given.state = GivenState::Is(Arc::new(state(&self.opened(source)?)?));
        Ok(self)
    }

    /// Says what other plans claim that are asked about together, see [`Plans::claims`].
    #[must_use]
    pub fn beside(mut self, elsewhere: Vec<Elsewhere>) -> Self {
        self.given.elsewhere = elsewhere;
        self
    }

    /// Holds the plan against what somebody approved; [`Verified::read`] reads the file. It is about one plan: an input
    /// with several is an error then.
    #[must_use]
    pub fn approval(mut self, approval: Verified) -> Self {
        self.given.approval = Some(Arc::new(approval));
        self
    }

    /// Says what the caller knows about the input: stack, workspace, commit. The rest is filled in.
    #[must_use]
    pub fn info(mut self, info: InputInfo) -> Self {
        self.info = info;
        self
    }

    /// Adds a remark to every report.
    #[must_use]
    pub fn note(mut self, note: Note) -> Self {
        self.notes.push(note);
        self
    }

    /// What changed outside, and does it matter? For an input with one plan.
    ///
    /// # Errors
    /// [`Error`] if the input holds no plan, a broken one, or several.
    pub fn drift(&self, source: &Source) -> Result<Report, Error> {
        self.only(Command::Drift, source)
    }

    /// May this plan be applied? For an input with one plan.
    ///
    /// # Errors
    /// [`Error`] if the input holds no plan, a broken one, or several.
    pub fn gate(&self, source: &Source) -> Result<Report, Error> {
        self.only(Command::Gate, source)
    }

    fn only(&self, command: Command, source: &Source) -> Result<Report, Error> {
        let mut answers = self.answers(command, source);
        match (answers.pop(), answers.len()) {
            (Some(answer), 0) => answer.map(|answer| answer.report),
            (last, others) => {
                let plans = others + usize::from(last.is_some());
                Err(Error::Several { input: source.name().to_owned(), plans })
            }
        }
    }

    /// Records what a plan does, so that a gate can hold a later plan against it, and what the gate says to it now. For
    /// an input with one plan.
    ///
    /// # Errors
    /// [`Error`] if the input holds no plan, a broken one, or several.
    pub fn approve(&self, source: &Source, terms: &Terms) -> Result<Approved, Error> {
        let Documents { mut plans, several, remarks } = Documents::read(&self.opened(source)?)?;
        let (Some((plan, name)), false) = (plans.next(), several) else {
            let input = source.name().to_owned();
            return Err(ApprovalError::Several { input, plans: 1 + plans.count() }.into());
        };
        let approve = |question: Question<'_>| question.approve(terms);
        let plan = with_values(plan?)?;
        let ((report, approval), warnings) = self.ask(Command::Gate, &plan, &remarks, &name, approve)?;
        Ok(Approved { report, approval, warnings })
    }

    /// What refers to what among the instances of a plan: all of it, or what is asked about with all that it depends on
    /// and all that depends on it. For an input with one plan.
    ///
    /// # Errors
    /// [`Error`] if the input holds no plan, a broken one, or several.
    pub fn graph(&self, source: &Source, focus: Option<&Focus>) -> Result<View, Error> {
        let Documents { mut plans, several, .. } = Documents::read(&self.opened(source)?)?;
        let (Some((plan, _)), false) = (plans.next(), several) else {
            return Err(Error::Several { input: source.name().to_owned(), plans: 1 + plans.count() });
        };
        let plan = with_values(plan?)?;
        let sources = self.sources(&plan)?;
        let sources = sources.as_ref().map(Loaded::get);
        let view = View::new(&plan, &Graph::of(sources, &plan.configuration()?));
        Ok(match focus {
            Some(focus) => view.focused(focus),
            None => view,
        })
    }

    /// What is in a plan or a state; `None` for an artifact that is neither. With sources it tells what is protected.
    ///
    /// # Errors
    /// [`Error`] if it is broken.
    pub fn overview(
        &self,
        source: &Source,
        document: Document,
        listing: Listing,
    ) -> Result<Option<Overview>, Error> {
        let overview = match artifact(source, document)? {
            Some(Artifact::Plan(plan)) => {
                let sources = self.sources(&plan)?;
                let sources = sources.as_ref().map(Loaded::get);
                Overview::of_plan(&plan, sources, &self.catalogue, listing)?
            }
            Some(Artifact::State(state)) => {
                let sources = self.tree.map(|tree| Configuration::load(tree, &BTreeMap::new()));
                Overview::of_state(&state, sources.as_ref(), &self.catalogue, listing)?
            }
            _ => return Ok(None),
        };
        Ok(Some(overview))
    }

    /// Answers a question for every plan in an input; there is always at least one result.
    pub fn answers(&self, command: Command, source: &Source) -> Vec<Result<Answer, Error>> {
        let plans = self.opened(source).and_then(|source| Plans::read(&source));
        plans.map_or_else(|error| vec![Err(error)], |plans| self.answers_about(command, source.name(), plans))
    }

    /// The same for plans that were read already; `input` is the name of what they were read from.
    pub fn answers_about(&self, command: Command, input: &str, plans: Plans) -> Vec<Result<Answer, Error>> {
        if plans.several && self.given.approval.is_some() {
            let error = ApprovalError::Several { input: input.to_owned(), plans: plans.read.len() };
            return vec![Err(error.into())];
        }
        let mut together = self.clone();
        if plans.several && command == Command::Gate && self.given.elsewhere.is_empty() {
            // What cannot be read is complained about below.
            together = together.beside(Claims::joined(plans.claims().unwrap_or_default()));
        }
        let Plans { read, remarks, .. } = plans;
        let answer = |(plan, name): (Result<Plan, Error>, String)| {
            let plan = if command == Command::Gate { with_values(plan?)? } else { plan? };
            together.answer(command, &plan, &remarks, &name)
        };
        read.into_iter().map(answer).collect()
    }

    fn answer(&self, command: Command, plan: &Plan, remarks: &[Remark], name: &str) -> Result<Answer, Error> {
        let answer = |question: Question<'_>| question.answer();
        let (report, warnings) = self.ask(command, plan, remarks, name, answer)?;
        Ok(Answer { report, warnings })
    }

    /// Asks about one plan; returns what was wrong with the configuration besides.
    fn ask<T>(
        &self,
        command: Command,
        plan: &Plan,
        remarks: &[Remark],
        name: &str,
        with: impl FnOnce(Question<'_>) -> Result<T, PlanError>,
    ) -> Result<(T, Vec<ConfigError>), Error> {
        let sources = self.sources(plan)?;
        let sources = sources.as_ref().map(Loaded::get);
        let warnings = sources.map(|sources| sources.diagnostics().to_vec()).unwrap_or_default();
        let mut question = Question::new(command, plan);
        question.sources = sources;
        question.anchor = self.anchor.clone();
        question.fail_on = self.fail_on.clone();
        question.policy = self.policy.clone();
        question.baseline.clone_from(&self.baseline);
        question.given = self.given.clone();
        question.input = InputInfo { path: Some(name.to_owned()), ..self.info.clone() };
        question.schemas = self.schemas.clone();
        if let Some(inside) = plan.schemas() {
            question.schemas = question.schemas.with_file(inside.clone());
        }
        question.catalogue = self.catalogue.clone();
        question.notes.clone_from(&self.notes);
        question
            .notes
            .extend(remarks.iter().map(|remark| Note { code: remark.code(), message: remark.to_string() }));
        question.notes.extend(
            warnings.iter().map(|warning| Note { code: "config::left_out", message: warning.to_string() }),
        );
        Ok((with(question)?, warnings))
    }
}

/// Sources, parsed.
#[allow(clippy::large_enum_variant, reason = "there is one of them for a question")]
enum Loaded<'p> {
    /// From a tree.
    Given(Configuration),
    /// Those inside the plan, which keeps them.
    Inside(&'p Configuration),
}

impl Loaded<'_> {
    fn get(&self) -> &Configuration {
        match self {
            Self::Given(configuration) => configuration,
            Self::Inside(configuration) => configuration,
        }
    }
}

/// Adds the provider schemas of a file (`tofu providers schema -json`), which win over the built-in ones.
///
/// # Errors
/// [`Error::Input`] or [`Error::Schema`] if the source holds no schemas.
pub fn with_schemas(schemas: Schemas, source: &Source) -> Result<Schemas, Error> {
    let input = Input::read(source)?;
    input.documents.iter().try_fold(schemas, |schemas, document| {
        if document.kind != Kind::Schemas {
            return Err(InputError::wrong_kind(source, document.kind, "provider schemas").into());
        }
        Ok(schemas.with_file(SchemaFile::from_source(input.source.clone(), document.text)?))
    })
}

/// Reads a state, in whichever form.
fn state(source: &Source) -> Result<State, Error> {
    // A big state is read in one pass, as a big plan is.
    let mut presumed = None;
    if let Some(document) = Input::presume(source).filter(|document| document.kind == Kind::State) {
        match State::from_raw(source, document.text) {
            Ok(state) => return Ok(state),
            Err(error) => presumed = Some(error),
        }
    }
    // What cannot be read at all is a damaged state.
    let input = Input::read(source).map_err(|error| presumed.map_or_else(|| error.into(), Error::from))?;
    match input.documents.as_slice() {
        [only] if only.kind == Kind::State => Ok(State::from_raw(&input.source, only.text)?),
        [only] if only.kind == Kind::StateJson => Ok(State::from_json(&input.source, only.text)?),
        others => {
            let kind = others.first().map_or(Kind::UnknownJson, |document| document.kind);
            Err(InputError::wrong_kind(source, kind, "one state").into())
        }
    }
}

/// The plans of an input, read once to be asked several things.
///
/// Beside the input itself they take about an eighth of its size.
#[derive(Debug)]
pub struct Plans {
    read: Vec<(Result<Plan, Error>, String)>,
    several: bool,
    remarks: Vec<Remark>,
}

impl Plans {
    /// Reads all plans of an input. One of several that is broken is an error only when it is asked about.
    ///
    /// An encrypted plan is opened before: `encryption::Keys::open`.
    ///
    /// # Errors
    /// [`Error`] if the input holds no plan.
    pub fn read(source: &Source) -> Result<Self, Error> {
        let Documents { plans, several, remarks } = Documents::read(source)?;
        Ok(Self { read: plans.collect(), several, remarks })
    }

    /// What the plans create and hold, under the names that their reports will have: for [`Claims::joined`] and
    /// [`Analysis::beside`], so that collisions between plans are found.
    ///
    /// # Errors
    /// [`Error`] if a plan is broken.
    pub fn claims(&self) -> Result<Vec<(String, Claims)>, Error> {
        let claims = |(plan, name): &(Result<Plan, Error>, String)| {
            let plan = plan.as_ref().map_err(Clone::clone)?;
            Ok((name.clone(), Claims::of(plan)?))
        };
        self.read.iter().map(claims).collect()
    }
}

/// The plans of an input, each with the name of its report.
struct Documents {
    plans: Box<dyn Iterator<Item = (Result<Plan, Error>, String)>>,
    several: bool,
    remarks: Vec<Remark>,
}

impl Documents {
    fn read(source: &Source) -> Result<Self, Error> {
        let name = source.name().to_owned();
        // A big plan is read in one pass, on the promise of its first keys.
        if let Some(document) = Input::presume(source).filter(|document| document.kind == Kind::PlanJson)
            && let Ok(plan) = Plan::read(source, document.text)
        {
            let plans = Box::new(std::iter::once((Ok(plan), name)));
            return Ok(Self { plans, several: false, remarks: Vec::new() });
        }
        let Input { source, documents, remarks, .. } = Input::read(source)?;
        #[cfg(feature = "planfile")]
        if documents.iter().any(|document| document.kind == Kind::SavedPlan) {
            let plans = Box::new(std::iter::once((Plan::from_saved(&source).map_err(Error::from), name)));
            return Ok(Self { plans, several: false, remarks });
        }
        let of_kind =
            |kind| documents.iter().copied().filter(move |document| document.kind == kind).collect();
        let mut plans: Vec<Document> = of_kind(Kind::PlanJson);
        if plans.is_empty() {
            plans = of_kind(Kind::UiStream);
        }
        if plans.is_empty() {
            let kind = documents.first().map_or(Kind::UnknownJson, |document| document.kind);
            return Err(InputError::wrong_kind(&source, kind, "a plan").into());
        }
        let logs = documents.iter().filter(|document| document.kind == Kind::UiStream).count();
        let written = documents.iter().filter(|document| document.kind == Kind::PlanJson).count();
        if logs > 0 && written > 0 {
            // Which of them is meant, nobody can tell.
            return Err(Error::SeveralArtifacts { input: name, artifacts: logs + written });
        }
        // An answer about the others would seem to be one about all.
        let sealed = |kind| matches!(kind, Kind::EncryptedPlan | Kind::EncryptedState);
        if let Some(sealed) = documents.iter().find(|document| sealed(document.kind)) {
            return Err(sealed_among(&source, &documents, sealed.kind));
        }
        let several = plans.len() > 1;
        let plans = plans.into_iter().zip(1..).map(move |(document, number)| {
            let name = if several { format!("{name}#{number}") } else { name.clone() };
            (plan(&source, document), name)
        });
        Ok(Self { plans: Box::new(plans), several, remarks })
    }
}

/// Something encrypted stands among other artifacts.
#[cfg(feature = "encryption")]
fn sealed_among(source: &Source, documents: &[Document], _: Kind) -> Error {
    let (input, documents) = (source.name().to_owned(), documents.len());
    tidelock_parse::encryption::EncryptionError::Several { input, documents }.into()
}

/// Something encrypted stands among other artifacts.
#[cfg(not(feature = "encryption"))]
fn sealed_among(source: &Source, _: &[Document], sealed: Kind) -> Error {
    InputError::wrong_kind(source, sealed, "plans alone").into()
}

/// Reads a plan, in whichever form.
fn plan(source: &Source, document: Document) -> Result<Plan, Error> {
    if document.kind != Kind::UiStream {
        return Ok(Plan::read(source, document.text)?);
    }
    let stream = Stream::read(source, document.text);
    if stream.plan() == PlanPart::None {
        return Err(InputError::NoPlanInLog { input: source.name().to_owned() }.into());
    }
    Ok(Plan::from_stream(source, Arc::new(stream))?)
}

/// Refuses what only the log of a run tells of: what it leaves out decides these questions.
fn with_values(plan: Plan) -> Result<Plan, Error> {
    match plan.stream() {
        Some(_) => {
            Err(InputError::wrong_kind(plan.source(), Kind::UiStream, "a plan with its values").into())
        }
        None => Ok(plan),
    }
}
