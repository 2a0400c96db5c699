"""Function calls: one, several, streamed, and the way back with their results."""

import json

import pytest

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": f"Tells the {name.removeprefix('get_')}.",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                "required": ["city", "days"],
                "additionalProperties": False,
            },
        },
    }
    for name in ["get_weather", "get_time"]
]
BOTH = [{"role": "user", "content": "Call get_weather and get_time for Oslo."}]
PROVIDERS = ["simulator", "simulator-anthropic"]


def of(provider: str) -> dict:
    return {"provider": {"only": [provider]}}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_named_tool_is_called_with_arguments_of_its_schema(client, provider):
    messages = [{"role": "user", "content": "Please use get_weather."}]
    answer = client.chat.completions.create(model="simulator/echo", messages=messages, tools=TOOLS, extra_body=of(provider))
    (choice,) = answer.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    (call,) = choice.message.tool_calls
    assert call.type == "function"
    assert call.function.name == "get_weather"
    arguments = json.loads(call.function.arguments)
    assert set(arguments) == {"city", "days"} and isinstance(arguments["days"], int)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_two_tools_are_called_in_parallel_and_their_results_go_back(client, provider):
    def ask(messages):
        return client.chat.completions.create(
            model="simulator/echo", messages=messages, tools=TOOLS, parallel_tool_calls=True, extra_body=of(provider)
        )

    first = ask(BOTH).choices[0].message
    assert [call.function.name for call in first.tool_calls] == ["get_weather", "get_time"]
    assert len({call.id for call in first.tool_calls}) == 2
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": f"{call.function.name} is fine"} for call in first.tool_calls
    ]
    second = ask([*BOTH, first.model_dump(exclude_none=True), *results])
    assert second.choices[0].finish_reason == "stop"
    assert second.choices[0].message.content == (
        "The tool get_weather returned: get_weather is fine\nThe tool get_time returned: get_time is fine"
    )


@pytest.mark.parametrize("provider", PROVIDERS)
def test_calls_in_a_stream_add_up_to_the_same_calls(client, provider):
    wanted = dict(model="simulator/echo", messages=BOTH, tools=TOOLS, extra_body=of(provider))
    calls: dict[int, dict] = {}
    finish = None
    for chunk in client.chat.completions.create(**wanted, stream=True):
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            for delta in choice.delta.tool_calls or []:
                call = calls.setdefault(delta.index, {"id": delta.id, "name": delta.function.name, "arguments": ""})
                call["arguments"] += delta.function.arguments or ""
    whole = client.chat.completions.create(**wanted).choices[0].message.tool_calls
    assert finish == "tool_calls"
    assert sorted(calls) == [0, 1]
    assert [(c["name"], json.loads(c["arguments"])) for c in calls.values()] == [
        (c.function.name, json.loads(c.function.arguments)) for c in whole
    ]
    assert all(c["id"] for c in calls.values())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_clients_own_accumulator_understands_the_stream(client, provider):
    with client.chat.completions.stream(model="simulator/echo", messages=BOTH, tools=TOOLS, extra_body=of(provider)) as stream:
        for _ in stream:
            pass
        message = stream.get_final_completion().choices[0].message
    assert [call.function.name for call in message.tool_calls] == ["get_weather", "get_time"]


def test_one_call_at_a_time_when_parallel_calls_are_off(client):
    for provider in PROVIDERS:
        answer = client.chat.completions.create(
            model="simulator/echo", messages=BOTH, tools=TOOLS, parallel_tool_calls=False, extra_body=of(provider)
        )
        assert len(answer.choices[0].message.tool_calls) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_choice_of_tool_is_obeyed(client, provider):
    def called(choice) -> list[str]:
        messages = [{"role": "user", "content": "Hello."}]
        answer = client.chat.completions.create(
            model="simulator/echo", messages=messages, tools=TOOLS, tool_choice=choice, extra_body=of(provider)
        )
        return [call.function.name for call in answer.choices[0].message.tool_calls or []]

    assert called("auto") == []
    assert called("none") == []
    assert called("required") == ["get_weather"]
    assert called({"type": "function", "function": {"name": "get_time"}}) == ["get_time"]
