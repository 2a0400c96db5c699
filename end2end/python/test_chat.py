"""Answers in one piece, by the stock client."""

import base64
import uuid
from decimal import ROUND_HALF_EVEN, Decimal

import openai
import pydantic

from wire import NANO, ask, exact

PNG = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f0003860180"
        "5a347d6b0000000049454e44ae426082"
    )
).decode()


def test_a_chat_is_answered_with_model_provider_usage_and_cost(client):
    answer = client.chat.completions.create(model="simulator/echo", messages=[{"role": "user", "content": "Hello there"}])
    assert answer.object == "chat.completion"
    assert answer.id.startswith("gen-")
    assert answer.model == "simulator/echo"
    assert answer.provider == "Simulator"
    (choice,) = answer.choices
    assert choice.message.role == "assistant"
    assert choice.message.content == "You said: Hello there"
    assert choice.finish_reason == "stop"
    assert choice.native_finish_reason == "stop"
    usage = answer.usage
    assert (usage.prompt_tokens, usage.completion_tokens) == (6, 5)
    assert usage.total_tokens == 11
    assert usage.prompt_tokens_details.cached_tokens == 0
    assert usage.cost > 0
    assert usage.is_byok is False


def test_the_same_is_served_without_the_api_prefix(url, account):
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=account.key, max_retries=0)
    answer = client.chat.completions.create(model="simulator/echo", messages=[{"role": "user", "content": "Hi"}])
    assert answer.choices[0].message.content == "You said: Hi"


def test_the_cost_is_tokens_times_price_rounded_once_to_the_nano_dollar(wire):
    prompt_price, completion_price = Decimal("0.0000001234567"), Decimal("0.0000007654321")
    for words in range(1, 12):
        usage = exact(wire.chat(ask("word " * words, "test/odd")).text)["usage"]
        due = usage["prompt_tokens"] * prompt_price + usage["completion_tokens"] * completion_price
        assert usage["cost"] == due.quantize(NANO, ROUND_HALF_EVEN), usage


def test_max_tokens_cuts_the_answer_by_length(client):
    answer = client.chat.completions.create(
        model="simulator/echo", max_tokens=3, messages=[{"role": "user", "content": "one two three four five"}]
    )
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 3
    newer = client.chat.completions.create(
        model="simulator/echo", max_completion_tokens=4, messages=[{"role": "user", "content": "one two three four five"}]
    )
    assert newer.usage.completion_tokens == 4


def test_a_stop_sequence_ends_the_answer(client):
    answer = client.chat.completions.create(
        model="simulator/echo", stop=["three"], messages=[{"role": "user", "content": "one two three four"}]
    )
    assert answer.choices[0].message.content.rstrip() == "You said: one two"
    assert answer.choices[0].finish_reason == "stop"


def test_an_image_reaches_the_model(client):
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "low"}}
    for provider in ["simulator", "simulator-anthropic"]:
        answer = client.chat.completions.create(
            model="simulator/echo",
            messages=[{"role": "user", "content": [{"type": "text", "text": "What is this?"}, picture, picture]}],
            extra_body={"provider": {"only": [provider]}},
        )
        assert answer.choices[0].message.content == "You said: What is this? I see 2 images."


def test_a_model_without_eyes_gets_no_image(wire):
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    body = {"model": "simulator/tools", "messages": [{"role": "user", "content": [picture]}]}
    response = wire.chat(body)
    assert response.status_code == 404
    assert response.json()["error"]["availability"]["excluded_by"] == ["modality"]


class Weather(pydantic.BaseModel):
    city: str
    degrees: int
    is_raining: bool
    winds: list[str]


def test_structured_output_parses_into_the_callers_own_class(client):
    for provider in ["simulator", "simulator-anthropic"]:
        answer = client.chat.completions.parse(
            model="simulator/echo",
            messages=[{"role": "user", "content": "The weather in Oslo?"}],
            response_format=Weather,
            extra_body={"provider": {"only": [provider]}},
        )
        assert isinstance(answer.choices[0].message.parsed, Weather), provider


def test_a_json_object_is_json(client):
    answer = client.chat.completions.create(
        model="simulator/echo",
        messages=[{"role": "user", "content": "Answer in JSON."}],
        response_format={"type": "json_object"},
    )
    assert exact(answer.choices[0].message.content) == {"answer": "Answer in JSON."}


