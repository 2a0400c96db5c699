//! The catalog that the program ships.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use canon::TaskKind;
use domain::{Rate, Timestamp, Unit};
use providers::catalog::{Auth, Catalog, Counts, Dialect, Endpoint, EndpointStatus, ModelKind, check, load, shipped};

use crate::folders::{NOW, contents};

fn catalog() -> Catalog {
    load(shipped(), None, NOW).unwrap()
}

#[test]
fn it_loads_without_a_fault_and_holds_what_the_facts_hold() {
    let counts = check(None, NOW).unwrap();
    assert!(counts.priced >= 2_350, "{counts}");
    assert!(counts.priced_models >= 800, "{counts}");
    assert!(counts.priced_providers >= 104, "{counts}");
    assert!(counts.unconfirmed >= 700, "{counts}");
    assert!(counts.routable >= 2_000, "{counts}");
}

#[test]
fn no_endpoint_is_past_its_last_day() {
    let catalog = catalog();
    assert!(catalog.endpoints.values().flatten().all(|e| !e.is_past(NOW)));
}

#[test]
fn endpoints_leave_on_the_day_after_their_last_and_the_digest_tells() {
    let (today, later) = (catalog(), load(shipped(), None, Timestamp::from_unix_seconds(1_893_456_000)).unwrap());
    assert!(Counts::of(&later).endpoints < Counts::of(&today).endpoints);
    assert_ne!(today.digest, later.digest);
    assert_eq!(today.digest, catalog().digest);
    assert_eq!(today.digest.len(), 64);
}

#[test]
fn nothing_is_free_by_accident() {
    for endpoint in catalog().endpoints.values().flatten() {
        let prices = &endpoint.prices.prices;
        let is_chat = matches!(endpoint.model.kind, ModelKind::Chat | ModelKind::ChatImage);
        if is_chat && prices.covers_chat() && !prices.is_free() {
            let free = [Unit::Prompt, Unit::Completion].map(|unit| prices.charged(unit).is_free());
            assert_eq!(free, [false, false], "{}", endpoint.id());
        }
    }
}

#[test]
fn every_price_in_every_file_is_an_exact_decimal_string() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalog/providers");
    let mut seen = 0;
    for (path, text) in contents(&folder) {
        let file: toml::Table = toml::from_str(&text).unwrap();
        for offer in file.get("offers").and_then(toml::Value::as_array).into_iter().flatten() {
            for (unit, price) in offer.get("prices").and_then(toml::Value::as_table).into_iter().flatten() {
                let text = price.as_str().unwrap_or_else(|| panic!("{path}: {unit} is not a string"));
                let rate: Rate = text.parse().unwrap_or_else(|error| panic!("{path}: {unit}: {error}"));
                assert_eq!(rate.to_string(), text, "{path}: {unit} is not in its plain form");
                assert!(Unit::ALL.iter().any(|known| known.name() == unit), "{path}: {unit}");
                seen += 1;
            }
        }
    }
    assert!(seen > 8_000, "{seen}");
}

#[test]
fn every_file_says_where_its_facts_come_from_and_when() {
    for provider in catalog().providers.values() {
        assert!(!provider.source.is_empty() && provider.as_of.starts_with("20"), "{}", provider.slug);
    }
    for model in catalog().models.values() {
        assert!(!model.source.is_empty() && model.as_of.starts_with("20"), "{}", model.slug);
        assert!(
            model.name.chars().any(|c| c.is_uppercase() || c.is_ascii_digit()),
            "{} has no readable name",
            model.slug
        );
    }
}

#[test]
fn the_simulator_serves_its_models_at_two_providers_and_is_labelled() {
    let catalog = catalog();
    let endpoints = |model: &str| &catalog.endpoints[&model.parse().unwrap()];
    for model in ["echo", "reasoner", "tools", "flaky", "slow"] {
        for endpoint in endpoints(&format!("simulator/{model}")) {
            assert!(endpoint.provider.simulated && endpoint.prices.prices.covers_chat());
            assert_eq!(endpoint.upstream_id, format!("sim-{model}"));
            assert_eq!(endpoint.provider.auth, Some(Auth::None));
        }
    }
    for model in ["simulator/echo", "simulator/flaky"] {
        let dialects: Vec<_> =
            endpoints(model).iter().map(|e| e.provider.wire(TaskKind::Chat).unwrap().dialect).collect();
        assert_eq!(dialects, [Dialect::OpenaiChat, Dialect::Anthropic]);
        assert!(
            endpoints(model)[0].prices.prices.charged(Unit::Prompt)
                < endpoints(model)[1].prices.prices.charged(Unit::Prompt)
        );
    }
    let simulated: BTreeSet<_> = catalog.providers.values().filter(|p| p.simulated).map(|p| p.slug.as_str()).collect();
    assert_eq!(simulated, BTreeSet::from(["simulator", "simulator-anthropic", "simulator-cohere"]));
}

