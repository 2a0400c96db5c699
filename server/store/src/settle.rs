//! Booking what a generation cost and writing its record: one statement, so that neither exists without the other.

use std::borrow::Cow;

use domain::{Generation, NanoUsd, ProviderSlug, Tokenizer};
use gateway::ports::{Settled, Settlement};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{DbError, receipt, values};

/// Who is owed where a provider bills us for a call that no attempt is known of.
const UNKNOWN_PROVIDER: &str = "unknown";

/// The columns of a record beside its receipt.
struct Columns<'a> {
    surface: Cow<'a, str>,
    requested_model: Cow<'a, str>,
    model: Option<&'a str>,
    provider: Option<&'a str>,
    tag: Option<&'a str>,
    simulated: bool,
    error_type: Option<Cow<'a, str>>,
    attempts: i32,
    first_token_ms: Option<i64>,
    app: Option<Cow<'a, str>>,
    user: Option<Cow<'a, str>>,
    service_tier: Option<Cow<'a, str>>,
}

impl<'a> Columns<'a> {
    fn of(g: &'a Generation) -> Self {
        let served = g.served_by.as_ref();
        Self {
            surface: values::text(&g.surface),
            requested_model: values::text(&g.requested_model),
            model: served.map(|s| s.model.as_str()),
            provider: served.map(|s| s.provider.as_str()),
            tag: served.map(|s| s.tag.as_str()),
            simulated: served.is_some_and(|s| s.simulated),
            error_type: g.error.as_ref().map(|error| values::text(&error.error_type)),
            attempts: i32::try_from(g.attempts.len()).unwrap_or(i32::MAX),
            first_token_ms: g.first_token_ms.map(i64::from),
            app: g.app.as_deref().map(values::text),
            user: g.user.as_deref().map(values::text),
            service_tier: g.service_tier.as_deref().map(values::text),
        }
    }
}

/// Books a generation exactly once: a second call changes nothing and returns what the first one booked.
#[expect(clippy::cognitive_complexity, reason = "each parameter of the statement counts as a branch")]
pub(crate) async fn settle(connection: &mut PgConnection, settlement: &Settlement) -> Result<Settled, DbError> {
    let Settlement { account, generation: g, upstream_cost } = settlement;
    let columns = Columns::of(g);
    let charged = sqlx::query_scalar!(
        r#"with booked as (
               select * from settle_generation($1, $2, $3, $4, $5, $6, $7)
           ), recorded as (
               insert into generation (
                   id, account_id, key_id, cost_nano, upstream_cost_nano, written_off_nano, created_at, surface,
                   requested_model, model, provider, endpoint_tag, simulated, streamed, state, error_type, attempts,
                   prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens, held_nano, first_token_ms,
                   duration_ms, app, end_user, cache_write_tokens, cache_write_1h_tokens, audio_prompt_tokens,
                   image_prompt_tokens, video_prompt_tokens, audio_completion_tokens, image_completion_tokens, tokenizer,
                   service_tier, receipt)
               select $1, $2, $3, booked.charged, $5, booked.written_off, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                      $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $29, $30, $31, $32, $33, $34, $35, $36, $37,
                      -- The receipt's total is what was booked.
                      case when booked.written_off = 0 then $28::jsonb
                           else jsonb_set($28::jsonb, '{cost,total}', to_jsonb(booked.charged)) end
               from booked where booked.first
           )
           select charged as "charged!" from booked"#,
        g.id.as_str(),
        values::uuid(account)?,
        g.key.as_ref().map(|key| key.as_str()),
        g.cost.total.0,
        upstream_cost.0,
        billing_provider(g).map_or(UNKNOWN_PROVIDER, ProviderSlug::as_str),
        Uuid::now_v7(),
        OffsetDateTime::from(g.created_at),
        &*columns.surface,
        &*columns.requested_model,
        columns.model,
        columns.provider,
        columns.tag,
        columns.simulated,
        g.streamed,
        g.state.name(),
        columns.error_type.as_deref(),
        columns.attempts,
        values::count(g.usage.prompt),
        values::count(g.usage.completion),
        values::count(g.usage.reasoning),
        values::count(g.usage.cache_read),
        g.held.0,
        columns.first_token_ms,
        i64::from(g.duration_ms),
        columns.app.as_deref(),
        columns.user.as_deref(),
        receipt::to_json(g)?,
        values::count(g.usage.cache_write),
        values::count(g.usage.cache_write_1h),
        values::count(g.usage.audio_in),
        values::count(g.usage.image_in),
        values::count(g.usage.video_in),
        values::count(g.usage.audio_out),
        values::count(g.usage.image_out),
        g.usage.tokenizer.map(Tokenizer::name),
        columns.service_tier.as_deref(),
    )
    .fetch_one(connection)
    .await?;
    Ok(Settled { charged: NanoUsd(charged) })
}

/// The provider that will bill us: the one that answered, else the last one that was tried.
fn billing_provider(g: &Generation) -> Option<&ProviderSlug> {
    g.served_by.as_ref().map(|s| &s.provider).or_else(|| g.attempts.last().map(|a| &a.provider))
}
