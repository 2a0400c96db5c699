//! Which endpoints may serve a call, in which order, and why the others may not.
//!
//! Pure: a function of the call, the catalog and the moment. Hard filters name their reason, so that a refusal can say what
//! excluded what. The order is the client's (`order`), then by price: what this prompt and an answer of typical length cost.

use std::cmp::Reverse;
use std::sync::Arc;

use canon::{EmbedInput, Message, Part, Request, ResponseFormat, Task, TaskKind};
use domain::{Exclusion, ModelSlug, Prices, Rate, Timestamp, Unit};
use providers::catalog::{Catalog, Endpoint, EndpointStatus, Modality, Model, covers};
use providers::reach::{NotCallable, Snapshot};
use rust_decimal::Decimal;

use crate::call::{Call, Routing};
use crate::error::GatewayError;
use crate::estimate::{PromptSize, prompt_size};

/// Completion tokens for each prompt token when prices are compared: the mix that price lists are usually compared at.
const COMPLETION_SHARE: Decimal = Decimal::from_parts(25, 0, 0, false, 2);

/// What will be tried, in order.
#[derive(Clone, Debug)]
pub struct Plan {
    pub candidates: Vec<Candidate>,
    pub excluded: Vec<Exclusion>,
    pub prompt: PromptSize,
}

/// An endpoint that may serve.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub endpoint: Arc<Endpoint>,
    /// With the variant.
    pub model: ModelSlug,
    /// Its place among the models the client named: the next model is tried after *any* error, the next endpoint only where
    /// it may do better.
    pub model_rank: usize,
    /// The completion tokens that the hold covers, where that is less than the model may give.
    pub token_cap: Option<u64>,
}

impl Candidate {
    /// Whether the provider's bill ends when its connection is dropped. Unknown is no: who drops it then pays for what
    /// nobody saw counted.
    pub fn stops_billing_when_dropped(&self) -> bool {
        self.endpoint.provider.quirks.cancels_on_disconnect == Some(true)
    }
}

/// Plans a call. Errors: `ModelNotFound`, `WrongEndpoint`, `NoEndpoints`.
pub fn plan(call: &Call, snapshot: &Snapshot, at: Timestamp) -> Result<Plan, GatewayError> {
    let prompt = prompt_size(&call.task);
    let needs = Needs::of(call, prompt);
    let mut plan = Plan { candidates: Vec::new(), excluded: Vec::new(), prompt };
    for (model_rank, name) in call.models.iter().enumerate() {
        let (model, endpoints) = find_model(&snapshot.catalog, name)?;
        does_else(&snapshot.catalog, &model, needs.task)?;
        let mut fit = Vec::new();
        for endpoint in endpoints {
            match exclusion(endpoint, snapshot, &call.routing, &needs, at) {
                None => fit.push(endpoint.clone()),
                Some(reason) => plan.excluded.push(Exclusion { tag: endpoint.tag.clone(), reason: reason.to_owned() }),
            }
        }
        prefer_capable(&mut fit, &needs);
        order(&mut fit, &call.routing, &needs, at);
        if !call.routing.allow_fallbacks {
            fit.truncate(call.routing.order.len().max(1));
        }
        plan.candidates.extend(fit.into_iter().map(|endpoint| Candidate {
            endpoint,
            model: model.clone(),
            model_rank,
            token_cap: None,
        }));
    }
    if plan.candidates.is_empty() { Err(nothing_left(call, snapshot, plan.excluded)) } else { Ok(plan) }
}

/// Finds a model by its slug, or by its dated canonical slug.
pub fn find_model<'a>(catalog: &'a Catalog, name: &str) -> Result<(ModelSlug, &'a [Arc<Endpoint>]), GatewayError> {
    let slug: Option<ModelSlug> = name.parse().ok();
    let known = slug.and_then(|slug| catalog.endpoints.get_key_value(&slug)).or_else(|| {
        let dated = catalog.models.values().find(|m| m.canonical_slug.as_deref() == Some(name))?;
        catalog.endpoints.get_key_value(&dated.slug)
    });
    if let Some((slug, endpoints)) = known {
        return Ok((slug.clone(), endpoints));
    }
    if let Some(model) = name.parse().ok().and_then(|slug: ModelSlug| catalog.models.get(&slug)) {
        return Ok((model.slug.clone(), &[]));
    }
    Err(GatewayError::ModelNotFound { model: name.chars().take(100).collect(), similar: similar_models(catalog, name) })
}

/// Refuses a task that is not the model's: another route is.
fn does_else(catalog: &Catalog, slug: &ModelSlug, asked: TaskKind) -> Result<(), GatewayError> {
    match catalog.models.get(&slug.base()).and_then(|model| model.kind.task()) {
        Some(gives) if gives != asked => Err(GatewayError::WrongEndpoint { model: slug.to_string(), gives }),
        _ => Ok(()),
    }
}

