"""Anthropic's Messages API through Anthropic's own client: only the base URL and the key are ours."""

import base64
import json

import anthropic
import httpx
import pytest
from pydantic import BaseModel

from books import Books
from server import Account, serving
from wire import Wire, exact, nano

HELLO = [{"role": "user", "content": "Hello there"}]
PROVIDERS = ["simulator", "simulator-anthropic"]
READERS = ["test-first", "test-second", "test-third"]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PDF = base64.b64encode(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n").decode()
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city", "days"]}
TOOLS = [{"name": name, "description": "Tells.", "input_schema": SCHEMA} for name in ["get_weather", "get_time"]]
BOTH = [{"role": "user", "content": "Call get_weather and get_time for Oslo."}]


@pytest.fixture(scope="session")
def claude(url, account) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=f"{url}/api", api_key=account.key, max_retries=0)


def of(provider: str) -> dict:
    return {"provider": {"only": [provider]}}


def ask(claude, messages=HELLO, *, provider=None, model="simulator/echo", **more) -> anthropic.types.Message:
    more = {"max_tokens": 4096} | more
    return claude.messages.create(model=model, messages=messages, extra_body=of(provider) if provider else None, **more)


def streamed(claude, messages=HELLO, *, provider=None, model="simulator/echo", **more) -> anthropic.types.Message:
    more = {"max_tokens": 4096} | more
    with claude.messages.stream(
        model=model, messages=messages, extra_body=of(provider) if provider else None, **more
    ) as stream:
        return stream.get_final_message()


# === Text ===


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("how", [ask, streamed])
def test_a_message_is_answered_with_its_usage_and_cost(claude, provider, how):
    message = how(claude, provider=provider, system="Be brief.")
    assert [(block.type, block.text) for block in message.content] == [("text", "You said: Hello there")]
    assert (message.type, message.role, message.stop_reason, message.stop_sequence) == ("message", "assistant", "end_turn", None)
    assert message.id.startswith("gen-")
    assert message.model == "simulator/echo"
    assert message.usage.input_tokens > 0 and message.usage.output_tokens > 0
    assert message.usage.service_tier == "standard"


@pytest.mark.parametrize("streaming", [False, True])
def test_what_is_told_is_what_is_booked(claude, wire, books: Books, streaming):
    body = {"model": "test/odd", "max_tokens": 64, "messages": HELLO, "stream": streaming}
    response = wire.http.post("/messages", json=body)
    assert response.status_code == 200
    if streaming:
        frames = [exact(frame.split("data: ", 1)[1]) for frame in response.text.strip().split("\n\n")]
        (id,) = [frame["message"]["id"] for frame in frames if frame["type"] == "message_start"]
        (usage,) = [frame["usage"] for frame in frames if frame["type"] == "message_delta"]
    else:
        id, usage = exact(response.text)["id"], exact(response.text)["usage"]
    assert response.headers["request-id"] == response.headers["x-generation-id"] == id
    record = wire.generation(id)
    assert nano(usage["cost"]) == nano(record["total_cost"]) > 0
    assert usage["output_tokens"] == record["tokens_completion"]


def test_events_come_in_anthropics_order(wire):
    body = {"model": "simulator/echo", "max_tokens": 64, "messages": HELLO, "stream": True}
    response = wire.http.post("/messages", json=body)
    assert response.headers["content-type"].startswith("text/event-stream")
    names = [frame.split("\n")[0].removeprefix("event: ") for frame in response.text.strip().split("\n\n")]
    assert names[:2] == ["message_start", "content_block_start"]
    assert set(names[2:-3]) == {"content_block_delta"}
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_text_arrives_piece_by_piece(claude):
    with claude.messages.stream(model="test/paced", max_tokens=4096, messages=HELLO) as stream:
        pieces = list(stream.text_stream)
    assert len(pieces) == 12
    assert "".join(pieces).startswith("You said: Hello there")


