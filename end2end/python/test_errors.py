"""What goes wrong says so clearly, as the right exception, and costs nothing."""

import json

import httpx
import openai
import pytest

from server import until
from wire import Wire, ask, exact

HELLO = [{"role": "user", "content": "Hello"}]


def tool(name) -> dict:
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}


def body(**changes) -> bytes:
    return json.dumps({"model": "simulator/echo", "messages": HELLO} | changes).encode()


def without(field: str) -> bytes:
    whole = json.loads(body())
    del whole[field]
    return json.dumps(whole).encode()


# name: (body, the field that the error names)
BAD_BODIES = {
    "nothing": (b"", None),
    "not JSON": (b"hello", None),
    "half of JSON": (b'{"model": "simulator/echo", "messages": [', None),
    "JSON and more": (body() + b" {}", None),
    "invalid UTF-8": (b'{"model": "simulator/echo", "messages": [{"role": "user", "content": "\xff\xfe"}]}', None),
    "a lone surrogate": (rb'{"model": "simulator/echo", "messages": [{"role": "user", "content": "\ud800"}]}', None),
    "a list": (b"[]", None),
    "null": (b"null", None),
    "nested deeply": (b'{"messages": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", None),
    "no messages": (without("messages"), "messages"),
    "no message at all": (body(messages=[]), "messages"),
    "messages as text": (body(messages="Hello"), "messages"),
    "a message as text": (body(messages=["Hello"]), "messages[0]"),
    "an unknown role": (body(messages=[{"role": "king", "content": "Hello"}]), "messages[0]"),
    "no role": (body(messages=[{"content": "Hello"}]), "messages[0]"),
    "content as a number": (body(messages=[{"role": "user", "content": 7}]), "messages[0]"),
    "an unknown part": (body(messages=[{"role": "user", "content": [{"type": "smell"}]}]), "messages[0]"),
    "an image from a file": (
        body(messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}]}]),
        "messages[0].content",
    ),
    "no model": (without("model"), "model"),
    "model as a number": (body(model=5), "model"),
    "models as text": (body(models="simulator/echo"), "models"),
    "negative max_tokens": (body(max_tokens=-1), "max_tokens"),
    "zero max_tokens": (body(max_tokens=0), "max_tokens"),
    "half max_tokens": (body(max_tokens=1.5), "max_tokens"),
    "huge max_tokens": (body(max_tokens=10**30), "max_tokens"),
    "max_tokens as text": (body(max_tokens="many"), "max_tokens"),
    "stream as text": (body(stream="yes"), "stream"),
    "a hot temperature": (body(temperature=3), "temperature"),
    "a cold temperature": (body(temperature=-0.1), "temperature"),
    "no answers": (body(n=0), "n"),
    "too many stops": (body(stop=["x"] * 17), "stop"),
    "stop as a number": (body(stop=1), "stop"),
    "tools as an object": (body(tools={}), "tools"),
    "10,000 tools": (body(tools=[tool(f"t{n}") for n in range(10_000)]), "tools"),
    "a nameless tool": (body(tools=[tool("")]), "tools[0].function.name"),
    "a tool without a function": (body(tools=[{"type": "function"}]), "tools[0]"),
    "a tool's schema as text": (
        body(tools=[{"type": "function", "function": {"name": "f", "parameters": "any"}}]),
        "tools[0].function.parameters",
    ),
    "a tool that is not there": (body(tools=[tool("f")], tool_choice={"type": "function"}), "tool_choice"),
    "an unknown format": (body(response_format={"type": "poem"}), "response_format"),
    "a schema without a schema": (body(response_format={"type": "json_schema", "json_schema": {"name": "x"}}), "response_format"),
    "an unknown effort": (body(reasoning={"effort": "heroic"}), "reasoning.effort"),
    "provider as text": (body(provider="simulator"), "provider"),
    "order as text": (body(provider={"order": "simulator"}), "provider.order"),
    "a price ceiling as text": (body(provider={"max_price": {"prompt": "cheap"}}), "provider.max_price.prompt"),
}


@pytest.fixture(scope="module")
def careful(program):
    """An account that must come out of this module with all it had."""
    return program.account("1")


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_is_refused_by_name(api, careful, name):
    content, field = BAD_BODIES[name]
    response = Wire(api, careful.key).chat(content)
    assert response.status_code == 400, response.text
    error = exact(response.text)["error"]
    assert error["code"] == 400
    assert error["metadata"]["error_type"] == "invalid_request"
    assert len(error["message"]) > 10, error
    assert " at line " not in error["message"] or field is None, "the field says where; a column of one line does not"
    if field is not None:
        assert error["metadata"]["field"].startswith(field), error


@pytest.mark.parametrize("streaming", [False, True])
def test_the_stock_client_raises_bad_request(client, streaming):
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="simulator/echo", messages=HELLO, max_tokens=-1, stream=streaming)
    assert raised.value.body["metadata"]["field"] == "max_tokens"


