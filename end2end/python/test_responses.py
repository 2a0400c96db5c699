"""The Responses API, and the text completions of old, by the stock client."""

import json

import openai
import pydantic
import pytest

from test_tools import TOOLS as CHAT_TOOLS

TOOLS = [{"type": "function", "strict": True, **tool["function"]} for tool in CHAT_TOOLS]
BOTH = "Call get_weather and get_time for Oslo."
# A model at each dialect.
THINKERS = [("simulator/reasoner", "simulator"), ("simulator/reasoner", "simulator-anthropic"), ("test/agent", "test-third")]
PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PDF = "data:application/pdf;base64,JVBERi0xLjQKMSAwIG9iago8PD4+CmVuZG9iagp0cmFpbGVyCjw8Pj4KJSVFT0Y="


def of(provider: str) -> dict:
    return {"provider": {"only": [provider]}}


def test_a_text_is_answered_with_its_usage_and_cost(client):
    answer = client.responses.create(model="simulator/echo", input="Hello there", instructions="Be brief.", store=False)
    assert answer.output_text == "You said: Hello there"
    assert (answer.object, answer.status, answer.model) == ("response", "completed", "simulator/echo")
    assert answer.error is None and answer.incomplete_details is None
    assert answer.completed_at >= answer.created_at > 1_700_000_000
    (message,) = answer.output
    assert (message.type, message.role, message.status) == ("message", "assistant", "completed")
    assert message.content[0].annotations == []
    usage = answer.usage
    assert usage.output_tokens == 5 and usage.output_tokens_details.reasoning_tokens == 0
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens
    assert usage.input_tokens_details.cached_tokens == 0
    assert usage.cost > 0
    assert (answer.instructions, answer.store, answer.tools, answer.tool_choice) == ("Be brief.", False, [], "auto")


def test_the_record_of_a_response_is_found_by_its_id(client, wire):
    answer = client.responses.create(model="simulator/echo", input="Hello there")
    record = wire.generation(answer.id)
    assert record["model"] == "simulator/echo"
    assert record["tokens_completion"] == answer.usage.output_tokens


def test_a_conversation_of_items_is_understood(client):
    conversation = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {"role": "assistant", "content": "Hello."},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello again"}]},
    ]
    assert client.responses.create(model="simulator/echo", input=conversation).output_text == "You said: Hello again"