def test_a_client_that_waits_long_is_pinged(program, account, log_file):
    """On a server of its own: the shared one gives up on silence sooner."""
    patient = program.with_environment(SOUK_UPSTREAM_FIRST_BYTE_MS="60000", SOUK_UPSTREAM_IDLE_MS="60000")
    body = {"model": "test/patient", "max_tokens": 64, "messages": HELLO, "stream": True}
    with serving(patient, log_file) as server:
        text = Wire(server.api, account.key).http.post("/messages", json=body).text
    frames = text.strip().split("\n\n")
    assert 'event: ping\ndata: {"type":"ping"}' in frames
    assert frames[-1].startswith("event: message_stop\n")


def test_limits_and_stop_sequences_end_an_answer(claude):
    assert ask(claude, max_tokens=2).stop_reason == "max_tokens"
    stopped = ask(claude, provider="simulator-anthropic", stop_sequences=["there"])
    assert (stopped.stop_reason, stopped.stop_sequence, stopped.content[0].text) == ("stop_sequence", "there", "You said: Hello ")


def test_a_key_may_be_a_bearer_token(url, account):
    claude = anthropic.Anthropic(base_url=f"{url}/api", auth_token=account.key, max_retries=0)
    assert ask(claude).stop_reason == "end_turn"


def test_settings_of_openrouters_are_taken(claude):
    answer = claude.messages.create(
        model="test/dead",
        max_tokens=64,
        messages=HELLO,
        extra_body={"fallbacks": [{"model": "simulator/echo"}], "session_id": "s", "user": "u"},
    )
    assert answer.model == "simulator/echo"


