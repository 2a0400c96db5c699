"""OpenRouter's own Python client: only the base URL and the key are ours. Vectors and rankings by it: `test_embeddings`."""

import asyncio
import json

import pytest
from openrouter import OpenRouter, components, errors

from test_tools import BOTH, PROVIDERS, TOOLS

HELLO = [{"role": "user", "content": "Hello there"}]
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}


def client_of(api: str, key: str) -> OpenRouter:
    """Without the client's own retries, which would go on for an hour."""
    return OpenRouter(api_key=key, server_url=api, retry_config=None)


def lacking(fields: str):
    """What this client demands, as its answers' schema is stricter than the published one, and the server does not say."""
    return pytest.mark.xfail(raises=errors.ResponseValidationError, strict=True, reason=f"the server does not say {fields}")


@pytest.fixture(scope="module")
def openrouter(api, account):
    with client_of(api, account.key) as client:
        yield client


def of(provider: str) -> dict:
    return {"only": [provider]}


def test_a_chat_is_answered_with_its_usage_and_cost(openrouter):
    answer = openrouter.chat.send(model="simulator/echo", messages=HELLO)
    assert isinstance(answer, components.ChatResult)
    (choice,) = answer.choices
    assert choice.message.content == "You said: Hello there"
    assert choice.finish_reason == "stop"
    usage = answer.usage
    assert usage.completion_tokens == 5
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.cost > 0 and usage.is_byok is False


def test_a_stream_is_parsed_chunk_by_chunk_and_ends_with_its_usage(openrouter):
    with openrouter.chat.send(model="simulator/echo", messages=HELLO, stream=True) as stream:
        chunks = list(stream)
    assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == "You said: Hello there"
    assert [c.finish_reason for chunk in chunks for c in chunk.choices if c.finish_reason] == ["stop"]
    (usage,) = [chunk.usage for chunk in chunks if chunk.usage]
    assert usage == chunks[-1].usage
    assert usage.completion_tokens == 5 and usage.cost > 0
    assert len({chunk.id for chunk in chunks}) == 1


def test_the_asynchronous_client_gets_the_same(api, account):
    async def ask() -> list[str]:
        wanted = dict(model="simulator/echo", messages=HELLO)
        async with client_of(api, account.key) as client:
            whole = await client.chat.send_async(**wanted)
            async with await client.chat.send_async(**wanted, stream=True) as stream:
                pieces = [choice.delta.content or "" async for chunk in stream for choice in chunk.choices]
        return [whole.choices[0].message.content, "".join(pieces)]

    assert asyncio.run(ask()) == ["You said: Hello there"] * 2


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("model", "more"), [("simulator/echo", {}), ("simulator/reasoner", {"reasoning": {"effort": "low"}})])
def test_tools_are_called_in_parallel_and_their_results_go_back(openrouter, model, more, provider):
    wanted = dict(model=model, tools=TOOLS, parallel_tool_calls=True, provider=of(provider), **more)
    choice = openrouter.chat.send(messages=BOTH, **wanted).choices[0]
    assert choice.finish_reason == "tool_calls"
    calls = choice.message.tool_calls
    assert [call.function.name for call in calls] == ["get_weather", "get_time"]
    assert all(set(json.loads(call.function.arguments)) == {"city", "days"} for call in calls)
    results = [{"role": "tool", "tool_call_id": call.id, "content": f"{call.function.name} is fine"} for call in calls]
    # The client's own object goes back, thoughts and all.
    second = openrouter.chat.send(messages=[*BOTH, choice.message, *results], **wanted).choices[0]
    assert second.finish_reason == "stop"
    assert second.message.content == (
        "The tool get_weather returned: get_weather is fine\nThe tool get_time returned: get_time is fine"
    )
    # Where thoughts are signed, a model thinks on in a tool loop only if they came back, and are believed.
    assert bool(second.message.reasoning) == bool(more)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_streamed_calls_add_up(openrouter, provider):
    calls: dict[int, list[str]] = {}
    wanted = dict(model="simulator/echo", messages=BOTH, tools=TOOLS, provider=of(provider))
    with openrouter.chat.send(**wanted, stream=True) as stream:
        for delta in (call for chunk in stream for choice in chunk.choices for call in choice.delta.tool_calls or []):
            call = calls.setdefault(delta.index, [delta.id, delta.function.name, ""])
            call[2] += delta.function.arguments or ""
    assert [name for _, name, _ in calls.values()] == ["get_weather", "get_time"]
    assert all(id and set(json.loads(arguments)) == {"city", "days"} for id, _, arguments in calls.values())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_thoughts_are_text_and_details(openrouter, provider):
    wanted = dict(model="simulator/reasoner", messages=HELLO, reasoning={"effort": "low"}, provider=of(provider))
    answer = openrouter.chat.send(**wanted)
    message = answer.choices[0].message
    assert message.reasoning
    assert "".join(detail.text for detail in message.reasoning_details) == message.reasoning
    assert answer.usage.completion_tokens_details.reasoning_tokens > 0
    with openrouter.chat.send(**wanted, stream=True) as stream:
        pieces = [choice.delta.reasoning or "" for chunk in stream for choice in chunk.choices]
    assert "".join(pieces) == message.reasoning