def test_a_stream_has_its_events_in_order(client):
    events = list(client.responses.create(model="simulator/echo", input="Hello there", stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    types = [event.type for event in events]
    assert types[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert set(types[4:-4]) == {"response.output_text.delta"}
    assert types[-4:] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert "".join(event.delta for event in events[4:-4]) == events[-4].text == "You said: Hello there"
    assert events[-1].response.output_text == "You said: Hello there"
    assert events[-1].response.usage.cost > 0
    assert len({events[0].response.id, events[1].response.id, events[-1].response.id}) == 1


def test_the_bytes_of_a_stream_name_each_event_and_have_no_done(wire):
    body = {"model": "simulator/echo", "input": "Hello there", "stream": True}
    response = wire.http.post("/responses", json=body)
    assert response.headers["content-type"].startswith("text/event-stream")
    blocks = response.text.rstrip("\n").split("\n\n")
    for block in blocks:
        event, data = block.split("\n")
        assert event == f"event: {json.loads(data.removeprefix('data: '))['type']}"
    assert blocks[-1].startswith("event: response.completed\n")
    assert response.headers["x-generation-id"] == json.loads(blocks[-1].split("data: ")[1])["response"]["id"]


@pytest.mark.parametrize(("model", "provider"), THINKERS)
def test_the_stream_helper_adds_a_stream_up_to_the_whole_answer(client, model, provider):
    wanted = dict(model=model, input=BOTH, tools=TOOLS, reasoning={"effort": "low", "summary": "auto"}, extra_body=of(provider))
    with client.responses.stream(**wanted) as stream:
        for event in stream:
            if event.type == "response.function_call_arguments.delta":
                assert event.snapshot.endswith(event.delta)
        streamed = stream.get_final_response()
    whole = client.responses.create(**wanted)
    assert [item.type for item in streamed.output] == ["reasoning", "function_call", "function_call"]
    assert [item.type for item in whole.output] == [item.type for item in streamed.output]
    calls = [(item.name, item.arguments) for item in streamed.output[1:]]
    assert calls == [(item.name, item.arguments) for item in whole.output[1:]]
    assert [name for name, _ in calls] == ["get_weather", "get_time"]
    assert streamed.output[0].encrypted_content
    assert streamed.usage.output_tokens_details.reasoning_tokens > 0


@pytest.mark.parametrize(("model", "provider"), THINKERS)
def test_tools_are_called_in_parallel_and_their_results_go_back_with_the_reasoning(client, model, provider):
    conversation = [{"role": "user", "content": BOTH}]

    def ask():
        return client.responses.create(
            model=model,
            input=conversation,
            tools=TOOLS,
            parallel_tool_calls=True,
            reasoning={"effort": "low"},
            include=["reasoning.encrypted_content"],
            extra_body=of(provider),
        )

    first = ask()
    conversation += first.output
    calls = [item for item in first.output if item.type == "function_call"]
    assert [call.name for call in calls] == ["get_weather", "get_time"]
    assert len({call.call_id for call in calls}) == 2
    for call in calls:
        output = f"{call.name} is fine"
        conversation.append({"type": "function_call_output", "call_id": call.call_id, "output": output})
    second = ask()
    assert second.output_text == (
        "The tool get_weather returned: get_weather is fine\nThe tool get_time returned: get_time is fine"
    )
    # Where thoughts are signed, a model thinks on in a tool loop only if they came back, and are believed.
    assert [item.type for item in second.output] == ["reasoning", "message"]


def test_the_thoughts_of_anthropics_wire_come_back_only_as_they_were(client):
    wanted = dict(model="simulator/reasoner", tools=TOOLS, reasoning={"effort": "low"}, extra_body=of("simulator-anthropic"))
    question = {"role": "user", "content": "Call get_time."}
    thought, call = client.responses.create(input=[question], **wanted).output
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "noon"}
    without = client.responses.create(input=[question, call, result], **wanted)
    assert [item.type for item in without.output] == ["message"]
    with_it = client.responses.create(input=[question, thought, call, result], **wanted)
    assert [item.type for item in with_it.output] == ["reasoning", "message"]
    broken = {**thought.model_dump(exclude_none=True), "encrypted_content": thought.encrypted_content[:-4]}
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses.create(input=[question, broken, call, result], **wanted)
    assert raised.value.param == "input[1].encrypted_content"


def test_tool_choices_are_heeded(client):
    def calls(choice) -> list[str]:
        answer = client.responses.create(model="simulator/tools", input="Hello", tools=TOOLS, tool_choice=choice)
        assert answer.status == "completed"
        return [item.name for item in answer.output if item.type == "function_call"]

    assert calls("auto") == calls("none") == []
    assert calls("required") == ["get_weather"]
    assert calls({"type": "function", "name": "get_time"}) == ["get_time"]
    allowed = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "get_time"}]}
    assert calls(allowed) == ["get_time"]


def test_a_custom_tool_takes_and_gives_free_text(client):
    tool = {"type": "custom", "name": "apply_patch", "description": "Patches.", "format": {"type": "text"}}
    question = {"role": "user", "content": "Use apply_patch."}
    first = client.responses.create(model="simulator/tools", input=[question], tools=[tool])
    (call,) = first.output
    assert (call.type, call.name) == ("custom_tool_call", "apply_patch")
    assert isinstance(call.input, str) and not call.input.startswith("{")
    result = {"type": "custom_tool_call_output", "call_id": call.call_id, "output": "patched"}
    second = client.responses.create(model="simulator/tools", input=[question, call, result], tools=[tool])
    assert second.output_text == "The tool apply_patch returned: patched"


