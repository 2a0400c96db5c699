//! One query for each invariant; each returns only what breaks it.

use domain::NanoUsd;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Break;
use crate::{DbError, values};

/// Each transaction has entries, and they sum to zero; each entry has its transaction and its account.
pub(super) async fn transactions(connection: &mut PgConnection) -> Result<Vec<Break>, DbError> {
    let unbalanced = sqlx::query!(
        r#"select t.id, sum(e.amount_nano) as "sum?"
           from ledger_transaction t left join ledger_entry e on e.transaction_id = t.id
           group by t.id having coalesce(sum(e.amount_nano), 1) <> 0 limit 100"#
    )
    .fetch_all(&mut *connection)
    .await?;
    let strays = sqlx::query_scalar!(
        "select distinct e.transaction_id from ledger_entry e
         where not exists (select from ledger_account a where a.id = e.ledger_account_id)
            or not exists (select from ledger_transaction t where t.id = e.transaction_id)
         limit 100"
    )
    .fetch_all(connection)
    .await?;
    let unbalanced = unbalanced.into_iter().map(|row| match row.sum {
        Some(sum) => Break::Unbalanced { transaction: row.id, sum: values::amount(sum) },
        None => Break::Empty { transaction: row.id },
    });
    Ok(unbalanced.chain(strays.into_iter().map(|transaction| Break::StrayEntry { transaction })).collect())
}

/// No money comes from nowhere.
pub(super) async fn whole_ledger(connection: &mut PgConnection) -> Result<Option<Break>, DbError> {
    let sum = sqlx::query_scalar!(r#"select coalesce(sum(amount_nano), 0) as "sum!" from ledger_entry"#)
        .fetch_one(connection)
        .await?;
    Ok((!sum.is_zero()).then(|| Break::LedgerNotZero { sum: values::amount(sum) }))
}

/// Each customer's kept figures are the folds of his entries, none is negative, and what is held is his open holds.
pub(super) async fn customers(connection: &mut PgConnection) -> Result<Vec<Break>, DbError> {
    let rows = sqlx::query!(
        r#"with fold as (
               select a.account_id,
                      coalesce(sum(e.amount_nano) filter (where a.kind = 'customer_credits'), 0) as available,
                      coalesce(sum(e.amount_nano) filter (where a.kind = 'customer_held'), 0) as held,
                      coalesce(sum(e.amount_nano) filter (where t.kind = 'grant'), 0) as granted,
                      coalesce(-sum(e.amount_nano) filter (where t.kind <> 'grant'), 0) as spent
               from ledger_entry e
               join ledger_account a on a.id = e.ledger_account_id
               join ledger_transaction t on t.id = e.transaction_id
               where a.account_id is not null group by a.account_id
           ), open as (
               select account_id, sum(amount_nano) as amount from generation_hold group by account_id
           ), compared as (
               select account_id as account, b.account_id is null as without_balance,
                      coalesce(b.available_nano, 0)::numeric as available, coalesce(fold.available, 0) as available_fold,
                      coalesce(b.held_nano, 0)::numeric as held, coalesce(fold.held, 0) as held_fold,
                      coalesce(b.granted_nano, 0)::numeric as granted, coalesce(fold.granted, 0) as granted_fold,
                      coalesce(b.spent_nano, 0)::numeric as spent, coalesce(fold.spent, 0) as spent_fold,
                      coalesce(open.amount, 0) as open
               from customer_balance b full join fold using (account_id) full join open using (account_id)
           )
           select account as "account!", without_balance as "without_balance!",
                  available as "available!", available_fold as "available_fold!", held as "held!",
                  held_fold as "held_fold!", granted as "granted!", granted_fold as "granted_fold!",
                  spent as "spent!", spent_fold as "spent_fold!", open as "open!"
           from compared
           where without_balance or available <> available_fold or held <> held_fold or granted <> granted_fold
              or spent <> spent_fold or held <> open or available < 0 or held < 0 or spent < 0
           limit 100"#
    )
    .fetch_all(connection)
    .await?;
    let mut breaks = Vec::new();
    for row in rows {
        let account = row.account;
        if row.without_balance {
            breaks.push(Break::NoBalance { account });
            continue;
        }
        let figures = [
            ("what can be spent", row.available, row.available_fold),
            ("what is held", row.held, row.held_fold),
            ("what was granted", row.granted, row.granted_fold),
            ("what was spent", row.spent, row.spent_fold),
        ];
        for (figure, kept, ledger) in figures {
            breaks.extend(figure_of_account(account, figure, kept, ledger));
        }
        if row.held != row.open {
            breaks.push(Break::OpenHolds { account, kept: values::amount(row.held), open: values::amount(row.open) });
        }
    }
    Ok(breaks)
}

/// What is wrong with one kept figure of an account.
fn figure_of_account(
    account: Uuid,
    figure: &'static str,
    kept: Decimal,
    ledger: Decimal,
) -> impl Iterator<Item = Break> {
    let (kept, ledger) = (values::amount(kept), values::amount(ledger));
    let differs = (kept != ledger).then_some(Break::Balance { account, figure, kept, ledger });
    let negative = (kept < NanoUsd::ZERO).then_some(Break::Negative { account, figure, amount: kept });
    differs.into_iter().chain(negative)
}

