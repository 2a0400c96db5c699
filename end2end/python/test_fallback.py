"""A model with two providers, of which the first fails before its first token: the second answers, and is paid alone."""

from decimal import Decimal

import pytest

from server import until
from wire import ask, nano

# model: the status that the first attempt is recorded with
FIRST = {
    "test/refused": None,
    "test/unavailable": 503,
    "test/limited": 429,
    "test/hanging": None,
    "test/dropped": 200,
    "test/stalled": 200,
    "test/blank": 200,
    "test/garbled": 200,
    "test/silent": 200,
}


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", FIRST)
def test_the_second_provider_answers(wire, books, model, streaming):
    body = ask("Hello there", model, max_tokens=50)
    if streaming:
        stream = wire.stream(body)
        assert stream.error is None and stream.is_done, stream.error
        assert {chunk["provider"] for chunk in stream.chunks} == {"Second"}
        id, text, usage = stream.id, stream.text, stream.usages[0]
    else:
        response = wire.chat(body)
        assert response.status_code == 200, response.text
        answer = response.json()
        assert answer["provider"] == "Second"
        id, text, usage = answer["id"], answer["choices"][0]["message"]["content"], answer["usage"]
    assert text == "You said: Hello there"

    record = until(lambda: wire.generation(id), "the record is there")
    first, second = record["provider_responses"]
    assert (first["provider_name"], second["provider_name"]) == ("First", "Second")
    assert second["status"] == 200
    if first["status"] != FIRST[model]:
        assert first["status"] is None, first
    assert record["provider_name"] == "Second"

    due = usage["prompt_tokens"] * Decimal("0.000001") + usage["completion_tokens"] * Decimal("0.000002")
    assert nano(Decimal(str(usage["cost"]))) == nano(due), "at the second provider's price"
    assert books.charged(id) == nano(due)
    assert books.settlements(id) == 1
    receipt = books.record(id)["receipt"]
    assert [attempt["failure"] is None for attempt in receipt["attempts"]] == [False, True]


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])
def test_when_all_fail_each_attempt_is_recorded_and_nothing_is_charged(wire, books, streaming):
    id = wire.stream(ask("Hi", "test/dead")).id if streaming else wire.chat(ask("Hi", "test/dead")).headers["x-generation-id"]
    record = until(lambda: wire.generation(id), "the record is there")
    assert [r["provider_name"] for r in record["provider_responses"]] == ["First", "Second"]
    assert [r["status"] for r in record["provider_responses"]] == [503, 529]
    assert record["total_cost"] == 0
    assert books.charged(id) == 0
    assert books.record(id)["state"] == "failed"


def test_a_hanging_provider_is_given_up_after_the_limit(wire):
    record_id = wire.chat(ask("Hi", "test/hanging")).json()["id"]
    first, second = until(lambda: wire.generation(record_id), "the record is there")["provider_responses"]
    assert first["latency"] >= 1000, "the limit that end2end/run sets"
    assert second["latency"] < first["latency"]