/// What a call asks of an endpoint.
#[derive(Default)]
struct Needs {
    task: TaskKind,
    prompt: PromptSize,
    max_tokens: Option<u64>,
    images: bool,
    audio: bool,
    video: bool,
    files: bool,
    tools: bool,
    json_schema: bool,
    reasoning: bool,
}

impl Needs {
    fn of(call: &Call, prompt: PromptSize) -> Self {
        match &call.task {
            Task::Chat(request) => Self::of_chat(request, prompt),
            Task::Embed(request) => {
                let parts = request.inputs.iter().flat_map(|input| match input {
                    EmbedInput::Parts(parts) => parts.as_slice(),
                    EmbedInput::Text(_) | EmbedInput::Tokens(_) => &[],
                });
                Self { task: TaskKind::Embed, prompt, ..Self::of_media(parts) }
            }
            Task::Rerank(_) => Self { task: TaskKind::Rerank, prompt, ..Self::default() },
        }
    }

    fn of_chat(request: &Request, prompt: PromptSize) -> Self {
        Self {
            task: TaskKind::Chat,
            prompt,
            max_tokens: request.max_tokens,
            tools: !request.tools.is_empty(),
            json_schema: matches!(
                request.response_format,
                Some(ResponseFormat::JsonSchema(_) | ResponseFormat::JsonObject)
            ),
            reasoning: request.reasoning.as_ref().is_some_and(|r| !r.is_off()),
            ..Self::of_media(request.messages.iter().flat_map(message_parts))
        }
    }

    fn of_media<'a>(parts: impl Iterator<Item = &'a Part>) -> Self {
        let mut needs = Self::default();
        for part in parts {
            match part {
                Part::Text { .. } => {}
                Part::Image { .. } => needs.images = true,
                Part::Audio { .. } => needs.audio = true,
                Part::Video { .. } => needs.video = true,
                Part::File { .. } => needs.files = true,
            }
        }
        needs
    }

    fn modalities(&self) -> impl Iterator<Item = Modality> {
        let wanted = [
            (self.images, Modality::Image),
            (self.audio, Modality::Audio),
            (self.video, Modality::Video),
            (self.files, Modality::File),
        ];
        wanted.into_iter().filter_map(|(needed, modality)| needed.then_some(modality))
    }
}

/// What a message consists of.
pub fn message_parts(message: &Message) -> &[Part] {
    match message {
        Message::System { parts, .. }
        | Message::Developer { parts, .. }
        | Message::User { parts, .. }
        | Message::Assistant { parts, .. }
        | Message::Tool { parts, .. } => parts,
    }
}

/// The first reason against an endpoint, in the words of `excluded_by` (OPENROUTER.md §2.5); ours where it has none.
fn exclusion(
    e: &Endpoint,
    snapshot: &Snapshot,
    routing: &Routing,
    needs: &Needs,
    at: Timestamp,
) -> Option<&'static str> {
    let named = |list: &[String]| list.iter().any(|wanted| e.tag.matches(wanted));
    let prices = e.prices.at(needs.prompt.guess, at);
    let policy = &e.provider.policy;
    let reach = snapshot.of(&e.provider.slug, needs.task);
    let checks: [(bool, &'static str); 14] = [
        (e.is_past(at), "retired"),
        (!does(e, needs.task), "modality"),
        (!routing.only.is_empty() && !named(&routing.only), "allowed_providers"),
        (named(&routing.ignore), "ignored_providers"),
        (!covers(&prices, needs.task), "price_unknown"),
        (over_max_price(&prices, routing), "max_price"),
        (
            !routing.quantizations.is_empty()
                && !routing.quantizations.iter().any(|q| q == e.quantization.as_deref().unwrap_or("unknown")),
            "quantization",
        ),
        (routing.deny_data_collection && policy.training != Some(false), "data_policy:training"),
        (routing.zdr && policy.retains_prompts != Some(false), "data_policy:zdr"),
        (too_long(e, needs), "context_length"),
        (!accepts(e, needs), "modality"),
        (lacks_parameter(e, routing, needs), "require_parameters"),
        (
            matches!(reach, Err(NotCallable::Task(_))) || reach.as_ref().is_ok_and(|r| !e.is_served_over(r.dialect)),
            "dialect",
        ),
        (reach.is_err(), "provider_key"),
    ];
    checks.into_iter().find_map(|(hit, reason)| hit.then_some(reason))
}

/// Whether the endpoint's model is one for such a task.
fn does(e: &Endpoint, task: TaskKind) -> bool {
    match task {
        TaskKind::Chat => e.output_modalities.is_empty() || e.output_modalities.contains(&Modality::Text),
        other => e.model.kind.task() == Some(other),
    }
}

fn over_max_price(prices: &Prices, routing: &Routing) -> bool {
    let over = |unit, max: Option<Rate>| max.is_some_and(|max| prices.charged(unit) > max);
    let max = routing.max_price;
    over(Unit::Prompt, max.prompt) || over(Unit::Completion, max.completion) || over(Unit::Request, max.request)
}

