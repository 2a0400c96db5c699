-- The double-entry ledger. Every movement of money is a transaction of entries that sum to zero; entries are only ever added.
--
-- Signs: an entry adds its amount to its account. What we owe (customers' credits, providers' bills) and what we earned is
-- positive; where it came from (Stripe, promotions) or was lost (write-offs) is negative.

create table ledger_account (
    id         bigint generated always as identity primary key,
    kind       text not null check (kind in (
                   'customer_credits', -- what an account can spend
                   'customer_held',    -- what is set aside for its running generations
                   'platform_revenue', -- what customers paid beyond the providers' bills
                   'provider_payable', -- what a provider will bill us
                   'stripe_clearing',  -- what Stripe collected
                   'promotions',       -- what the operator gave
                   'write_offs')),     -- what a call cost beyond all of the customer's credits
    account_id uuid references account,
    provider   text,
    created_at timestamptz not null default now(),
    check ((account_id is not null) = (kind in ('customer_credits', 'customer_held'))),
    check ((provider is not null) = (kind = 'provider_payable'))
);

create unique index ledger_account_owner on ledger_account (kind, coalesce(account_id::text, provider, ''));

insert into ledger_account (kind) values ('platform_revenue'), ('stripe_clearing'), ('promotions'), ('write_offs');

create table ledger_transaction (
    id            uuid primary key, -- v7: sorts by time
    kind          text not null check (kind in ('grant', 'hold', 'settle', 'release')),
    -- No foreign keys to hot rows: they would lock the account and the key on each request. Neither is ever deleted.
    account_id    uuid,
    key_id        text,
    generation_id text,
    reason        text, -- why, in the operator's words
    actor         text, -- who did it, where that is not the program
    created_at    timestamptz not null default now(),
    check ((generation_id is not null) = (kind in ('hold', 'settle', 'release'))),
    check (kind <> 'grant' or (reason is not null and actor is not null))
);

-- A generation is held once and ended once.
create unique index ledger_transaction_hold on ledger_transaction (generation_id) where kind = 'hold';
create unique index ledger_transaction_end on ledger_transaction (generation_id) where kind in ('settle', 'release');
create index ledger_transaction_account on ledger_transaction (account_id, id);

create table ledger_entry (
    transaction_id    uuid not null references ledger_transaction,
    -- No foreign key: each settlement would lock the same few platform accounts. refuse_unbalanced looks instead, which is
    -- as good, since ledger accounts are never deleted.
    ledger_account_id bigint not null,
    amount_nano       bigint not null check (amount_nano <> 0), -- billionths of a dollar
    primary key (transaction_id, ledger_account_id)
);

create function refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end
$$;

create trigger ledger_entry_append_only before update or delete or truncate on ledger_entry
    for each statement execute function refuse_change();
create trigger ledger_transaction_append_only before update or delete or truncate on ledger_transaction
    for each statement execute function refuse_change();
create trigger ledger_account_append_only before update or delete or truncate on ledger_account
    for each statement execute function refuse_change();

create function refuse_unbalanced() returns trigger
language plpgsql as $$
declare
    v_sum numeric;
    v_unknown bigint;
begin
    select sum(e.amount_nano), count(*) filter (where a.id is null) into v_sum, v_unknown
    from ledger_entry e left join ledger_account a on a.id = e.ledger_account_id
    where e.transaction_id = new.transaction_id;
    if v_sum <> 0 then
        raise exception 'ledger transaction % does not balance: its entries sum to %', new.transaction_id, v_sum
            using errcode = 'check_violation';
    end if;
    if v_unknown > 0 then
        raise exception 'ledger transaction % names an unknown ledger account', new.transaction_id
            using errcode = 'foreign_key_violation';
    end if;
    return null;
end
$$;

-- Deferred: entries come one by one, and only the whole must balance.
create constraint trigger ledger_entry_balanced after insert on ledger_entry
    deferrable initially deferred for each row execute function refuse_unbalanced();

-- The ledger's answer for each customer, kept beside it: the row that holds and settlements lock. Only customers have one:
-- a kept balance of a platform account would be one row that every request of every customer waits for.
create table customer_balance (
    account_id      uuid primary key references account,
    credits_account bigint not null references ledger_account,
    held_account    bigint not null references ledger_account,
    available_nano  bigint not null default 0 check (available_nano >= 0),
    held_nano       bigint not null default 0 check (held_nano >= 0),
    granted_nano    bigint not null default 0, -- put in since the account exists
    spent_nano      bigint not null default 0 check (spent_nano >= 0),
    constraint customer_balance_adds_up check (granted_nano = available_nano + held_nano + spent_nano)
) with (fillfactor = 50); -- updated twice for each generation

-- The id of the ledger account of this kind and owner (an account's id, a provider, or '' for the platform's own).
-- A provider's is made when it is first owed something.
create function ledger_account_of(p_kind text, p_owner text) returns bigint
language plpgsql as $$
declare
    v_id bigint;
begin
    loop
        select id into v_id from ledger_account
        where kind = p_kind and coalesce(account_id::text, provider, '') = p_owner;
        if found then
            return v_id;
        end if;
        if p_kind <> 'provider_payable' then
            raise exception 'there is no ledger account % of %', p_kind, p_owner;
        end if;
        insert into ledger_account (kind, provider) values (p_kind, p_owner) on conflict do nothing;
    end loop;
end
$$;
