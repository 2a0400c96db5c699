-- Generations: those that run (with what is set aside for them) and the record of those that ended.

-- An open hold is the intent "this generation may cost up to so much". It goes when the generation is settled, so this
-- table is as small as the number of running calls. A hold whose node is gone is an orphan.
create table generation_hold (
    generation_id text primary key,
    account_id    uuid not null,
    key_id        text, -- null: the site's own chat
    amount_nano   bigint not null check (amount_nano >= 0), -- 0: a free model
    node          uuid not null, -- the server process that runs it
    surface       text not null, -- these two: what an orphan's record can still say
    requested_model text not null,
    created_at    timestamptz not null default now()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- The record of a generation: written once, in the transaction that settles it. `receipt` is all that is known of it (the
-- JSON of domain::Generation); the columns are what pages filter and sum by. Rows are found by (account, time), so that
-- the table can be partitioned by time when it needs to be.
create table generation (
    id                 text primary key,
    account_id         uuid not null,
    key_id             text, -- null: the site's own chat
    created_at         timestamptz not null, -- when the request came
    settled_at         timestamptz not null default now(),
    surface            text not null,
    requested_model    text not null,
    model              text, -- what answered; null: nothing did
    provider           text,
    endpoint_tag       text,
    simulated          boolean not null,
    streamed           boolean not null,
    state              text not null check (state in ('completed', 'cancelled', 'failed')),
    error_type         text,
    attempts           integer not null,
    prompt_tokens      bigint not null check (prompt_tokens >= 0),
    completion_tokens  bigint not null check (completion_tokens >= 0),
    reasoning_tokens   bigint not null check (reasoning_tokens >= 0),
    cached_tokens      bigint not null check (cached_tokens >= 0),
    held_nano          bigint not null check (held_nano >= 0),
    cost_nano          bigint not null check (cost_nano >= 0), -- what the customer was charged
    written_off_nano   bigint not null check (written_off_nano >= 0), -- what it cost beyond that
    upstream_cost_nano bigint not null check (upstream_cost_nano >= 0),
    first_token_ms     bigint,
    duration_ms        bigint not null,
    app                text,
    end_user           text,
    receipt            jsonb not null
);

create index generation_account on generation (account_id, created_at desc, id desc);
create index generation_key on generation (key_id, created_at) where key_id is not null;
