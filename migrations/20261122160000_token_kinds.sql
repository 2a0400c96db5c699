-- Each kind of token is counted and priced for itself; so that pages can sum by kind, each has a column, as the first four had.

alter table generation
    add column cache_write_tokens      bigint not null default 0 check (cache_write_tokens >= 0), -- of any lifetime
    add column cache_write_1h_tokens   bigint not null default 0 check (cache_write_1h_tokens >= 0), -- of those: one hour
    add column audio_prompt_tokens     bigint not null default 0 check (audio_prompt_tokens >= 0),
    add column image_prompt_tokens     bigint not null default 0 check (image_prompt_tokens >= 0),
    add column video_prompt_tokens     bigint not null default 0 check (video_prompt_tokens >= 0),
    add column audio_completion_tokens bigint not null default 0 check (audio_completion_tokens >= 0),
    add column image_completion_tokens bigint not null default 0 check (image_completion_tokens >= 0),
    add column tokenizer               text, -- what we counted with; null: the provider counted
    add column service_tier            text; -- as the provider said; null: it said none
