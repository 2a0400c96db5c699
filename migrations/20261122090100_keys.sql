-- API keys: what a caller proves himself with. The secret itself is never stored.

create table api_key (
    id           text primary key check (id ~ '^[0-9a-f]{64}$'), -- SHA-256 of the whole key
    account_id   uuid not null references account,
    name         text not null,
    label        text not null,                                  -- masked: sk-souk-v1-0e6…c96
    limit_nano   bigint check (limit_nano >= 0),                 -- in all; null: none
    -- Kept by hold_credits and settle_generation; `souk ledger check` proves them equal to the ledger's folds. Spending may
    -- pass the limit: by a call that cost more than its hold, or because the limit was lowered.
    spent_nano   bigint not null default 0 check (spent_nano >= 0),
    held_nano    bigint not null default 0 check (held_nano >= 0),
    disabled     boolean not null default false,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    deleted_at   timestamptz -- rows stay: generations and the ledger name them
) with (fillfactor = 70); -- each settlement updates its row; room on the page spares the indexes

create index api_key_account on api_key (account_id, created_at desc);

-- Tells every node that a key changed in a way that matters to callers. Spending does not.
create function notify_key() returns trigger
language plpgsql as $$
begin
    perform pg_notify('souk_keys', new.id);
    return null;
end
$$;

create trigger api_key_changed
    after insert or update of limit_nano, disabled, expires_at, deleted_at on api_key
    for each row execute function notify_key();