class Greeting(pydantic.BaseModel):
    who: str
    times: int


@pytest.mark.parametrize(("model", "provider"), THINKERS)
def test_structured_output_is_parsed_into_a_model(client, model, provider):
    answer = client.responses.parse(model=model, input="Greet me", text_format=Greeting, extra_body=of(provider))
    assert isinstance(answer.output_parsed, Greeting)
    with client.responses.stream(model=model, input="Greet me", text_format=Greeting, extra_body=of(provider)) as stream:
        assert isinstance(stream.get_final_response().output_parsed, Greeting)


def test_images_and_files_reach_the_model(client):
    content = [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "image_url": PIXEL, "detail": "low"},
    ]
    answer = client.responses.create(model="simulator/echo", input=[{"role": "user", "content": content}])
    assert answer.output_text == "You said: Look I see 1 image."
    content.append({"type": "input_file", "filename": "a.pdf", "file_data": PDF})
    answer = client.responses.create(model="test/agent", input=[{"role": "user", "content": content}])
    assert answer.output_text == "You said: Look I see 1 image."


def test_log_probabilities_come_with_the_text(client):
    wanted = dict(model="test/odd", input="Hi", include=["message.output_text.logprobs"], top_logprobs=2)
    (message,) = client.responses.create(**wanted).output
    logprobs = message.content[0].logprobs
    assert "".join(token.token for token in logprobs) == message.content[0].text
    assert len(logprobs[0].top_logprobs) == 2
    events = list(client.responses.create(**wanted, stream=True))
    deltas = [event for event in events if event.type == "response.output_text.delta"]
    assert all("".join(token.token for token in event.logprobs) == event.delta for event in deltas)


@pytest.mark.parametrize("streaming", [False, True])
def test_an_answer_cut_at_its_limit_is_incomplete(client, streaming):
    answer = client.responses.create(model="simulator/echo", input="Hello there", max_output_tokens=2, stream=streaming)
    if streaming:
        answer = list(answer)[-1]
        assert answer.type == "response.incomplete"
        answer = answer.response
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert answer.output_text == "You said"
    assert answer.output[-1].status == "incomplete"
    assert answer.usage.output_tokens == 2


def test_an_answer_that_a_filter_stops_is_incomplete(client):
    answer = client.responses.create(model="test/filtered", input="Hello there")
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "content_filter")


def test_a_refusal_is_a_refusal(client):
    answer = client.responses.create(model="test/declines", input="Hello there")
    (part,) = answer.output[0].content
    assert (part.type, part.refusal) == ("refusal", "I'm sorry, but I can't help with that.")
    events = list(client.responses.create(model="test/declines", input="Hello there", stream=True))
    said = "".join(event.delta for event in events if event.type == "response.refusal.delta")
    assert said == part.refusal


@pytest.mark.parametrize("model", ["test/breaks", "test/cut"])
def test_an_answer_that_breaks_off_fails_after_what_was_delivered(client, model):
    text, types = "", []
    for event in client.responses.create(model=model, input="Hello there", stream=True):
        types.append(event.type)
        text += event.delta if event.type == "response.output_text.delta" else ""
    assert text == "You said:"
    assert types[-2:] == ["error", "response.failed"]
    assert "response.output_text.done" not in types and "response.output_item.done" not in types
    assert event.response.status == "failed"
    assert event.response.error.code == "server_error" and event.response.error.message
    assert event.response.error_type in ("provider_unavailable", "server")


