//! The copy of the catalog in SQL: loaded whole, once for each state of the files.

use providers::catalog::{Capabilities, Catalog, DataPolicy, Endpoint, Model, Provider};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::types::Json;
use sqlx::{Postgres, Transaction};

use crate::{DbError, Store, values};

/// What a load did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogLoad {
    /// This catalog was in the database already.
    Unchanged,
    Loaded,
}

impl Store {
    /// Makes the tables equal to `catalog`: rows are added and changed; those of vanished things stay, marked as removed.
    ///
    /// All or nothing, and once for each digest, however many nodes start at once.
    pub async fn load_catalog(&self, catalog: &Catalog) -> Result<CatalogLoad, DbError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query!("select pg_advisory_xact_lock(hashtextextended('souk catalog', 0))").execute(&mut *tx).await?;
        let latest = sqlx::query_scalar!("select digest from catalog_load order by id desc limit 1")
            .fetch_optional(&mut *tx)
            .await?;
        if latest.as_ref() == Some(&catalog.digest) {
            return Ok(CatalogLoad::Unchanged);
        }
        let providers: Vec<_> = catalog.providers.values().map(|p| provider_row(p)).collect();
        let models: Vec<_> = catalog.models.values().map(|m| model_row(m)).collect();
        let endpoints: Vec<_> = catalog.endpoints.values().flatten().map(|e| endpoint_row(e)).collect();
        let prices: Vec<_> = catalog.endpoints.values().flatten().flat_map(|e| price_rows(e)).collect();
        load_providers(&mut tx, &providers).await?;
        load_models(&mut tx, &models).await?;
        load_endpoints(&mut tx, &endpoints).await?;
        load_prices(&mut tx, &prices).await?;
        let size = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        sqlx::query!(
            "insert into catalog_load (digest, providers, models, endpoints) values ($1, $2, $3, $4)",
            catalog.digest,
            size(providers.len()),
            size(models.len()),
            size(endpoints.len()),
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(CatalogLoad::Loaded)
    }
}

// === Rows as JSON: one parameter for a whole table, whose fields have the names of its columns ===

fn provider_row(p: &Provider) -> Value {
    let DataPolicy { training, retains_prompts, retention_days, .. } = p.policy;
    json!({
        "slug": p.slug, "name": p.name, "kind": p.kind, "simulated": p.simulated, "dialect": p.dialect,
        "headquarters": p.headquarters, "region": p.region, "first_party_author": p.first_party_author,
        "datacenters": p.datacenters, "training": training, "retains_prompts": retains_prompts,
        "retention_days": retention_days, "terms_of_service_url": p.terms_of_service_url,
        "privacy_policy_url": p.privacy_policy_url, "status_page_url": p.status_page_url, "source": p.source,
        "as_of": p.as_of,
    })
}

fn model_row(m: &Model) -> Value {
    json!({
        "slug": m.slug, "author": m.slug.author(), "name": m.name, "kind": m.kind, "description": m.description,
        "released": m.released, "knowledge_cutoff": m.knowledge_cutoff, "expires": m.expires,
        "context_length": m.context_length.map(values::count), "max_output": m.max_output.map(values::count),
        "input_modalities": m.input_modalities, "output_modalities": m.output_modalities,
        "open_weights": m.open_weights, "hugging_face_id": m.hugging_face_id, "canonical_slug": m.canonical_slug,
        "family": m.family, "tokenizer": m.tokenizer, "capabilities": known(&m.capabilities), "source": m.source,
        "as_of": m.as_of,
    })
}

fn endpoint_row(e: &Endpoint) -> Value {
    json!({
        "id": e.id(), "model": e.model.slug, "variant": e.variant, "provider": e.provider.slug, "tag": e.tag,
        "upstream_id": e.upstream_id, "region": e.region, "flavour": e.flavour,
        "context_length": e.context_length.map(values::count),
        "max_prompt_tokens": e.max_prompt_tokens.map(values::count), "max_output": e.max_output.map(values::count),
        "quantization": e.quantization, "supported_parameters": e.supported_parameters,
        "capabilities": known(&e.capabilities), "status": e.status, "deprecation_date": e.deprecation_date,
        "price_rules": {
            "overrides": e.prices.overrides, "service_tiers": e.service_tier_prices,
            "service_tier_overrides": e.service_tier_overrides, "by_size": e.prices_by_size,
        },
        "source": e.source,
    })
}

#[derive(Serialize)]
struct PriceRow {
    endpoint_id: String,
    unit: &'static str,
    /// A decimal in a string: a JSON number could be read as a float on its way.
    rate: String,
}

fn price_rows(e: &Endpoint) -> impl Iterator<Item = PriceRow> {
    let id = e.id();
    e.prices.prices.0.iter().map(move |(unit, rate)| PriceRow {
        endpoint_id: id.clone(),
        unit: unit.name(),
        rate: rate.to_string(),
    })
}

/// The capabilities of which something is known.
fn known(capabilities: &Capabilities) -> Value {
    match json!(capabilities) {
        Value::Object(all) => Value::Object(all.into_iter().filter(|(_, known)| !known.is_null()).collect()),
        other => other,
    }
}

// === One statement for each table ===

