"""Google's own client against models of any maker: only the base URL and the key are ours."""

import json

import httpx
import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
WEATHER = types.FunctionDeclaration(
    name="get_weather",
    description="The weather in a city",
    parameters=types.Schema(type="OBJECT", properties={"city": types.Schema(type="STRING")}, required=["city"]),
)
TOOLS = [types.Tool(function_declarations=[WEATHER])]
OVER = ["simulator", "simulator-anthropic"]


@pytest.fixture(scope="module", params=[None, "v1beta"])
def google(request, url, account):
    """Newer clients ask under /v1 of themselves, older ones under /v1beta."""
    return genai.Client(api_key=account.key, http_options=types.HttpOptions(base_url=url, api_version=request.param))


def config(provider=None, **more):
    """`provider` is ours, and goes into the body beside Google's own fields."""
    if provider is not None:
        more["http_options"] = types.HttpOptions(extra_body={"provider": {"only": [provider]}})
    return types.GenerateContentConfig(**more)


@pytest.mark.parametrize("provider", OVER)
def test_a_text_is_answered_with_finish_usage_and_names(google, provider):
    answer = google.models.generate_content(model="simulator/echo", contents="Hello there", config=config(provider))
    assert answer.text == "You said: Hello there"
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert answer.model_version == "simulator/echo"
    assert answer.response_id.startswith("gen-")
    usage = answer.usage_metadata
    assert usage.prompt_token_count > 0 and usage.candidates_token_count > 0
    assert usage.total_token_count == usage.prompt_token_count + usage.candidates_token_count


@pytest.mark.parametrize("provider", OVER)
def test_a_stream_joins_to_the_same_text(google, provider):
    chunks = list(google.models.generate_content_stream(model="simulator/echo", contents="one two three", config=config(provider)))
    assert "".join(chunk.text or "" for chunk in chunks) == "You said: one two three"
    assert len(chunks) > 2
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert chunks[-1].usage_metadata.total_token_count > 0
    assert all(chunk.candidates[0].finish_reason is None for chunk in chunks[:-1])


def test_a_limit_ends_with_max_tokens(google):
    answer = google.models.generate_content(model="simulator/echo", contents="one two three four five six", config=config(max_output_tokens=3))
    assert answer.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS


@pytest.mark.parametrize("provider", OVER)
@pytest.mark.parametrize("stream", [False, True])
def test_a_tool_is_called_and_its_result_is_used(google, provider, stream):
    settings = config(provider, tools=TOOLS, automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True))
    contents = [types.Content(role="user", parts=[types.Part(text="use get_weather")])]

    def turn():
        if not stream:
            return [google.models.generate_content(model="simulator/echo", contents=contents, config=settings)]
        return list(google.models.generate_content_stream(model="simulator/echo", contents=contents, config=settings))

    answers = turn()
    (call,) = [call for answer in answers for call in answer.function_calls or []]
    assert call.name == "get_weather" and call.id and isinstance(call.args["city"], str)
    contents.extend(answer.candidates[0].content for answer in answers)
    result = types.FunctionResponse(id=call.id, name=call.name, response={"output": "sunny"})
    contents.append(types.Content(role="user", parts=[types.Part(function_response=result)]))
    assert "sunny" in "".join(answer.text or "" for answer in turn())


def test_functions_of_the_client_are_called_by_the_client_itself(google):
    called = []

    def get_weather(city: str) -> str:
        """The weather in a city."""
        called.append(city)
        return "sunny"

    answer = google.models.generate_content(model="simulator/echo", contents="use get_weather", config=config(tools=[get_weather]))
    assert len(called) == 1
    assert "sunny" in answer.text


class Person(BaseModel):
    name: str
    age: int


@pytest.mark.parametrize("provider", OVER)
@pytest.mark.parametrize("schema", [{"response_schema": Person}, {"response_json_schema": Person.model_json_schema()}], ids=["Google's", "JSON"])
def test_a_schema_is_kept(google, provider, schema):
    settings = config(provider, response_mime_type="application/json", **schema)
    answer = google.models.generate_content(model="simulator/echo", contents="Who?", config=settings)
    Person.model_validate_json(answer.text)


@pytest.mark.parametrize("provider", OVER)
def test_a_picture_goes_in(google, provider):
    contents = [types.Part.from_bytes(data=PNG, mime_type="image/png"), "What is it?"]
    answer = google.models.generate_content(model="simulator/echo", contents=contents, config=config(provider))
    assert "1 image" in answer.text


@pytest.mark.parametrize("stream", [False, True])
def test_thoughts_are_shown_to_those_who_ask_and_survive_their_replay(google, stream):
    """Over Anthropic's protocol, whose thoughts are signed: what is sent back is checked there."""
    thinking = types.ThinkingConfig(include_thoughts=True, thinking_budget=2048)
    settings = config("simulator-anthropic", thinking_config=thinking, max_output_tokens=8192)
    chat = google.chats.create(model="simulator/reasoner", config=settings)
    for said in ["First", "Second"]:
        answers = list(chat.send_message_stream(said)) if stream else [chat.send_message(said)]
        parts = [part for answer in answers for part in answer.candidates[0].content.parts or []]
        assert any(part.thought and part.text for part in parts)
        assert any(part.thought_signature for part in parts)
        assert said in "".join(answer.text or "" for answer in answers)


