-- Who pays, who is signed in, and how often somebody failed to sign in.

create table account (
    id            uuid primary key, -- v7
    email         text not null check (email <> ''),
    password_hash text,             -- an argon2 string, made by the server; null: cannot sign in by password
    is_admin      boolean not null default false,
    created_at    timestamptz not null default now()
);

-- One account per address, however it is written; also what sign-in looks up.
create unique index account_email on account (lower(email));

-- The site's sessions. Only a hash of the cookie's id is kept, so that nobody can sign in with a copy of this table.
create table session (
    id         bytea primary key, -- SHA-256 of the id in the cookie
    account_id uuid references account on delete cascade, -- null: nobody is signed in
    data       jsonb not null,
    expires_at timestamptz not null
);

create index session_account on session (account_id) where account_id is not null;
create index session_expires on session (expires_at);

-- Attempts to sign in that have not succeeded, by address and by network address (hashed: they are nobody's business).
create table sign_in_attempt (
    subject bytea not null,
    at      timestamptz not null
);

create index sign_in_attempt_subject on sign_in_attempt (subject, at);

-- Counts an attempt and returns 0, or returns the seconds to wait when there were p_at_most within the window already.
-- Counting and judging are one step under a lock, so that parallel guesses gain nothing.
create function begin_sign_in(p_subject text, p_at_most integer, p_window_seconds integer) returns integer
language plpgsql as $$
declare
    v_subject bytea := sha256(convert_to(p_subject, 'UTF8'));
    v_window interval := make_interval(secs => p_window_seconds);
    v_count integer;
    v_first timestamptz;
begin
    perform pg_advisory_xact_lock(hashtextextended(p_subject, 0));
    delete from sign_in_attempt where subject = v_subject and at <= clock_timestamp() - v_window;
    select count(*), min(at) into v_count, v_first from sign_in_attempt where subject = v_subject;
    if v_count >= p_at_most then
        return greatest(1, ceil(extract(epoch from v_first + v_window - clock_timestamp())));
    end if;
    insert into sign_in_attempt (subject, at) values (v_subject, clock_timestamp());
    return 0;
end
$$;
