//! The log of an account's generations, filtered and summed.

use std::collections::BTreeMap;

use api::{ActivityPage, ActivityQuery, ActivityTotals};
use domain::{AccountId, Generation};
use uuid::Uuid;

use crate::{DbError, Store, receipt, values};

/// Rows on a page.
const PAGE: u64 = 50;

/// The value of the key filter that means the chat on the site.
const SITE: &str = "site";

/// The filters as SQL compares them: `None` lets everything through.
struct Filters<'a> {
    account: Uuid,
    /// As requested, or what answered.
    model: Option<&'a str>,
    provider: Option<&'a str>,
    /// `Some("")`: made without a key.
    key: Option<&'a str>,
    state: Option<&'a str>,
}

impl<'a> Filters<'a> {
    fn new(account: &AccountId, query: &'a ActivityQuery) -> Result<Self, DbError> {
        Ok(Self {
            account: values::uuid(account)?,
            model: given(&query.model),
            provider: given(&query.provider),
            key: given(&query.key).map(|key| if key == SITE { "" } else { key }),
            state: given(&query.state),
        })
    }
}

/// A filter with NUL in it can match nothing that is stored, so it is as good as any other word.
fn given(filter: &str) -> Option<&str> {
    match filter.trim() {
        "" => None,
        word if word.contains('\0') => Some("\u{fffd}"),
        word => Some(word),
    }
}

impl Store {
    /// One page, newest first. A page past the end is the last one.
    pub async fn activity_page(&self, account: &AccountId, query: &ActivityQuery) -> Result<ActivityPage, DbError> {
        let filters = Filters::new(account, query)?;
        let totals = self.activity_totals(&filters).await?;
        let pages = totals.requests.div_ceil(PAGE).max(1);
        let page = u64::from(query.page).clamp(1, pages);
        let rows = self.activity_rows(&filters, (page - 1) * PAGE).await?;
        let key_names = self.key_names(&filters, &rows).await?;
        let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(ActivityPage { totals, rows, key_names, page: narrow(page), pages: narrow(pages) })
    }

    async fn activity_totals(&self, filters: &Filters<'_>) -> Result<ActivityTotals, DbError> {
        let row = sqlx::query!(
            r#"select count(*) as "requests!", coalesce(sum(prompt_tokens), 0) as "prompt!",
                      coalesce(sum(completion_tokens), 0) as "completion!", coalesce(sum(cost_nano), 0) as "cost!"
               from generation
               where account_id = $1 and ($2::text is null or model = $2 or requested_model = $2)
                 and ($3::text is null or provider = $3) and ($4::text is null or coalesce(key_id, '') = $4)
                 and ($5::text is null or state = $5)"#,
            filters.account,
            filters.model,
            filters.provider,
            filters.key,
            filters.state,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(ActivityTotals {
            requests: row.requests.unsigned_abs(),
            prompt_tokens: values::total(row.prompt),
            completion_tokens: values::total(row.completion),
            cost: values::amount(row.cost),
        })
    }

    async fn activity_rows(&self, filters: &Filters<'_>, skip: u64) -> Result<Vec<Generation>, DbError> {
        sqlx::query_scalar!(
            "select receipt from generation
             where account_id = $1 and ($2::text is null or model = $2 or requested_model = $2)
               and ($3::text is null or provider = $3) and ($4::text is null or coalesce(key_id, '') = $4)
               and ($5::text is null or state = $5)
             order by created_at desc, id desc offset $6 limit $7",
            filters.account,
            filters.model,
            filters.provider,
            filters.key,
            filters.state,
            values::count(skip),
            values::count(PAGE),
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(receipt::from_json)
        .collect()
    }

    /// Deleted keys included: their generations stay.
    async fn key_names(&self, filters: &Filters<'_>, rows: &[Generation]) -> Result<BTreeMap<String, String>, DbError> {
        let mut ids: Vec<String> = rows.iter().filter_map(|g| g.key.as_ref().map(ToString::to_string)).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let named =
            sqlx::query!("select id, name from api_key where id = any($1) and account_id = $2", &ids, filters.account)
                .fetch_all(&self.pool)
                .await?;
        Ok(named.into_iter().map(|key| (key.id, key.name)).collect())
    }
}
