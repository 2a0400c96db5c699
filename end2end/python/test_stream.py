"""Streams: by the stock client, and as the bytes they are."""

import time

import openai
import pytest

from server import serving
from wire import Wire, ask


def test_pieces_arrive_while_the_model_still_talks(client):
    begin = time.monotonic()
    times = []
    text = ""
    stream = client.chat.completions.create(model="test/paced", messages=[{"role": "user", "content": "Slowly"}], stream=True)
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            times.append(time.monotonic() - begin)
            text += chunk.choices[0].delta.content
    assert len(times) == 12
    assert text.startswith("You said: Slowly")
    # 12 tokens, one each 50 ms: the first is there long before the last.
    assert times[-1] - times[0] > 0.4


def test_a_stream_ends_with_one_chunk_of_usage_that_has_no_choices(client):
    chunks = list(
        client.chat.completions.create(
            model="simulator/echo",
            messages=[{"role": "user", "content": "Hello there"}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    with_usage = [chunk for chunk in chunks if chunk.usage]
    assert with_usage == [chunks[-1]]
    assert chunks[-1].choices == []
    assert (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == (6, 5)
    assert chunks[-1].usage.cost > 0
    assert [c.finish_reason for chunk in chunks for c in chunk.choices if c.finish_reason] == ["stop"]
    assert len({chunk.id for chunk in chunks}) == 1


def test_usage_comes_unasked(wire):
    stream = wire.stream(ask("Hi"))
    assert len(stream.usages) == 1


def test_the_bytes_of_a_stream_are_as_documented(wire):
    stream = wire.stream(ask("Hello there"))
    assert stream.status == 200
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert "no-cache" in stream.headers["cache-control"]
    assert stream.is_done
    assert stream.text == "You said: Hello there"
    assert {chunk["id"] for chunk in stream.chunks} == {stream.id}
    for chunk in stream.chunks:
        assert chunk["object"] == "chat.completion.chunk"
        assert chunk["model"] == "simulator/echo"
        assert chunk["provider"] == "Simulator"
        assert isinstance(chunk["created"], int)


def test_a_stream_and_one_piece_say_and_cost_the_same(wire):
    for model in ["simulator/echo", "simulator/reasoner", "test/odd"]:
        stream = wire.stream(ask("The same to both", model))
        whole = wire.chat(ask("The same to both", model)).json()
        assert stream.text == whole["choices"][0]["message"]["content"]
        assert float(stream.usages[0]["cost"]) == whole["usage"]["cost"]
        assert stream.finishes == [whole["choices"][0]["finish_reason"]]


def test_reasoning_streams_before_the_text(client):
    for provider in ["simulator", "simulator-anthropic"]:
        stream = client.chat.completions.create(
            model="simulator/reasoner",
            max_tokens=4000,
            messages=[{"role": "user", "content": "Why?"}],
            stream=True,
            extra_body={"reasoning": {"max_tokens": 1024}, "provider": {"only": [provider]}},
        )
        kinds = []
        for chunk in stream:
            for choice in chunk.choices:
                if getattr(choice.delta, "reasoning", None):
                    kinds.append("reasoning")
                    assert choice.delta.reasoning_details[0]["type"] == "reasoning.text"
                if choice.delta.content:
                    kinds.append("text")
        assert "reasoning" in kinds and "text" in kinds
        assert kinds == sorted(kinds), f"{provider}: all reasoning comes first"


@pytest.mark.parametrize("model", ["test/breaks", "test/cut"])
def test_an_error_in_mid_stream_raises_in_the_client_after_what_was_delivered(client, model):
    text = ""
    with pytest.raises(openai.APIError):
        for chunk in client.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hi"}], stream=True):
            if chunk.choices:
                text += chunk.choices[0].delta.content or ""
    assert text == "You said:"


@pytest.mark.parametrize("model", ["test/breaks", "test/cut"])
def test_an_error_in_mid_stream_is_an_event_without_done(wire, books, model):
    stream = wire.stream(ask("Hi", model))
    assert stream.status == 200
    assert not stream.is_done
    assert stream.usages == []
    last = stream.chunks[-1]
    assert last["choices"][0]["finish_reason"] == "error"
    assert last["choices"][0]["delta"]["content"] == ""
    assert last["error"]["code"] in (500, 502, 503)
    assert last["error"]["message"]
    assert last["error"]["metadata"]["error_type"] in ("server", "provider_unavailable", "provider_overloaded")
    assert last["error"]["metadata"]["provider_name"] == "First"
    record = wire.generation(stream.id)
    assert record["provider_responses"][0]["provider_name"] == "First"
    assert books.record(stream.id)["state"] == "failed"


def test_an_error_before_the_first_token_is_plain_json(wire):
    stream = wire.stream(ask("Hi", "test/dead"))
    assert stream.status == 503
    assert stream.headers["content-type"] == "application/json"
    assert stream.error["code"] == 503
    assert stream.headers["x-generation-id"].startswith("gen-")


def test_an_error_in_the_middle_of_one_piece_is_an_error_status(client):
    for model in ["test/breaks", "test/cut"]:
        with pytest.raises(openai.InternalServerError) as raised:
            client.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hi"}])
        assert raised.value.status_code in (500, 502, 503)


def test_a_silent_model_is_bridged_by_comments(program, account, log_file):
    """On a server of its own: the shared one gives up on silence sooner."""
    patient = program.with_environment(SOUK_UPSTREAM_FIRST_BYTE_MS="60000", SOUK_UPSTREAM_IDLE_MS="60000")
    with serving(patient, log_file) as server:
        stream = Wire(server.api, account.key).stream(ask("Hi", "test/patient"))
    assert stream.comments, "a comment each few seconds keeps proxies from giving up"
    assert stream.text == "You said: Hi"
    assert stream.is_done
    assert len(stream.usages) == 1


def test_the_generation_id_is_in_the_header_of_every_answer(wire):
    for body in [ask("Hi"), ask("Hi", "test/dead")]:
        whole = wire.chat(body)
        assert whole.headers["x-generation-id"].startswith("gen-")
        assert wire.stream(body).id.startswith("gen-")
    assert wire.chat(ask("Hi")).json()["id"].startswith("gen-")