def test_structured_output_is_json_of_the_schema(openrouter):
    wanted = {"type": "json_schema", "json_schema": {"name": "count", "strict": True, "schema": SCHEMA}}
    answer = openrouter.chat.send(model="simulator/echo", messages=HELLO, response_format=wanted)
    counted = json.loads(answer.choices[0].message.content)
    assert set(counted) == {"n"} and isinstance(counted["n"], int)


def test_responses_are_parsed_whole_and_event_by_event(openrouter):
    answer = openrouter.responses.send(model="simulator/echo", input="Hello there")
    assert answer.output[0].content[0].text == "You said: Hello there"
    assert answer.usage.cost > 0
    with openrouter.responses.send(model="simulator/echo", input="Hello there", stream=True) as stream:
        events = list(stream)
    assert events[-1].type == "response.completed"
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == "You said: Hello there"


def test_models_and_providers_are_listed(openrouter):
    page = openrouter.models.list(limit=100)
    models = []
    while page:
        assert page.result.total_count == openrouter.models.count().data.count
        models += page.result.data
        page = page.next()
    ids = {model.id for model in models}
    assert "simulator/echo" in ids and len(ids) == len(models) > 300
    assert openrouter.models.get(author="simulator", slug="echo").data.name == "Simulator Echo"
    assert "simulator" in {provider.slug for provider in openrouter.providers.list().data}


def test_endpoints_are_listed(openrouter):
    endpoints = openrouter.endpoints.list(author="test", slug="refused").data.endpoints
    assert [endpoint.provider_name for endpoint in endpoints] == ["First", "Second"]


@lacking("allowed_data_regions, budgets, effective_budget, free_model_daily_requests, organization_id and workspace_id")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_key_is_described(openrouter):
    key = openrouter.api_keys.get_current_key_metadata().data
    assert (key.limit, key.is_management_key) == (None, False)
    assert key.usage >= 0


def test_credits_and_the_record_know_of_a_call(api, program):
    with client_of(api, program.account("3").key) as client:
        credits = client.credits.get_credits().data
        assert (credits.total_credits, credits.total_usage) == (3, 0)
        answer = client.chat.send(model="simulator/echo", messages=HELLO)
        record = client.generations.get_generation(id=answer.id).data
        assert (record.model, record.total_cost) == ("simulator/echo", answer.usage.cost)
        assert client.credits.get_credits().data.total_usage == answer.usage.cost


@pytest.mark.parametrize(
    ("changes", "error", "status"),
    [
        ({"max_tokens": -1}, errors.BadRequestResponseError, 400),
        ({"model": "no/such"}, errors.BadRequestResponseError, 400),
        ({"model": "test/dead"}, errors.ServiceUnavailableResponseError, 503),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_are_the_exceptions_of_the_client(openrouter, changes, error, status, stream):
    with pytest.raises(error) as raised:
        openrouter.chat.send(**{"model": "simulator/echo", "messages": HELLO, "stream": stream, **changes})
    data = raised.value.data.error
    assert (raised.value.status_code, data.code) == (status, status)
    assert data.message == str(raised.value)
    assert data.metadata["error_type"]


def test_strangers_and_paupers_are_told_apart(api, program):
    with client_of(api, "sk-souk-v1-" + "0" * 64) as stranger, pytest.raises(errors.UnauthorizedResponseError):
        stranger.chat.send(model="simulator/echo", messages=HELLO)
    with client_of(api, program.account().key) as pauper, pytest.raises(errors.PaymentRequiredResponseError):
        pauper.chat.send(model="simulator/echo", messages=HELLO)


def test_an_error_in_mid_stream_is_a_chunk_after_what_was_delivered(openrouter):
    with openrouter.chat.send(model="test/breaks", messages=HELLO, stream=True) as stream:
        chunks = list(stream)
    assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == "You said:"
    (error,) = [chunk.error for chunk in chunks if chunk.error]
    assert error.code == 502 and error.message and error.metadata.error_type