async fn load_providers(tx: &mut Transaction<'_, Postgres>, rows: &[Value]) -> Result<(), DbError> {
    sqlx::query!(
        "with listed as (
             select * from jsonb_populate_recordset(null::provider, $1::jsonb)
         ), gone as (
             update provider set removed_at = now()
             where removed_at is null and slug not in (select slug from listed)
         )
         insert into provider (
             slug, name, kind, simulated, dialect, headquarters, region, first_party_author, datacenters, training,
             retains_prompts, retention_days, terms_of_service_url, privacy_policy_url, status_page_url, source, as_of)
         select slug, name, kind, simulated, dialect, headquarters, region, first_party_author, datacenters, training,
             retains_prompts, retention_days, terms_of_service_url, privacy_policy_url, status_page_url, source, as_of
         from listed
         on conflict (slug) do update set
             (name, kind, simulated, dialect, headquarters, region, first_party_author, datacenters, training,
              retains_prompts, retention_days, terms_of_service_url, privacy_policy_url, status_page_url, source, as_of,
              removed_at)
             = row(excluded.name, excluded.kind, excluded.simulated, excluded.dialect, excluded.headquarters,
              excluded.region, excluded.first_party_author, excluded.datacenters, excluded.training,
              excluded.retains_prompts, excluded.retention_days, excluded.terms_of_service_url,
              excluded.privacy_policy_url, excluded.status_page_url, excluded.source, excluded.as_of, null)",
        Json(rows) as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn load_models(tx: &mut Transaction<'_, Postgres>, rows: &[Value]) -> Result<(), DbError> {
    sqlx::query!(
        "with listed as (
             select * from jsonb_populate_recordset(null::model, $1::jsonb)
         ), gone as (
             update model set removed_at = now()
             where removed_at is null and slug not in (select slug from listed)
         )
         insert into model (
             slug, author, name, kind, description, released, knowledge_cutoff, expires, context_length, max_output,
             input_modalities, output_modalities, open_weights, hugging_face_id, canonical_slug, family, tokenizer,
             capabilities, source, as_of)
         select slug, author, name, kind, description, released, knowledge_cutoff, expires, context_length, max_output,
             input_modalities, output_modalities, open_weights, hugging_face_id, canonical_slug, family, tokenizer,
             capabilities, source, as_of
         from listed
         on conflict (slug) do update set
             (author, name, kind, description, released, knowledge_cutoff, expires, context_length, max_output,
              input_modalities, output_modalities, open_weights, hugging_face_id, canonical_slug, family, tokenizer,
              capabilities, source, as_of, removed_at)
             = row(excluded.author, excluded.name, excluded.kind, excluded.description, excluded.released,
              excluded.knowledge_cutoff, excluded.expires, excluded.context_length, excluded.max_output,
              excluded.input_modalities, excluded.output_modalities, excluded.open_weights, excluded.hugging_face_id,
              excluded.canonical_slug, excluded.family, excluded.tokenizer, excluded.capabilities, excluded.source,
              excluded.as_of, null)",
        Json(rows) as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn load_endpoints(tx: &mut Transaction<'_, Postgres>, rows: &[Value]) -> Result<(), DbError> {
    sqlx::query!(
        "with listed as (
             select * from jsonb_populate_recordset(null::endpoint, $1::jsonb)
         ), gone as (
             update endpoint set removed_at = now()
             where removed_at is null and id not in (select id from listed)
         )
         insert into endpoint (
             id, model, variant, provider, tag, upstream_id, region, flavour, context_length, max_prompt_tokens,
             max_output, quantization, supported_parameters, capabilities, status, deprecation_date, price_rules, source)
         select id, model, variant, provider, tag, upstream_id, region, flavour, context_length, max_prompt_tokens,
             max_output, quantization, supported_parameters, capabilities, status, deprecation_date, price_rules, source
         from listed
         on conflict (id) do update set
             (model, variant, provider, tag, upstream_id, region, flavour, context_length, max_prompt_tokens, max_output,
              quantization, supported_parameters, capabilities, status, deprecation_date, price_rules, source, removed_at)
             = row(excluded.model, excluded.variant, excluded.provider, excluded.tag, excluded.upstream_id,
              excluded.region, excluded.flavour, excluded.context_length, excluded.max_prompt_tokens,
              excluded.max_output, excluded.quantization, excluded.supported_parameters, excluded.capabilities,
              excluded.status, excluded.deprecation_date, excluded.price_rules, excluded.source, null)",
        Json(rows) as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The prices of a removed endpoint stay as they last were.
async fn load_prices(tx: &mut Transaction<'_, Postgres>, rows: &[PriceRow]) -> Result<(), DbError> {
    sqlx::query!(
        "with listed as (
             select * from jsonb_populate_recordset(null::endpoint_price, $1::jsonb)
         ), gone as (
             delete from endpoint_price p using endpoint e
             where e.id = p.endpoint_id and e.removed_at is null
               and (p.endpoint_id, p.unit) not in (select endpoint_id, unit from listed)
         )
         insert into endpoint_price (endpoint_id, unit, rate) select endpoint_id, unit, rate from listed
         on conflict (endpoint_id, unit) do update set rate = excluded.rate",
        Json(rows) as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