# === Tools ===


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("how", [ask, streamed])
def test_parallel_calls_are_made_and_their_results_go_back(claude, provider, how):
    first = how(claude, BOTH, provider=provider, tools=TOOLS)
    assert first.stop_reason == "tool_use"
    calls = [block for block in first.content if block.type == "tool_use"]
    assert [call.name for call in calls] == ["get_weather", "get_time"]
    assert all(set(call.input) == {"city", "days"} for call in calls)
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": f"{call.name} is fine"} for call in calls]
    messages = [*BOTH, {"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    second = how(claude, messages, provider=provider, tools=TOOLS)
    assert second.stop_reason == "end_turn"
    expected = "The tool get_weather returned: get_weather is fine\nThe tool get_time returned: get_time is fine"
    assert second.content[0].text == expected


@pytest.mark.parametrize("provider", PROVIDERS)
def test_tools_are_forced_forbidden_and_called_one_at_a_time(claude, provider):
    def called(messages, **choice) -> list[str]:
        answer = ask(claude, messages, provider=provider, tools=TOOLS, tool_choice=choice)
        return [block.name for block in answer.content if block.type == "tool_use"]

    assert called(HELLO, type="tool", name="get_time") == ["get_time"]
    assert called(HELLO, type="any") == ["get_weather"]
    assert called(BOTH, type="none") == []
    assert called(BOTH, type="auto", disable_parallel_tool_use=True) == ["get_weather"]


@pytest.mark.parametrize("provider", READERS)
def test_a_result_may_be_a_failure_with_a_picture(claude, provider):
    first = ask(claude, BOTH, provider=provider, model="test/reader", tools=TOOLS[:1])
    (call,) = [block for block in first.content if block.type == "tool_use"]
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    content = [{"type": "text", "text": "No such city"}, picture]
    result = {"type": "tool_result", "tool_use_id": call.id, "is_error": True, "content": content}
    messages = [*BOTH, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    # Where results hold no pictures, these follow in a message of their own, and are what was said last.
    expected = "I see 1 image." if provider == "test-first" else "The tool get_weather returned: No such city"
    assert expected in ask(claude, messages, provider=provider, model="test/reader", tools=TOOLS[:1]).content[-1].text


def test_the_clients_own_runner_runs_a_loop_to_its_end(claude):
    """It would leave the conversation to the server, and sends the whole of it when told that none is kept here."""
    asked = []

    @anthropic.beta_tool
    def get_weather(city: str) -> str:
        """Tells the weather.

        Args:
            city: where
        """
        asked.append(city)
        return "sunny"

    runner = claude.beta.messages.tool_runner(model="simulator/echo", max_tokens=1024, messages=BOTH, tools=[get_weather])
    assert runner.until_done().content[0].text == "The tool get_weather returned: sunny"
    assert len(asked) == 1
    raised(claude, anthropic.types.ThreadUnsupportedRequestError, extra_body={"thread": {"type": "create"}})


# === Thinking ===

THINK = {"type": "enabled", "budget_tokens": 2048}


@pytest.mark.parametrize("thinking", [THINK, {"type": "adaptive"}, THINK | {"display": "omitted"}], ids=["budget", "adaptive", "omitted"])
@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("how", [ask, streamed])
def test_thoughts_come_first_and_are_replayed_in_a_tool_loop(claude, provider, how, thinking):
    wanted = dict(provider=provider, model="simulator/reasoner", tools=TOOLS, thinking=thinking)
    first = how(claude, BOTH, **wanted)
    assert [block.type for block in first.content] == ["thinking", "tool_use", "tool_use"]
    thought = first.content[0]
    assert thought.signature
    assert (thought.thinking == "") == (thinking.get("display") == "omitted")
    assert first.usage.output_tokens_details.thinking_tokens > 0
    results = [{"type": "tool_result", "tool_use_id": c.id, "content": "fine"} for c in first.content[1:]]
    messages = [*BOTH, {"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    # Anthropic's dialect takes the turn back only with its thoughts as they were signed.
    second = how(claude, messages, **wanted)
    assert second.content[-1].text.startswith("The tool get_weather returned: fine")


def test_thoughts_that_were_tampered_with_are_refused_by_who_signed_them(claude):
    wanted = dict(provider="simulator-anthropic", model="simulator/reasoner", tools=TOOLS[:1], thinking=THINK)
    first = ask(claude, BOTH, **wanted).model_dump()
    first["content"][0]["thinking"] += "!"
    result = {"type": "tool_result", "tool_use_id": first["content"][1]["id"], "content": "fine"}
    messages = [*BOTH, {"role": "assistant", "content": first["content"]}, {"role": "user", "content": [result]}]
    with pytest.raises(anthropic.BadRequestError, match="signature"):
        ask(claude, messages, **wanted)


@pytest.mark.parametrize("provider", ["test-first", "test-third"])
@pytest.mark.parametrize("display", ["summarized", "omitted"])
def test_thoughts_of_other_wires_find_back_to_them(claude, provider, display):
    """Plain text at one provider, an encrypted item that is checked at the other."""
    wanted = dict(provider=provider, model="test/reader", tools=TOOLS[:1], thinking=THINK | {"display": display})
    first = streamed(claude, BOTH, **wanted).model_dump()
    assert first["content"][0]["type"] == "thinking"
    call = first["content"][-1]
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call["id"], "content": "fine"}]}

    def prompt(blocks) -> int:
        usage = ask(claude, [*BOTH, {"role": "assistant", "content": blocks}, result], **wanted).usage
        return usage.input_tokens + usage.cache_read_input_tokens

    assert prompt(first["content"]) > prompt([call]), "the thoughts are part of the prompt again"


def test_thoughts_of_one_wire_do_not_hinder_another(claude):
    wanted = dict(model="simulator/reasoner", tools=TOOLS[:1], thinking=THINK)
    for one, other in [PROVIDERS, PROVIDERS[::-1]]:
        first = ask(claude, BOTH, provider=one, **wanted)
        (call,) = [block for block in first.content if block.type == "tool_use"]
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "fine"}
        messages = [*BOTH, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
        assert "fine" in ask(claude, messages, provider=other, **wanted).content[-1].text


# === Media, caches, schemas ===


@pytest.mark.parametrize("provider", PROVIDERS)
def test_pictures_are_seen(claude, provider):
    inline = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    linked = {"type": "image", "source": {"type": "url", "url": "https://pictures.example/a.png"}}
    messages = [{"role": "user", "content": [inline, linked, {"type": "text", "text": "Look"}]}]
    assert ask(claude, messages, provider=provider).content[0].text == "You said: Look I see 2 images."


@pytest.mark.parametrize("provider", READERS)
@pytest.mark.parametrize("source", [
    {"type": "base64", "media_type": "application/pdf", "data": PDF},
    {"type": "text", "media_type": "text/plain", "data": "All work and no play"},
    {"type": "content", "content": [{"type": "text", "text": "All work and no play"}]},
], ids=lambda source: source["type"])  # fmt: skip
def test_documents_are_read(claude, provider, source):
    document = {"type": "document", "title": "Diary", "source": source}
    messages = [{"role": "user", "content": [document, {"type": "text", "text": "Summarize"}]}]
    alone = ask(claude, [{"role": "user", "content": "Summarize"}], provider=provider, model="test/reader")
    read = ask(claude, messages, provider=provider, model="test/reader")
    assert read.content[-1].text.endswith("Summarize")
    tokens = lambda message: message.usage.input_tokens + message.usage.cache_read_input_tokens  # noqa: E731
    assert tokens(read) > tokens(alone)


@pytest.mark.parametrize("ttl", ["5m", "1h"])
def test_marked_prompts_are_written_to_the_cache_and_read_from_it(claude, account, ttl):
    mark = {"type": "ephemeral", "ttl": ttl}
    system = [{"type": "text", "text": f"{account.email} {ttl} " + "word " * 2000, "cache_control": mark}]
    tools = [TOOLS[0], TOOLS[1] | {"cache_control": mark}]
    wanted = dict(provider="test-second", model="test/reader", system=system, tools=tools)
    first, second = ask(claude, **wanted).usage, ask(claude, **wanted).usage
    assert first.cache_read_input_tokens == 0 or ttl == "1h", "the tools alone may be known already"
    assert first.cache_creation_input_tokens > 1000
    by_ttl = (first.cache_creation.ephemeral_5m_input_tokens, first.cache_creation.ephemeral_1h_input_tokens)
    assert by_ttl[["5m", "1h"].index(ttl)] == first.cache_creation_input_tokens == sum(by_ttl)
    assert second.cache_read_input_tokens == first.cache_read_input_tokens + first.cache_creation_input_tokens
    assert second.cache_creation_input_tokens == 0
    assert 0 < second.input_tokens == first.input_tokens < 100


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_answer_of_a_schema_is_text(claude, provider):
    class City(BaseModel):
        name: str
        people: int

    schema = City.model_json_schema() | {"additionalProperties": False}
    answer = ask(claude, provider=provider, output_config={"format": {"type": "json_schema", "schema": schema}})
    City.model_validate_json(answer.content[0].text)
    assert answer.stop_reason == "end_turn"


def test_a_refusal_says_so(claude):
    answer = ask(claude, model="test/declines")
    assert answer.stop_reason == "refusal"
    assert answer.stop_details.explanation == "I'm sorry, but I can't help with that."
    assert answer.content[0].text == answer.stop_details.explanation


# === Errors ===


def raised(claude, error, **more) -> anthropic.APIStatusError:
    with pytest.raises(error) as caught:
        claude.messages.create(**{"model": "simulator/echo", "max_tokens": 64, "messages": HELLO} | more)
    assert type(caught.value) is error
    assert caught.value.request_id
    body = caught.value.body
    assert body["type"] == "error" and body["request_id"] == caught.value.request_id
    assert body["error"]["message"]
    return caught.value


def test_errors_are_the_exceptions_of_the_client(claude, url, program):
    bad = raised(claude, anthropic.BadRequestError, max_tokens=-1)
    assert (bad.type, bad.body["error"]["error_type"]) == ("invalid_request_error", "invalid_request")
    assert bad.api_message.startswith("max_tokens: ")
    assert raised(claude, anthropic.NotFoundError, model="no/such").type == "not_found_error"
    search = {"type": "web_search_20250305", "name": "web_search"}
    assert "web_search_20250305" in raised(claude, anthropic.BadRequestError, tools=[search]).api_message
    limited = raised(claude, anthropic.RateLimitError, model="test/limited", extra_body=of("test-first"))
    assert (limited.type, limited.response.headers["retry-after"]) == ("rate_limit_error", "7")
    assert raised(claude, anthropic.OverloadedError, model="test/dead").type == "overloaded_error"
    stranger = anthropic.Anthropic(base_url=f"{url}/api", api_key="sk-souk-v1-" + "0" * 64, max_retries=0)
    assert raised(stranger, anthropic.AuthenticationError).type == "authentication_error"
    pauper = anthropic.Anthropic(base_url=f"{url}/api", api_key=program.account().key, max_retries=0)
    assert raised(pauper, anthropic.PaymentRequiredError).type == "billing_error"
    large = raised(claude, anthropic.ContentTooLargeError, messages=[{"role": "user", "content": "x" * 17_000_000}])
    assert large.body["error"]["type"] == "request_too_large"


@pytest.mark.parametrize("model", ["test/breaks", "test/cut"])
def test_an_answer_that_breaks_off_raises_after_what_was_delivered(claude, model):
    text = ""
    with pytest.raises(anthropic.APIStatusError) as caught:
        with claude.messages.stream(model=model, max_tokens=4096, messages=HELLO) as stream:
            for piece in stream.text_stream:
                text += piece
    assert text == "You said:"
    assert caught.value.body["type"] == "error"


def test_a_broken_stream_has_no_end(wire):
    body = {"model": "test/breaks", "max_tokens": 64, "messages": HELLO, "stream": True}
    frames = wire.http.post("/messages", json=body).text.strip().split("\n\n")
    assert frames[-1].startswith("event: error\n")
    assert not any("message_stop" in frame or "message_delta" in frame for frame in frames)


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/messages", 405),
    ("DELETE", "/messages/count_tokens", 405),
    ("POST", "/messages/batches", 404),
    ("GET", "/messages/a/b", 404),
])  # fmt: skip
def test_what_is_not_there_is_told_in_anthropics_words(wire, method, path, status):
    response = wire.http.request(method, path)
    assert response.status_code == status
    body = response.json()
    assert (body["type"], body["request_id"]) == ("error", response.headers["request-id"])
    assert body["error"]["type"] == {404: "not_found_error", 405: "invalid_request_error"}[status]