def test_reasoning_comes_as_text_and_as_details_and_is_counted(client):
    answer = client.chat.completions.create(
        model="simulator/reasoner",
        messages=[{"role": "user", "content": "Why?"}],
        extra_body={"reasoning": {"effort": "low"}, "provider": {"only": ["simulator"]}},
    )
    message = answer.choices[0].message
    assert message.reasoning.startswith("The user says: Why?")
    assert [detail["type"] for detail in message.reasoning_details] == ["reasoning.text"]
    assert message.reasoning_details[0]["text"] == message.reasoning
    assert message.content == "You said: Why?"
    assert answer.usage.completion_tokens_details.reasoning_tokens == 20


def test_signed_reasoning_can_be_sent_back_in_the_next_turn(client):
    first = client.chat.completions.create(
        model="simulator/reasoner",
        max_tokens=4000,
        messages=[{"role": "user", "content": "Why?"}],
        extra_body={"reasoning": {"max_tokens": 1024}, "provider": {"only": ["simulator-anthropic"]}},
    )
    message = first.choices[0].message
    assert message.reasoning
    assert any(detail.get("signature") for detail in message.reasoning_details)
    second = client.chat.completions.create(
        model="simulator/reasoner",
        max_tokens=4000,
        messages=[
            {"role": "user", "content": "Why?"},
            {"role": "assistant", "content": message.content, "reasoning_details": message.reasoning_details},
            {"role": "user", "content": "And then?"},
        ],
        extra_body={"reasoning": {"max_tokens": 1024}, "provider": {"only": ["simulator-anthropic"]}},
    )
    assert second.choices[0].message.content == "You said: And then?"


def test_excluded_reasoning_is_paid_but_not_shown(client):
    answer = client.chat.completions.create(
        model="simulator/reasoner",
        messages=[{"role": "user", "content": "Why?"}],
        extra_body={"reasoning": {"effort": "low", "exclude": True}, "provider": {"only": ["simulator"]}},
    )
    message = answer.choices[0].message
    assert getattr(message, "reasoning", None) is None
    assert not getattr(message, "reasoning_details", None)
    assert answer.usage.completion_tokens_details.reasoning_tokens == 20


def test_cached_prompt_tokens_are_told_and_cheaper(wire):
    long = f"{uuid.uuid4()} " + "a tale of small grey stones " * 300
    messages = [{"role": "user", "content": long}, {"role": "assistant", "content": "Go on."}, {"role": "user", "content": "More"}]
    only = {"only": ["simulator"]}
    fresh = exact(wire.chat({"model": "simulator/echo", "messages": messages[:1], "provider": only}).text)["usage"]
    again = exact(wire.chat({"model": "simulator/echo", "messages": messages, "provider": only}).text)["usage"]
    assert fresh["prompt_tokens_details"]["cached_tokens"] == 0
    cached = again["prompt_tokens_details"]["cached_tokens"]
    assert cached >= 1024
    due = (
        (again["prompt_tokens"] - cached) * Decimal("0.00000015")
        + cached * Decimal("0.000000075")
        + again["completion_tokens"] * Decimal("0.0000006")
    )
    assert again["cost"] == due.quantize(NANO, ROUND_HALF_EVEN)


def test_the_next_model_answers_where_the_first_cannot(client):
    answer = client.chat.completions.create(
        model="test/dead",
        messages=[{"role": "user", "content": "Hi"}],
        extra_body={"models": ["simulator/echo"]},
    )
    assert answer.model == "simulator/echo"
    assert answer.choices[0].message.content == "You said: Hi"


def test_order_and_ignore_choose_the_provider(client):
    def provider(**wishes) -> str:
        answer = client.chat.completions.create(
            model="simulator/echo", messages=[{"role": "user", "content": "Hi"}], extra_body={"provider": wishes}
        )
        return answer.provider

    assert provider() == "Simulator", "the cheaper one"
    assert provider(order=["simulator-anthropic"]) == "Simulator (Anthropic)"
    assert provider(only=["simulator-anthropic"]) == "Simulator (Anthropic)"
    assert provider(ignore=["simulator"]) == "Simulator (Anthropic)"


def test_without_fallbacks_only_the_first_provider_is_asked(wire):
    response = wire.chat(ask("Hi", "test/unavailable", provider={"allow_fallbacks": False}))
    assert response.status_code == 503
    assert len(wire.generation(response.headers["x-generation-id"])["provider_responses"]) == 1


def test_an_unknown_price_ceiling_excludes_by_name(wire):
    response = wire.chat(ask("Hi", "simulator/echo", provider={"max_price": {"prompt": "0.000001"}}))
    assert response.status_code == 404
    assert response.json()["error"]["availability"]["excluded_by"] == ["max_price"]


def test_unknown_fields_are_ignored(wire):
    response = wire.chat(ask("Hi", some_future_field={"a": [1]}, usage={"include": True}, stream_options=None))
    assert response.status_code == 200, response.text