#[test]
fn a_wire_is_the_own_dialect_where_we_speak_it_and_openais_where_the_provider_does() {
    let catalog = catalog();
    let provider = |slug: &str| &catalog.providers[&slug.parse().unwrap()];
    let check = |slug: &str, dialect: Dialect, base_url: &str, auth: Auth| {
        let wire = provider(slug).wire(TaskKind::Chat).unwrap();
        assert_eq!((wire.dialect, wire.base_url, wire.auth), (dialect, base_url, Some(&auth)), "{slug}");
    };
    check("deepinfra", Dialect::OpenaiChat, "https://api.deepinfra.com/v1/openai", Auth::Bearer);
    check("anthropic", Dialect::Anthropic, "https://api.anthropic.com/v1", Auth::Header("x-api-key".to_owned()));
    check("openai", Dialect::OpenaiResponses, "https://api.openai.com/v1", Auth::Bearer);
    check("amazon-bedrock", Dialect::Bedrock, "https://bedrock-runtime.{region}.amazonaws.com", Auth::Sigv4);
    let gemini = "https://generativelanguage.googleapis.com/v1beta";
    check("google-ai-studio", Dialect::Gemini, gemini, Auth::Header("x-goog-api-key".to_owned()));
    let vertex = "https://{location}-aiplatform.googleapis.com/v1/projects/{project}/locations/{location}";
    check("google-vertex", Dialect::Vertex, vertex, Auth::Google);
    assert_eq!(provider("deepgram").wire(TaskKind::Chat), None);
}

#[test]
fn vertex_serves_its_owners_models_over_its_own_wire_and_no_others() {
    let catalog = catalog();
    let on_vertex = |e: &&Arc<Endpoint>| e.provider.dialect == Some(Dialect::Vertex);
    let (own, others): (Vec<_>, Vec<_>) =
        catalog.endpoints.values().flatten().filter(on_vertex).partition(|e| e.is_served_over(Dialect::Vertex));
    assert!(own.len() > 20 && own.iter().all(|e| e.model.slug.author() == "google"));
    assert!(others.len() > 20 && others.iter().all(|e| e.model.slug.author() != "google"));
}

#[test]
fn an_address_is_filled_from_the_environment_or_names_the_variable_it_lacks() {
    let catalog = catalog();
    let provider = |slug: &str| &catalog.providers[&slug.parse().unwrap()];
    let filled = |slug: &str, variable: &str, value: &str| {
        let provider = provider(slug);
        let value_of = |name: &str| (name == variable).then(|| value.to_owned());
        provider.filled(provider.wire(TaskKind::Chat).unwrap().base_url, value_of).map_err(|error| error.to_string())
    };
    let simulator = filled("simulator", "SOUK_SIMULATOR_URL", "http://127.0.0.1:4000/");
    assert_eq!(simulator.as_deref(), Ok("http://127.0.0.1:4000/openai/v1"));
    let databricks = filled("databricks", "DATABRICKS_HOST", "https://dbc-1.cloud.databricks.com");
    assert_eq!(databricks.as_deref(), Ok("https://dbc-1.cloud.databricks.com/ai-gateway/mlflow/v1"));
    let unset = filled("azure", "SOMETHING_ELSE", "x");
    assert_eq!(unset.unwrap_err(), "the environment variable AZURE_RESOURCE_NAME is not set");
}

#[test]
fn key_variables_are_no_address_variables() {
    for provider in catalog().providers.values() {
        for variable in provider.url_variables.values() {
            assert!(!provider.env.contains(variable), "{}: {variable} would be sent as a key", provider.slug);
        }
    }
}

#[test]
fn what_an_offer_does_not_say_its_model_says() {
    let catalog = catalog();
    let endpoint = catalog.endpoints[&"simulator/reasoner".parse().unwrap()].first().unwrap().clone();
    assert_eq!(endpoint.context_length, Some(128_000));
    assert_eq!(endpoint.capabilities.tools, Some(true));
    assert_eq!(endpoint.reasoning_efforts, ["low", "medium", "high"]);
    assert_eq!(endpoint.status, EndpointStatus::Current);
}

/// OpenRouter's page "Streaming" (OPENROUTER.md §2.4), as far as we ship the providers.
#[test]
fn when_bills_end_is_as_published() {
    let catalog = catalog();
    let cancels = |slug: &str| {
        let provider = catalog.providers.get(&slug.parse().unwrap()).unwrap_or_else(|| panic!("no {slug}"));
        provider.quirks.cancels_on_disconnect
    };
    let ends = "openai azure anthropic fireworks novita deepinfra together cohere hyperbolic xai cloudflare friendli chutes deepseek";
    let goes_on = "amazon-bedrock groq modal google-vertex google-ai-studio minimax replicate perplexity mistral ai21 lambda sambanova alibaba nebius inference-net";
    for slug in ends.split_whitespace() {
        assert_eq!(cancels(slug), Some(true), "{slug}");
    }
    for slug in goes_on.split_whitespace() {
        assert_eq!(cancels(slug), Some(false), "{slug}");
    }
    let known = catalog.providers.values().filter(|p| !p.simulated && p.quirks.cancels_on_disconnect.is_some());
    assert_eq!(known.count(), ends.split_whitespace().count() + goes_on.split_whitespace().count());
}