def test_an_unknown_model_is_a_bad_request_that_names_similar_ones(client):
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="simulator/ecco", messages=HELLO)
    error = raised.value.body
    assert "simulator/ecco" in error["message"]
    assert error["availability"]["code"] == "model_not_found"
    assert error["availability"]["retryable"] is False


@pytest.mark.parametrize("name", ["", "  ", "x" * 100_000, "../../etc/passwd", "a/b/c", "simulator/echo:none", "sim'; drop table model"])
def test_a_strange_model_name_is_a_bad_request(client, name):
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model=name, messages=HELLO)
    assert len(raised.value.body["message"]) < 1000


def test_a_body_of_20_megabytes_is_too_large(client):
    with pytest.raises(openai.APIStatusError) as raised:
        client.chat.completions.create(model="simulator/echo", messages=[{"role": "user", "content": "x" * 20_000_000}])
    assert raised.value.status_code == 413
    assert raised.value.body["metadata"]["error_type"] == "payload_too_large"


def test_a_body_of_15_megabytes_is_read(wire):
    response = wire.chat(ask("x" * 15_000_000))
    # It fits the body's limit, and no model's context.
    assert response.status_code == 404
    assert response.json()["error"]["availability"]["excluded_by"] == ["context_length"]


def test_a_thousand_tools_are_served(wire):
    response = wire.chat(json.dumps(ask("Hi", tools=[tool(f"t{n}") for n in range(1000)])).encode())
    assert response.status_code in (200, 400), response.text


def test_no_key_and_wrong_keys_are_authentication_errors(api):
    for key in ["sk-souk-v1-" + "0" * 64, "sk-souk-v1-", "sk-or-v1-" + "0" * 64, "nonsense", "schlüssel"]:
        response = httpx.post(f"{api}/chat/completions", json=ask("Hi"), headers={b"Authorization": f"Bearer {key}".encode()})
        assert response.status_code == 401, key
        assert response.json()["error"]["metadata"]["error_type"] == "authentication"
        assert key not in response.text or key == "sk-souk-v1-", "a key is never repeated"
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=api, api_key="sk-souk-v1-" + "0" * 64, max_retries=0).models.with_raw_response
        openai.OpenAI(base_url=api, api_key="sk-souk-v1-" + "0" * 64, max_retries=0).chat.completions.create(
            model="simulator/echo", messages=HELLO
        )


CHANGES = {
    "disabled": ("disabled = true", "disabled = false", "disabled"),
    "expired": ("expires_at = now() - interval '1 second'", "expires_at = null", "expired"),
    "deleted": ("deleted_at = now()", "deleted_at = null", "No such"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_key_that_was_closed_opens_nothing_within_a_second(api, program, books, change):
    account = program.account("1")
    stock = openai.OpenAI(base_url=api, api_key=account.key, max_retries=0)
    stock.chat.completions.create(model="simulator/echo", messages=HELLO)
    close, reopen, said = CHANGES[change]
    key = "account_id = (select id from account where email = %s)"
    books.change(f"update api_key set {close} where {key}", account.email)

    def refusal() -> str | None:
        try:
            stock.chat.completions.create(model="simulator/echo", messages=HELLO)
        except openai.AuthenticationError as error:
            return error.body["message"]

    assert said in until(refusal, "the key is refused", within=2)
    books.change(f"update api_key set {reopen} where {key}", account.email)
    until(lambda: refusal() is None, "the key works again", within=2)


def test_an_account_without_credits_gets_402(api, program):
    account = program.account()
    stock = openai.OpenAI(base_url=api, api_key=account.key, max_retries=0)
    with pytest.raises(openai.APIStatusError) as raised:
        stock.chat.completions.create(model="simulator/echo", messages=HELLO)
    assert raised.value.status_code == 402
    assert raised.value.body["metadata"]["error_type"] == "payment_required"
    assert "credits" in raised.value.body["message"]


def test_a_provider_that_fails_is_an_internal_server_error_that_names_each(client):
    with pytest.raises(openai.InternalServerError) as raised:
        client.chat.completions.create(model="test/dead", messages=HELLO)
    error = raised.value.body
    assert error["metadata"]["provider_name"] == "Second"
    assert [p["provider"] for p in error["metadata"]["previous_errors"]] == ["First"]
    assert error["availability"]["retryable"] is True


def test_no_bad_request_costs_anything(api, careful, books):
    wire = Wire(api, careful.key)
    for content, _ in BAD_BODIES.values():
        wire.chat(content)
    wire.chat(body(model="no/such"))
    wire.chat(body(model="test/dead"))
    balance = books.balance(careful.email)
    assert (balance.available, balance.held, balance.spent) == (10**9, 0, 0)


def test_nothing_of_the_inside_is_in_an_error(wire):
    for content, _ in BAD_BODIES.values():
        text = wire.chat(content).text
        for inside in ["panicked", "src/", "serde", "sqlx", "unwrap", "127.0.0.1"]:
            assert inside not in text, text