def test_bodies_of_no_sense_are_refused_without_a_stir(wire):
    for content in [b"", b"{", b"null", b"[]", b"\xff", b'{"messages": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"]:
        response = wire.http.post("/messages", content=content)
        assert response.status_code == 400, response.text
        assert response.json()["error"]["type"] == "invalid_request_error"


# === Beside messages ===


def test_tokens_are_counted_for_nothing(url, program, books: Books):
    account = program.account("1")
    claude = anthropic.Anthropic(base_url=f"{url}/api", api_key=account.key, max_retries=0)
    count = claude.messages.count_tokens(model="simulator/echo", messages=HELLO).input_tokens
    longer = claude.messages.count_tokens(model="simulator/echo", messages=HELLO, system="Be brief.", tools=TOOLS).input_tokens
    assert 0 < count < longer
    balance = books.balance(account.email)
    assert (balance.available, balance.held, balance.spent) == (10**9, 0, 0)
    stranger = anthropic.Anthropic(base_url=f"{url}/api", api_key="nonsense", max_retries=0)
    with pytest.raises(anthropic.AuthenticationError):
        stranger.messages.count_tokens(model="simulator/echo", messages=HELLO)
    with pytest.raises(anthropic.NotFoundError):
        claude.messages.count_tokens(model="no/such", messages=HELLO)


def test_models_are_listed_page_by_page(claude):
    models = list(claude.models.list(limit=100))
    ids = [model.id for model in models]
    assert len(ids) == len(set(ids)) > 300
    assert "simulator/echo" in ids
    assert all(model.type == "model" and model.display_name and model.created_at for model in models)
    page = claude.models.list(limit=3, after_id=ids[4])
    assert [model.id for model in page.data] == ids[5:8]
    assert (page.has_more, page.first_id, page.last_id) == (True, ids[5], ids[7])
    before = claude.models.list(limit=3, before_id=ids[5])
    assert [model.id for model in before.data] == ids[2:5]
    assert claude.models.list(limit=1000).has_more is False
    with pytest.raises(anthropic.BadRequestError):
        claude.models.list(after_id="no/such")


def test_one_model_is_told(claude, api):
    model = claude.models.retrieve("simulator/echo")
    assert (model.id, model.display_name, model.max_input_tokens) == ("simulator/echo", "Simulator Echo", 128000)
    with pytest.raises(anthropic.NotFoundError):
        claude.models.retrieve("no/such")
    # Others than Anthropic's clients get what they know.
    assert httpx.get(f"{api}/models").json()["data"][0]["pricing"]
    assert httpx.get(f"{api}/models/simulator%2Fecho").json()["pricing"]


# === A coding agent ===

TURNS = 15


@pytest.mark.parametrize("provider", READERS)
def test_a_long_tool_loop_of_a_coding_agent_loses_nothing(claude, account: Account, wire: Wire, simulator_log, provider):
    """Thirty requests in the shape that Claude Code sends: marks that move, thoughts replayed, everything streamed."""
    mark = {"type": "ephemeral"}
    system = [
        {"type": "text", "text": f"x-anthropic-billing-header: cc_version=2.1; {account.email}; {provider}"},
        {"type": "text", "text": "You are a coding agent. " + "Follow the rules of the house. " * 100, "cache_control": mark},
    ]
    path = {"type": "object", "properties": {"file_path": {"type": "string"}}, "required": ["file_path"]}
    tools = [{"name": name, "description": name, "input_schema": path} for name in ["Read", "Edit", "Bash"]]
    tools[-1]["cache_control"] = mark
    messages: list[dict] = []
    usages = []

    def marked() -> list[dict]:
        """The last block of the last two messages of the user carries a mark."""
        copy = json.loads(json.dumps(messages))
        for message in [m for m in copy if m["role"] == "user"][-2:]:
            message["content"][-1]["cache_control"] = mark
        return copy

    def turn(said: list[dict]) -> anthropic.types.Message:
        messages.append({"role": "user", "content": said})
        with claude.messages.stream(
            model="test/reader",
            max_tokens=16000,
            system=system,
            tools=tools,
            messages=marked(),
            thinking={"type": "enabled", "budget_tokens": 1024 * 4},
            metadata={"user_id": json.dumps({"device_id": "d", "session_id": "s"})},
            extra_headers={"anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14"},
            extra_query={"beta": "true"},
            extra_body={"context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}} | of(provider),
        ) as stream:
            answer = stream.get_final_message()
        messages.append({"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in answer.content]})
        record = wire.generation(answer.id)
        entry = simulator_log(record["upstream_id"])
        usage = answer.usage
        read, written = usage.cache_read_input_tokens, usage.cache_creation_input_tokens
        assert entry["state"] == "completed"
        assert (entry["prompt_tokens"], entry["cached_tokens"]) == (usage.input_tokens + read + written, read)
        usages.append(usage)
        return answer

    for number in range(TURNS):
        first = turn([{"type": "text", "text": f"Number {number}:"}, {"type": "text", "text": "now Read and Bash."}])
        assert first.stop_reason == "tool_use"
        assert [block.type for block in first.content] == ["thinking", "tool_use", "tool_use"]
        assert f"Number {number}" in first.content[0].thinking
        results = [
            {"type": "tool_result", "tool_use_id": block.id, "content": [{"type": "text", "text": f"{block.name} {number}"}]}
            for block in first.content[1:]
        ]
        second = turn(results)
        assert second.stop_reason == "end_turn"
        assert [block.type for block in second.content] == ["thinking", "text"]
        assert second.content[-1].text == f"The tool Read returned: Read {number}\nThe tool Bash returned: Bash {number}"

    reads = [usage.cache_read_input_tokens for usage in usages]
    assert reads == sorted(reads) and len(set(reads)) == len(reads), f"every turn reads more than the one before: {reads}"
    last = usages[-1]
    prompt = last.input_tokens + last.cache_read_input_tokens + last.cache_creation_input_tokens
    assert last.cache_read_input_tokens > 0.9 * prompt