def test_errors_are_the_exceptions_of_the_client(client, program, api):
    def refused(error: type[openai.APIStatusError], **more) -> openai.APIStatusError:
        with pytest.raises(error) as raised:
            client.responses.create(**{"model": "simulator/echo", "input": "Hi", **more})
        return raised.value

    bad = refused(openai.BadRequestError, input=[{"role": "user", "content": [{"type": "hologram"}]}])
    assert (bad.param, bad.type, bad.code) == ("input[0].content[0].type", "invalid_request_error", "400")
    assert bad.body["metadata"] == {"error_type": "invalid_request", "field": "input[0].content[0].type"}
    assert refused(openai.BadRequestError, store=True).param == "store"
    assert refused(openai.BadRequestError, previous_response_id="resp_1").param == "previous_response_id"
    assert refused(openai.BadRequestError, background=True).param == "background"
    hosted = refused(openai.BadRequestError, tools=[{"type": "web_search"}])
    assert hosted.param == "tools[0].type" and "web_search" in hosted.message
    assert refused(openai.BadRequestError, model="no/such").param == "model"
    dead = refused(openai.InternalServerError, model="test/dead")
    assert dead.type == "server_error" and dead.body["metadata"]["previous_errors"]
    stranger = openai.OpenAI(base_url=api, api_key="sk-souk-v1-" + "0" * 64, max_retries=0)
    with pytest.raises(openai.AuthenticationError) as raised:
        stranger.responses.create(model="simulator/echo", input="Hi")
    assert raised.value.body["metadata"]["error_type"] == "authentication"
    pauper = openai.OpenAI(base_url=api, api_key=program.account("0").key, max_retries=0)
    with pytest.raises(openai.APIStatusError) as raised:
        pauper.responses.create(model="simulator/echo", input="Hi")
    assert (raised.value.status_code, raised.value.type) == (402, "insufficient_quota")


def test_the_next_provider_answers_where_the_first_fails(client):
    assert client.responses.create(model="test/unavailable", input="Hi").output_text == "You said: Hi"


# === Text completions ===


def test_a_prompt_is_completed(client):
    answer = client.completions.create(model="simulator/echo", prompt="Hello there", max_tokens=100)
    assert answer.object == "text_completion"
    assert (answer.choices[0].text, answer.choices[0].finish_reason) == ("You said: Hello there", "stop")
    assert answer.usage.completion_tokens == 5 and answer.usage.cost > 0


def test_a_streamed_completion_adds_up_and_ends_with_its_usage(client):
    chunks = list(client.completions.create(model="simulator/echo", prompt=["Hello there"], echo=True, stream=True))
    texts = [choice.text for chunk in chunks for choice in chunk.choices]
    assert "".join(texts) == "Hello thereYou said: Hello there"
    assert len(texts) > 4
    assert [chunk for chunk in chunks if chunk.usage] == [chunks[-1]]
    assert chunks[-1].choices == []


def test_several_completions_have_log_probabilities_of_their_own(client):
    answer = client.completions.create(model="test/odd", prompt="Hi", n=2, logprobs=2)
    assert [choice.index for choice in answer.choices] == [0, 1]
    for choice in answer.choices:
        assert "".join(choice.logprobs.tokens) == choice.text
        assert choice.logprobs.text_offset[:2] == [0, len(choice.logprobs.tokens[0])]
        assert len(choice.logprobs.top_logprobs[0]) == 2


def test_completions_refuse_what_they_cannot_do(client):
    for field, more in {"suffix": {"suffix": "end"}, "prompt": {"prompt": [1, 2]}, "best_of": {"best_of": 3}}.items():
        with pytest.raises(openai.BadRequestError) as raised:
            client.completions.create(**{"model": "simulator/echo", "prompt": "Hi", **more})
        assert raised.value.body["metadata"]["field"] == field


def test_a_completion_that_breaks_off_raises_after_what_was_delivered(client):
    text = ""
    with pytest.raises(openai.APIError):
        for chunk in client.completions.create(model="test/breaks", prompt="Hi", stream=True):
            text += "".join(choice.text for choice in chunk.choices)
    assert text.startswith("You said")
