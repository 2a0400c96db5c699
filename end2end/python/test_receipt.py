"""One cost in five places: the answer, the record, the ledger, the database and the balance, equal to the nano-dollar."""

import httpx
import pytest

from server import until
from wire import Wire, ask, exact, nano

MODELS = ["simulator/echo", "simulator/reasoner", "simulator/flaky", "test/odd", "test/exact", "test/uncounted", "test/declines"]


@pytest.fixture(scope="module")
def payer(program):
    return program.account("1")


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", MODELS)
def test_the_cost_is_the_same_wherever_it_is_told(api, payer, books, model, streaming):
    wire = Wire(api, payer.key)
    before = books.balance(payer.email)
    body = ask("What does this cost, to the last digit?", model)
    if streaming:
        stream = wire.stream(body)
        id, usage = stream.id, stream.usages[0]
    else:
        answer = exact(wire.chat(body).text)
        id, usage = answer["id"], answer["usage"]
    cost = nano(usage["cost"])
    assert cost > 0
    # The answer's end was sent after it was booked: nothing needs to be waited for.
    record = wire.generation(id)
    assert nano(record["total_cost"]) == nano(record["usage"]) == cost
    assert (record["tokens_prompt"], record["tokens_completion"]) == (usage["prompt_tokens"], usage["completion_tokens"])
    assert record["streamed"] is streaming
    row = books.record(id)
    assert row["cost_nano"] == cost
    assert row["receipt"]["cost"]["total"] in (cost, str(cost)) or nano(exact(str(row["receipt"]["cost"]["total"]))) == cost
    assert books.charged(id) == cost
    after = books.balance(payer.email)
    assert before.available - after.available == cost
    assert after.spent - before.spent == cost
    assert after.held == 0


def test_uncounted_tokens_are_estimated_and_marked(wire):
    answer = wire.chat(ask("How many tokens are these?", "test/uncounted")).json()
    record = wire.generation(answer["id"])
    assert (record["usage_is_estimated"], record["tokenizer"]) == (True, "o200k_base")
    # As the vocabulary has it: `How many tokens are these?` and `You said: How many tokens are these?`.
    assert (record["tokens_prompt"], record["tokens_completion"]) == (6, 9)
    assert wire.generation(wire.chat(ask("Hi")).json()["id"])["tokenizer"] is None


@pytest.mark.parametrize("model", ["test/breaks", "test/cut"])
def test_an_answer_that_broke_off_is_charged_for_what_was_delivered(wire, books, model):
    stream = wire.stream(ask("x" * 400, model))
    record = until(lambda: wire.generation(stream.id), "the record is there")
    assert 0 < record["tokens_completion"] <= 3
    assert nano(record["total_cost"]) == books.charged(stream.id) > 0
    assert books.record(stream.id)["state"] == "failed"


def test_a_client_that_hangs_up_stops_the_provider_and_pays_for_what_it_got(wire, books, simulator_log):
    with wire.http.stream("POST", "/chat/completions", json=ask("Talk to me", "test/endless", stream=True)) as response:
        id = response.headers["x-generation-id"]
        heard = 0
        for piece in response.iter_raw():
            heard += piece.count(b'"content":"')
            if heard >= 5:
                break
    record = until(lambda: wire.generation(id), "the generation is settled")
    assert record["cancelled"] is True
    assert books.record(id)["state"] == "cancelled"
    entry = until(lambda: (e := simulator_log(record["upstream_id"]))["state"] != "running" and e, "the provider noticed")
    assert entry["state"] == "client_gone"
    assert entry["tokens_sent"] < 200, "far from the 2,000 of the whole answer"
    assert nano(record["total_cost"]) == books.charged(id) > 0
    # Counted in tokens of ours: a few of them make one of the simulator's.
    assert record["usage_is_estimated"] is True
    assert record["tokens_completion"] <= 5 * (entry["tokens_sent"] + 1)
    assert books.settlements(id) == 1


