-- Hold, then settle: the two movements each generation makes, each one round trip and one short row lock.
--
-- Both lock the customer's balance first, and only then touch its keys: one order, so no deadlock, and a key's figures need
-- no lock of their own.

-- Sets credits aside. `verdict` is `held` (then `amount` is the hold), or which of the two was too little, `no_credits` or
-- `key_limit` (then `amount` is what it leaves). p_at_most is granted where it is covered; else half of what is left if that is
-- p_at_least or more (the rest is left to parallel calls); else p_at_least if that is covered.
create function hold_credits(
    p_generation text, p_account uuid, p_key text, p_at_least bigint, p_at_most bigint, p_node uuid, p_transaction uuid,
    p_surface text, p_requested_model text, out verdict text, out amount bigint)
language plpgsql as $$
declare
    v_balance customer_balance;
    v_key_left bigint; -- null: no limit
    v_left bigint;
    -- A call that may cost something never starts with nothing in hand.
    v_at_least bigint := greatest(least(p_at_least, p_at_most), least(p_at_most, 1));
begin
    if p_at_least < 0 or p_at_most < 0 then
        raise exception 'a hold cannot be negative';
    end if;
    -- Need not wait for the disk: the settlement does, and makes this durable with it. A hold lost in a crash of Postgres
    -- has moved nothing.
    perform set_config('synchronous_commit', 'off', true);
    verdict := 'held';
    if p_at_most = 0 then
        insert into generation_hold (generation_id, account_id, key_id, amount_nano, node, surface, requested_model)
        values (p_generation, p_account, p_key, 0, p_node, p_surface, p_requested_model) on conflict do nothing;
        amount := 0;
        return;
    end if;

    select * into v_balance from customer_balance where account_id = p_account for update;
    if not found then
        raise exception 'there is no account %', p_account;
    end if;
    if p_key is not null then
        select case when limit_nano is not null then greatest(limit_nano - spent_nano - held_nano, 0) end into v_key_left
        from api_key where id = p_key and account_id = p_account;
        if not found then
            raise exception 'there is no key % of account %', p_key, p_account;
        end if;
    end if;

    v_left := least(v_balance.available_nano, v_key_left);
    amount := case
        when p_at_most <= v_left then p_at_most
        when v_left / 2 >= v_at_least then v_left / 2
        when v_at_least <= v_left then v_at_least
    end;
    if amount is null then
        verdict := case when v_key_left < v_balance.available_nano then 'key_limit' else 'no_credits' end;
        amount := v_left;
        return;
    end if;

    insert into generation_hold (generation_id, account_id, key_id, amount_nano, node, surface, requested_model)
    values (p_generation, p_account, p_key, amount, p_node, p_surface, p_requested_model) on conflict do nothing;
    if not found then -- asked twice: once is enough
        select amount_nano into amount from generation_hold where generation_id = p_generation;
        return;
    end if;
    insert into ledger_transaction (id, kind, account_id, key_id, generation_id)
    values (p_transaction, 'hold', p_account, p_key, p_generation);
    insert into ledger_entry (transaction_id, ledger_account_id, amount_nano)
    values (p_transaction, v_balance.credits_account, -amount), (p_transaction, v_balance.held_account, amount);
    update customer_balance set available_nano = available_nano - amount, held_nano = held_nano + amount
    where account_id = p_account;
    if p_key is not null then
        update api_key set held_nano = held_nano + amount where id = p_key;
    end if;
end
$$;

-- Books what a generation cost, and frees the rest of its hold. `first` is false where it was settled before: then nothing
-- moves, and the figures are those of that time. A cost beyond the hold is taken from the customer's credits as far as they
-- go (a key's limit does not stop it); the remainder is written off. The caller writes the record (table generation) in the same
-- statement: it is what makes a second call find the first.
create function settle_generation(
    p_generation text, p_account uuid, p_key text, p_cost bigint, p_upstream bigint, p_provider text, p_transaction uuid,
    out first boolean, out charged bigint, out written_off bigint)
language plpgsql as $$
declare
    v_balance customer_balance;
    v_hold generation_hold;
    v_held bigint;
    v_key text := p_key;
begin
    if p_cost < 0 or p_upstream < 0 then
        raise exception 'a cost cannot be negative';
    end if;
    select * into v_balance from customer_balance where account_id = p_account for update;
    if not found then
        raise exception 'there is no account %', p_account;
    end if;
    select false, cost_nano, written_off_nano into first, charged, written_off from generation where id = p_generation;
    if found then
        return;
    end if;
    first := true;
    delete from generation_hold where generation_id = p_generation and account_id = p_account returning * into v_hold;
    if found then
        v_key := v_hold.key_id; -- the one whose limit the hold counts against
    end if;
    v_held := coalesce(v_hold.amount_nano, 0); -- no hold: lost in a crash of Postgres
    charged := least(p_cost, v_held + v_balance.available_nano);
    written_off := p_cost - charged;

    if v_held > 0 or p_cost > 0 or p_upstream > 0 then
        insert into ledger_transaction (id, kind, account_id, key_id, generation_id)
        values (p_transaction, case when p_cost > 0 or p_upstream > 0 then 'settle' else 'release' end, p_account, v_key,
                p_generation);
        insert into ledger_entry (transaction_id, ledger_account_id, amount_nano)
        select p_transaction, e.ledger_account, e.amount
        from (values
            (v_balance.held_account, -v_held),
            (v_balance.credits_account, v_held - charged),
            (case when written_off > 0 then ledger_account_of('write_offs', '') end, -written_off),
            (case when p_upstream > 0 then ledger_account_of('provider_payable', p_provider) end, p_upstream),
            (case when p_cost <> p_upstream then ledger_account_of('platform_revenue', '') end, p_cost - p_upstream)
        ) as e (ledger_account, amount)
        where e.amount <> 0;
        update customer_balance
        set available_nano = available_nano + v_held - charged, held_nano = held_nano - v_held, spent_nano = spent_nano + charged
        where account_id = p_account;
    end if;
    update api_key set held_nano = held_nano - v_held, spent_nano = spent_nano + charged, last_used_at = now()
    where id = v_key;
end
$$;