fn too_long(e: &Endpoint, needs: &Needs) -> bool {
    let wanted_output = needs.max_tokens.unwrap_or(0);
    let context = e.context_length.or(e.model.context_length);
    let over = |limit: Option<u64>, tokens: u64| limit.is_some_and(|limit| tokens > limit);
    // The guess may be off by half in either direction: an endpoint is left out only where the prompt cannot fit.
    let at_least = needs.prompt.guess / 2 / needs.prompt.pieces.contexts.max(1);
    over(context, at_least.saturating_add(wanted_output))
        || over(e.max_prompt_tokens, at_least)
        || over(e.max_output, wanted_output)
}

fn accepts(e: &Endpoint, needs: &Needs) -> bool {
    let known = if e.input_modalities.is_empty() { &e.model.input_modalities } else { &e.input_modalities };
    known.is_empty() || needs.modalities().all(|m| known.contains(&m))
}

/// Whether the endpoint can do what is asked, as far as known; `None` counts as `unknown`.
fn capable(e: &Endpoint, needs: &Needs, unknown: bool) -> bool {
    let known = |of_endpoint: Option<bool>, of_model: Option<bool>| of_endpoint.or(of_model).unwrap_or(unknown);
    let (mine, model) = (e.capabilities, e.model.capabilities);
    (!needs.tools || known(mine.tools, model.tools))
        && (!needs.json_schema || known(mine.structured_outputs, model.structured_outputs))
        && (!needs.reasoning || known(mine.reasoning, model.reasoning))
}

fn lacks_parameter(e: &Endpoint, routing: &Routing, needs: &Needs) -> bool {
    routing.require_parameters && !capable(e, needs, false)
}

/// Soft filter: endpoints known to lack what is asked give way to those that may have it, unless none is left.
fn prefer_capable(fit: &mut Vec<Arc<Endpoint>>, needs: &Needs) {
    if fit.iter().any(|e| capable(e, needs, true)) {
        fit.retain(|e| capable(e, needs, true));
    }
}

/// The client's order, then confirmed before unconfirmed, then price, then the tag, so that equals have a fixed order.
fn order(fit: &mut [Arc<Endpoint>], routing: &Routing, needs: &Needs, at: Timestamp) {
    fit.sort_by_cached_key(|e| {
        let wish = routing.order.iter().position(|wanted| e.tag.matches(wanted)).unwrap_or(usize::MAX);
        let unsure = e.status == EndpointStatus::Unconfirmed;
        let capable = Reverse(capable(e, needs, false));
        (wish, unsure, blended_price(&e.prices.at(needs.prompt.guess, at)), capable, e.tag.clone())
    });
}

/// Dollars per prompt token with its share of completion tokens.
fn blended_price(prices: &Prices) -> Decimal {
    prices.charged(Unit::Prompt).dollars() + prices.charged(Unit::Completion).dollars() * COMPLETION_SHARE
}

fn nothing_left(call: &Call, snapshot: &Snapshot, excluded: Vec<Exclusion>) -> GatewayError {
    let models = call.models.join(", ");
    let all = |reason: &str| !excluded.is_empty() && excluded.iter().all(|e| e.reason == reason);
    let message = if excluded.is_empty() {
        format!("No provider offers {models} at the moment")
    } else if all("provider_key") {
        let mut ways: Vec<String> = call
            .models
            .iter()
            .filter_map(|name| find_model(&snapshot.catalog, name).ok())
            .flat_map(|(_, endpoints)| endpoints)
            .filter_map(|e| {
                snapshot.of(&e.provider.slug, call.task.kind()).err().map(|why| format!("{}: {why}", e.provider.name))
            })
            .collect();
        ways.sort();
        ways.dedup();
        ways.truncate(5);
        format!(
            "No provider of {models} can be called from this server yet. The operator can change that: {}",
            ways.join("; ")
        )
    } else {
        let mut reasons: Vec<&str> = excluded.iter().map(|e| e.reason.as_str()).collect();
        reasons.sort_unstable();
        let counts: Vec<String> =
            reasons.chunk_by(|a, b| a == b).map(|same| format!("{} ({})", same[0], same.len())).collect();
        format!("No endpoint of {models} is left. Excluded by {}", counts.join(", "))
    };
    GatewayError::NoEndpoints { models: call.models.clone(), excluded, message }
}

/// Up to three models whose names share most with what was asked for.
fn similar_models(catalog: &Catalog, name: &str) -> Vec<String> {
    let words = |s: &str| -> Vec<String> {
        s.to_lowercase()
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let wanted = words(name);
    let score = |m: &Model| words(m.slug.as_str()).iter().filter(|w| wanted.contains(w)).count();
    let mut scored: Vec<(usize, &str)> = catalog
        .models
        .values()
        .filter(|m| catalog.endpoints.contains_key(&m.slug))
        .map(|m| (score(m), m.slug.as_str()))
        .filter(|(score, _)| *score >= 2 || (*score == 1 && wanted.len() == 1))
        .collect();
    scored.sort_by_key(|(score, slug)| (Reverse(*score), slug.len(), *slug));
    scored.into_iter().take(3).map(|(_, slug)| slug.to_owned()).collect()
}