def test_a_client_that_hangs_up_before_the_first_token_pays_nothing(wire, books, account):
    known = {row["id"] for row in books.generations(account.email)}
    with pytest.raises(httpx.TimeoutException):
        wire.http.post("/chat/completions", json=ask("Too slow", "test/patient", stream=True), timeout=0.7)

    def settled():
        rows = [row for row in books.generations(account.email) if row["id"] not in known]
        return [row for row in rows if row["requested_model"] == "test/patient"]

    (row,) = until(settled, "the generation is settled")
    assert row["state"] in ("cancelled", "failed")
    assert row["cost_nano"] == 0
    assert books.charged(row["id"]) == 0


def test_a_client_that_hangs_up_on_an_answer_in_one_piece_stops_the_provider_too(wire, books, account):
    known = {row["id"] for row in books.generations(account.email)}
    with pytest.raises(httpx.TimeoutException):
        wire.http.post("/chat/completions", json=ask("Talk to nobody", "test/endless"), timeout=1.0)

    def settled():
        rows = [row for row in books.generations(account.email) if row["id"] not in known]
        return [row for row in rows if row["requested_model"] == "test/endless" and not row["streamed"]]

    (row,) = until(settled, "the generation is settled")
    assert row["state"] == "cancelled"
    assert row["cost_nano"] == books.charged(row["id"])


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])
def test_where_the_bill_goes_on_a_client_that_hangs_up_pays_the_whole_answer(wire, books, account, simulator_log, streaming):
    known = {row["id"] for row in books.generations(account.email)}
    body = ask("Talk to nobody", "test/unstoppable", stream=streaming, user=f"left-{streaming}")
    with pytest.raises(httpx.TimeoutException):
        with wire.http.stream("POST", "/chat/completions", json=body, timeout=0.7) as response:
            for piece in response.iter_raw():
                if b'"content":"' in piece:
                    raise httpx.ReadTimeout("heard enough")

    def settled():
        rows = [row for row in books.generations(account.email) if row["id"] not in known]
        return [row for row in rows if row["end_user"] == body["user"]]

    (row,) = until(settled, "the generation is settled")
    assert row["state"] == "cancelled"
    record = wire.generation(row["id"])
    entry = simulator_log(record["upstream_id"])
    assert (entry["state"], entry["tokens_sent"]) == ("completed", 60)
    assert record["usage_is_estimated"] is False
    assert (record["tokens_prompt"], record["tokens_completion"]) == (entry["prompt_tokens"], 60)
    assert row["cost_nano"] == books.charged(row["id"]) == 1_000 * entry["prompt_tokens"] + 2_000 * 60


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])
def test_where_the_bill_goes_on_leaving_before_the_first_token_ends_nothing(wire, books, account, streaming):
    known = {row["id"] for row in books.generations(account.email)}
    body = ask("Too slow", "test/late", stream=streaming, user=f"early-{streaming}")
    with pytest.raises(httpx.TimeoutException):
        wire.http.post("/chat/completions", json=body, timeout=0.5)

    def settled():
        rows = [row for row in books.generations(account.email) if row["id"] not in known]
        return [row for row in rows if row["end_user"] == body["user"]]

    (row,) = until(settled, "the generation is settled")
    assert (row["state"], row["completion_tokens"]) == ("cancelled", 20)
    assert row["cost_nano"] == books.charged(row["id"]) == 1_000 * row["prompt_tokens"] + 2_000 * 20


@pytest.mark.parametrize(("words", "prices"), [(50, (1_000, 100, 2_000)), (4_000, (3_000, 300, 5_000))])
def test_the_price_of_a_long_prompt_and_of_its_cached_part_is_that_of_its_tier(wire, books, words, prices):
    body = ask("word " * words, "test/tiered")
    for _ in range(2):
        answer = wire.chat(body).json()
        usage = answer["usage"]
        prompt, cached = usage["prompt_tokens"], usage["prompt_tokens_details"]["cached_tokens"]
        plain, read, completion = prices
        expected = plain * (prompt - cached) + read * cached + completion * usage["completion_tokens"]
        assert (prompt > 2_000) is (words > 2_000)
        assert books.charged(answer["id"]) == books.record(answer["id"])["cost_nano"] == expected
    # The second time a long prompt is found in the cache, and what that saved is told.
    assert (cached > 1_000) is (words > 2_000)
    saved = wire.generation(answer["id"])["cache_discount"]
    assert (saved is None) if cached == 0 else (nano(saved) == (plain - read) * cached)
