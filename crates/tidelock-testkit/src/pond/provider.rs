//! The provider as the tool sees it: the service of the plugin protocol.

use std::collections::BTreeMap;

use tonic::{Request, Response, Status};

use super::PondError;
use super::cloud::{Cloud, Created};
use super::plan;
use super::protocol::provider_server::Provider;
use super::protocol::{
    Diagnostic, DynamicValue, ServerCapabilities, apply_resource_change, configure_provider, diagnostic,
    get_metadata, get_provider_schema, import_resource_state, plan_resource_change, read_data_source,
    read_resource, stop_provider, upgrade_resource_state, validate_data_resource_config,
    validate_provider_config, validate_resource_config,
};
use super::shape::{ProviderShape, TypeShape};
use super::value::Value;

/// One provider, posing as the one of its shape.
pub(super) struct Pond {
    pub(super) shape: ProviderShape,
    pub(super) cloud: Cloud,
}

impl Pond {
    fn shape_of(&self, kind: &str) -> Result<&TypeShape, Status> {
        self.shape.types.get(kind).ok_or_else(|| Status::not_found(format!("no resource type {kind}")))
    }

    fn apply(&self, kind: &str, prior: &Value, planned: &Value) -> Result<Applied, PondError> {
        let shape = self.shape.types.get(kind).ok_or_else(|| PondError::NoSuchObject(kind.to_owned()))?;
        let id = prior.get("id").as_str().unwrap_or_default();
        if planned.is_null() {
            return Ok(match self.cloud.delete(kind, id) {
                Ok(()) => Applied::whole(Value::Null),
                Err(refused) => Applied::Answer(prior.clone(), Some(refused.to_string())),
            });
        }
        if !prior.is_null() {
            return Ok(Applied::whole(self.cloud.update(kind, shape, id, planned)));
        }
        Ok(match self.cloud.create(kind, shape, planned)? {
            Created::Whole(object) => Applied::whole(object),
            Created::HalfWay(object) => {
                Applied::Answer(object, Some("the task ended before the object was ready".to_owned()))
            }
            Created::Stalled => Applied::Silence,
        })
    }
}

/// What came of a change.
enum Applied {
    /// The object as it is now, and what went wrong.
    Answer(Value, Option<String>),
    /// Nothing is ever heard of it.
    Silence,
}

impl Applied {
    fn whole(object: Value) -> Self {
        Self::Answer(object, None)
    }
}

impl From<PondError> for Status {
    fn from(error: PondError) -> Self {
        Self::internal(error.to_string())
    }
}

fn decode(value: Option<DynamicValue>) -> Result<Value, PondError> {
    Value::decode(&value.unwrap_or_default().msgpack)
}

fn encode(value: &Value) -> Result<Option<DynamicValue>, PondError> {
    Ok(Some(DynamicValue { msgpack: value.encode()?, json: Vec::new() }))
}