def test_thoughts_are_hidden_from_those_who_do_not_ask(google):
    answer = google.models.generate_content(model="simulator/reasoner", contents="Hi")
    assert not any(part.thought for part in answer.candidates[0].content.parts)
    assert answer.usage_metadata.thoughts_token_count > 0


def test_tokens_are_counted_without_a_charge(google, wire):
    before = wire.http.get("/credits").text
    assert google.models.count_tokens(model="simulator/echo", contents="Hello, world!").total_tokens == 4
    assert wire.http.get("/credits").text == before


def test_embeddings_come_as_a_batch_and_alone(google, url, account):
    answer = google.models.embed_content(
        model="simulator/embed", contents=["a cup of tea", "moons"], config=types.EmbedContentConfig(output_dimensionality=64)
    )
    assert [len(embedding.values) for embedding in answer.embeddings] == [64, 64]
    body = {"content": {"parts": [{"text": "a cup of tea"}]}}
    one = httpx.post(f"{url}/v1beta/models/simulator/embed:embedContent", json=body, headers={"x-goog-api-key": account.key}).json()
    assert len(one["embedding"]["values"]) == 1536
    assert one["usageMetadata"]["promptTokenCount"] > 0


def test_models_are_listed_in_googles_shape(google):
    models = {model.name: model for model in google.models.list(config={"page_size": 200})}
    assert len(models) > 300
    assert models["models/simulator/echo"].supported_actions == ["generateContent", "streamGenerateContent", "countTokens"]
    model = google.models.get(model="models/simulator/reasoner")
    assert (model.display_name, model.output_token_limit) == ("Simulator Reasoner", 32768)


def test_an_error_is_googles_client_error(google, url):
    with pytest.raises(errors.ClientError) as refused:
        google.models.generate_content(model="simulator/nothing", contents="Hi")
    assert (refused.value.code, refused.value.status) == (400, "INVALID_ARGUMENT")
    with pytest.raises(errors.ClientError) as refused:
        google.models.generate_content(model="simulator/echo", contents="Hi", config=config(tools=[types.Tool(google_search=types.GoogleSearch())]))
    assert "tools[0].googleSearch" in refused.value.message
    stranger = genai.Client(api_key="sk-souk-v1-" + "0" * 64, http_options=types.HttpOptions(base_url=url))
    with pytest.raises(errors.ClientError) as refused:
        stranger.models.generate_content(model="simulator/echo", contents="Hi")
    assert (refused.value.code, refused.value.status) == (401, "UNAUTHENTICATED")
    with pytest.raises(errors.ServerError) as failed:
        google.models.generate_content(model="test/dead", contents="Hi")
    assert failed.value.status == "UNAVAILABLE"


def test_a_stream_that_breaks_off_is_an_error(google):
    with pytest.raises(errors.APIError):
        list(google.models.generate_content_stream(model="test/breaks", contents="one two three four five six seven eight"))


@pytest.mark.parametrize("prefix", ["/v1beta", "/api/v1beta", "/v1", "/api/v1"])
@pytest.mark.parametrize("where", ["x-goog-api-key", "query", "bearer"])
def test_a_key_may_stand_in_a_header_or_in_the_address(url, account, prefix, where):
    headers = {"x-goog-api-key": account.key} if where == "x-goog-api-key" else {}
    headers |= {"Authorization": f"Bearer {account.key}"} if where == "bearer" else {}
    body = {"contents": [{"parts": [{"text": "Hi"}]}]}
    query = {"key": account.key} if where == "query" else {}
    answer = httpx.post(f"{url}{prefix}/models/simulator/echo:generateContent", json=body, headers=headers, params=query)
    assert answer.status_code == 200, answer.text


def test_without_alt_sse_a_stream_is_one_json_array(url, account):
    body = {"contents": [{"parts": [{"text": "Hi"}]}]}
    address = f"{url}/v1beta/models/simulator%2Fecho:streamGenerateContent"
    answer = httpx.post(address, json=body, headers={"x-goog-api-key": account.key})
    assert answer.headers["content-type"].startswith("application/json")
    texts = [part.get("text", "") for chunk in json.loads(answer.text) for part in chunk["candidates"][0]["content"]["parts"]]
    assert "".join(texts) == "You said: Hi"


@pytest.mark.parametrize(
    "method, path, status, word",
    [
        ("POST", "/models/simulator/echo:predict", 404, "NOT_FOUND"),
        ("POST", "/models/simulator/echo", 405, "UNIMPLEMENTED"),
        ("GET", "/models/simulator/nothing", 404, "NOT_FOUND"),
        ("GET", "/tunedModels", 404, "NOT_FOUND"),
        ("DELETE", "/models/simulator/echo", 405, "UNIMPLEMENTED"),
    ],
)
def test_what_is_not_there_says_so_in_googles_envelope(url, account, method, path, status, word):
    answer = httpx.request(method, f"{url}/v1beta{path}", headers={"x-goog-api-key": account.key})
    assert (answer.status_code, answer.json()["error"]["status"]) == (status, word)
