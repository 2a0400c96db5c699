-- The catalog as SQL sees it: a copy of the files, for joins and statistics. Routing reads the files' snapshot in memory.
-- What vanished from the files keeps its row, since generations name it, with the time at which it went.

create table provider (
    slug                 text primary key,
    name                 text not null,
    kind                 text not null,
    simulated            boolean not null,
    dialect              text,
    headquarters         text,
    region               text,
    first_party_author   text,
    datacenters          text[] not null,
    training             boolean, -- null is unknown, here and below
    retains_prompts      boolean,
    retention_days       bigint,
    terms_of_service_url text,
    privacy_policy_url   text,
    status_page_url      text,
    source               text not null,
    as_of                text not null,
    removed_at           timestamptz
);

create table model (
    slug              text primary key, -- without variant
    author            text not null,
    name              text not null,
    kind              text not null,
    description       text,
    released          text, -- a day, as the sources give it
    knowledge_cutoff  text,
    expires           text,
    context_length    bigint,
    max_output        bigint,
    input_modalities  text[] not null,
    output_modalities text[] not null,
    open_weights      boolean,
    hugging_face_id   text,
    canonical_slug    text,
    family            text,
    tokenizer         text,
    capabilities      jsonb not null,
    source            text not null,
    as_of             text not null,
    removed_at        timestamptz
);

create table endpoint (
    id                   text primary key, -- author/slug[:variant]@tag
    model                text not null references model,
    variant              text,
    provider             text not null references provider,
    tag                  text not null,
    upstream_id          text not null,
    region               text,
    flavour              text,
    context_length       bigint,
    max_prompt_tokens    bigint,
    max_output           bigint,
    quantization         text,
    supported_parameters text[],
    capabilities         jsonb not null,
    status               text not null,
    deprecation_date     text,
    price_rules          jsonb not null, -- what changes the listed prices: conditions, service tiers, sizes
    source               text not null,
    removed_at           timestamptz
);

create index endpoint_model on endpoint (model);
create index endpoint_provider on endpoint (provider);

-- The listed price of each unit an endpoint charges for: exact US dollars per single unit.
create table endpoint_price (
    endpoint_id text not null references endpoint,
    unit        text not null,
    rate        numeric not null check (rate >= 0),
    primary key (endpoint_id, unit)
);

create table catalog_load (
    id        bigint generated always as identity primary key,
    digest    text not null, -- SHA-256 over all files
    providers integer not null,
    models    integer not null,
    endpoints integer not null,
    loaded_at timestamptz not null default now()
);

-- Tells every node that another catalog is in force.
create function notify_catalog() returns trigger
language plpgsql as $$
begin
    perform pg_notify('souk_catalog', new.digest);
    return null;
end
$$;

create trigger catalog_loaded after insert on catalog_load for each row execute function notify_catalog();