/// What was spent and is held with each key is the fold of the entries made with it.
pub(super) async fn keys(connection: &mut PgConnection) -> Result<Vec<Break>, DbError> {
    let rows = sqlx::query!(
        r#"with fold as (
               select t.key_id, -sum(e.amount_nano) as spent,
                      coalesce(sum(e.amount_nano) filter (where a.kind = 'customer_held'), 0) as held
               from ledger_transaction t
               join ledger_entry e on e.transaction_id = t.id
               join ledger_account a on a.id = e.ledger_account_id
               where t.key_id is not null and a.account_id is not null group by t.key_id
           )
           select coalesce(k.id, fold.key_id) as "key!", coalesce(k.spent_nano, 0)::numeric as "spent!",
                  coalesce(fold.spent, 0) as "spent_fold!", coalesce(k.held_nano, 0)::numeric as "held!",
                  coalesce(fold.held, 0) as "held_fold!"
           from api_key k full join fold on fold.key_id = k.id
           where coalesce(k.spent_nano, 0) <> coalesce(fold.spent, 0) or coalesce(k.held_nano, 0) <> coalesce(fold.held, 0)
           limit 100"#
    )
    .fetch_all(connection)
    .await?;
    let mut breaks = Vec::new();
    for row in rows {
        for (figure, kept, ledger) in
            [("what was spent", row.spent, row.spent_fold), ("what is held", row.held, row.held_fold)]
        {
            if kept != ledger {
                let (kept, ledger) = (values::amount(kept), values::amount(ledger));
                breaks.push(Break::Key { key: row.key.clone(), figure, kept, ledger });
            }
        }
    }
    Ok(breaks)
}

/// Each hold that was booked is open or was ended, never both or neither; each open one was booked with its amount.
pub(super) async fn holds(connection: &mut PgConnection) -> Result<Vec<Break>, DbError> {
    let rows = sqlx::query!(
        r#"with booked as (
               select t.generation_id, sum(e.amount_nano) as amount
               from ledger_transaction t
               join ledger_entry e on e.transaction_id = t.id
               join ledger_account a on a.id = e.ledger_account_id
               where t.kind = 'hold' and a.kind = 'customer_held' group by t.generation_id
           ), ended as (
               select generation_id from ledger_transaction where kind in ('settle', 'release')
           ), compared as (
               select coalesce(h.generation_id, b.generation_id) as generation, h.amount_nano as open, b.amount as booked,
                      e.generation_id is not null as has_ended, g.id is not null as has_record
               from generation_hold h
               full join booked b on b.generation_id = h.generation_id
               left join ended e on e.generation_id = coalesce(h.generation_id, b.generation_id)
               left join generation g on g.id = h.generation_id
           )
           select generation as "generation!", open as "open?", booked as "booked?", has_record as "has_record!" from compared
           where (open is null and not has_ended)
              or (open is not null and (has_record or has_ended or open <> coalesce(booked, 0)))
           limit 100"#
    )
    .fetch_all(connection)
    .await?;
    let breaks = rows.into_iter().map(|row| {
        let (generation, booked) = (row.generation, values::amount(row.booked.unwrap_or_default()));
        match row.open.map(NanoUsd) {
            None => Break::LostHold { generation, booked },
            Some(open) if open != booked && !row.has_record => Break::Hold { generation, open, booked },
            Some(_) => Break::StillHeld { generation },
        }
    });
    Ok(breaks.collect())
}

/// Each settlement has one record, each record its settlement, and both tell the same figures, as does the receipt.
pub(super) async fn generations(connection: &mut PgConnection) -> Result<Vec<Break>, DbError> {
    let rows = sqlx::query!(
        r#"with booked as (
               select t.generation_id,
                      coalesce(-sum(e.amount_nano) filter (where a.account_id is not null), 0) as cost,
                      coalesce(sum(e.amount_nano) filter (where a.kind = 'provider_payable'), 0) as upstream,
                      coalesce(-sum(e.amount_nano) filter (where a.kind = 'write_offs'), 0) as written_off
               from ledger_transaction t
               left join ledger_entry e on e.transaction_id = t.id
               left join ledger_account a on a.id = e.ledger_account_id
               where t.kind in ('settle', 'release') group by t.generation_id
           ), compared as (
               select coalesce(g.id, b.generation_id) as generation, g.id is null as is_unrecorded,
                      coalesce(g.cost_nano, 0)::numeric as cost, coalesce(b.cost, 0) as cost_booked,
                      coalesce(g.upstream_cost_nano, 0)::numeric as upstream, coalesce(b.upstream, 0) as upstream_booked,
                      coalesce(g.written_off_nano, 0)::numeric as written_off,
                      coalesce(b.written_off, 0) as written_off_booked,
                      coalesce((g.receipt #>> '{cost,total}')::numeric, 0) as receipt
               from generation g full join booked b on b.generation_id = g.id
           )
           select generation as "generation!", is_unrecorded as "is_unrecorded!", cost as "cost!",
                  cost_booked as "cost_booked!", upstream as "upstream!", upstream_booked as "upstream_booked!",
                  written_off as "written_off!", written_off_booked as "written_off_booked!", receipt as "receipt!"
           from compared
           where is_unrecorded or cost <> cost_booked or upstream <> upstream_booked
              or written_off <> written_off_booked or receipt <> cost_booked
           limit 100"#
    )
    .fetch_all(connection)
    .await?;
    let mut breaks = Vec::new();
    for row in rows {
        let generation = row.generation;
        if row.is_unrecorded {
            breaks.push(Break::Unrecorded { generation, charged: values::amount(row.cost_booked) });
            continue;
        }
        let figures = [
            ("cost", row.cost, row.cost_booked),
            ("receipt's total", row.receipt, row.cost_booked),
            ("provider's bill", row.upstream, row.upstream_booked),
            ("write-off", row.written_off, row.written_off_booked),
        ];
        for (figure, recorded, booked) in figures {
            if recorded != booked {
                let (recorded, booked) = (values::amount(recorded), values::amount(booked));
                breaks.push(Break::Record { generation: generation.clone(), figure, recorded, booked });
            }
        }
    }
    Ok(breaks)
}