fn failed(summary: String) -> Vec<Diagnostic> {
    vec![Diagnostic { severity: diagnostic::Severity::Error.into(), summary, detail: String::new() }]
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl Provider for Pond {
    async fn get_metadata(&self, _: Request<get_metadata::Request>) -> Answer<get_metadata::Response> {
        Err(Status::unimplemented("asked for the whole schema instead"))
    }

    async fn get_provider_schema(
        &self,
        _: Request<get_provider_schema::Request>,
    ) -> Answer<get_provider_schema::Response> {
        let schemas = |types: &BTreeMap<String, TypeShape>| {
            types.iter().map(|(name, shape)| (name.clone(), shape.schema())).collect()
        };
        Ok(Response::new(get_provider_schema::Response {
            provider: Some(self.shape.config_schema()),
            resource_schemas: schemas(&self.shape.types),
            data_source_schemas: schemas(&self.shape.data),
            diagnostics: Vec::new(),
            server_capabilities: Some(ServerCapabilities::default()),
        }))
    }

    async fn validate_provider_config(
        &self,
        _: Request<validate_provider_config::Request>,
    ) -> Answer<validate_provider_config::Response> {
        Ok(Response::new(validate_provider_config::Response::default()))
    }

    async fn validate_resource_config(
        &self,
        _: Request<validate_resource_config::Request>,
    ) -> Answer<validate_resource_config::Response> {
        Ok(Response::new(validate_resource_config::Response::default()))
    }

    async fn validate_data_resource_config(
        &self,
        _: Request<validate_data_resource_config::Request>,
    ) -> Answer<validate_data_resource_config::Response> {
        Ok(Response::new(validate_data_resource_config::Response::default()))
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<upgrade_resource_state::Request>,
    ) -> Answer<upgrade_resource_state::Response> {
        // The shapes have no older versions: the state's JSON is the object.
        let json = request.into_inner().raw_state.unwrap_or_default().json;
        Ok(Response::new(upgrade_resource_state::Response {
            upgraded_state: Some(DynamicValue { json, msgpack: Vec::new() }),
            diagnostics: Vec::new(),
        }))
    }

    async fn configure_provider(
        &self,
        _: Request<configure_provider::Request>,
    ) -> Answer<configure_provider::Response> {
        Ok(Response::new(configure_provider::Response::default()))
    }

    async fn read_resource(
        &self,
        request: Request<read_resource::Request>,
    ) -> Answer<read_resource::Response> {
        let request = request.into_inner();
        let shape = self.shape_of(&request.type_name)?;
        let recorded = decode(request.current_state)?;
        let actual = self.cloud.read(&request.type_name, shape, &recorded).unwrap_or_default();
        Ok(Response::new(read_resource::Response {
            new_state: encode(&actual)?,
            diagnostics: Vec::new(),
            private: request.private,
        }))
    }

    async fn plan_resource_change(
        &self,
        request: Request<plan_resource_change::Request>,
    ) -> Answer<plan_resource_change::Response> {
        let request = request.into_inner();
        let shape = self.shape_of(&request.type_name)?;
        let shape = self.cloud.as_released(&request.type_name, shape)?;
        let planned = plan::plan(&shape, &decode(request.prior_state)?, &decode(request.proposed_new_state)?);
        Ok(Response::new(plan_resource_change::Response {
            planned_state: encode(&planned.state)?,
            requires_replace: planned.replaces.iter().map(super::path::Path::to_protocol).collect(),
            planned_private: request.prior_private,
            diagnostics: Vec::new(),
            legacy_type_system: !shape.framework,
        }))
    }

    async fn apply_resource_change(
        &self,
        request: Request<apply_resource_change::Request>,
    ) -> Answer<apply_resource_change::Response> {
        let request = request.into_inner();
        let shape = self.shape_of(&request.type_name)?;
        let (prior, planned) = (decode(request.prior_state)?, decode(request.planned_state)?);
        let (object, error) = match self.apply(&request.type_name, &prior, &planned) {
            Ok(Applied::Answer(object, error)) => (object, error),
            Ok(Applied::Silence) => std::future::pending().await,
            Err(error) => (Value::Null, Some(error.to_string())),
        };
        Ok(Response::new(apply_resource_change::Response {
            new_state: encode(&object)?,
            private: request.planned_private,
            diagnostics: error.map(failed).unwrap_or_default(),
            legacy_type_system: !shape.framework,
        }))
    }

    async fn import_resource_state(
        &self,
        request: Request<import_resource_state::Request>,
    ) -> Answer<import_resource_state::Response> {
        let request = request.into_inner();
        self.shape_of(&request.type_name)?;
        let Some(object) = self.cloud.get(&request.type_name, &request.id) else {
            let diagnostics = failed(format!("there is no object {}", request.id));
            return Ok(Response::new(import_resource_state::Response {
                imported_resources: Vec::new(),
                diagnostics,
            }));
        };
        let imported = import_resource_state::ImportedResource {
            type_name: request.type_name,
            state: encode(&object)?,
            private: Vec::new(),
        };
        Ok(Response::new(import_resource_state::Response {
            imported_resources: vec![imported],
            diagnostics: Vec::new(),
        }))
    }

    async fn read_data_source(
        &self,
        request: Request<read_data_source::Request>,
    ) -> Answer<read_data_source::Response> {
        let request = request.into_inner();
        let asked = decode(request.config)?;
        let found = self.cloud.find(&request.type_name, &asked);
        let diagnostics = match found {
            Some(_) => Vec::new(),
            None => failed("nothing matches what the data source asks for".to_owned()),
        };
        let state = encode(&asked.filled_from(&found.unwrap_or_default()))?;
        Ok(Response::new(read_data_source::Response { state, diagnostics }))
    }

    async fn stop_provider(&self, _: Request<stop_provider::Request>) -> Answer<stop_provider::Response> {
        Ok(Response::new(stop_provider::Response::default()))
    }
}
