"""Answers against the published schema of the API that ours is compatible with, where that is at hand."""

import json
from pathlib import Path

import httpx
import jsonschema
import pytest
import referencing
import referencing.jsonschema
import yaml

from wire import ask

CONTRACT = Path(__file__).parents[3] / "shared/contract/openrouter.openapi.yaml"

pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason="the schema is not part of this repository")

# Addresses that answer 200, by the path they are described under.
ROUTES = {
    "/models": "/models",
    "/models/count": "/models/count",
    "/models/simulator/echo/endpoints": "/models/{author}/{slug}/endpoints",
    "/models/test/odd/endpoints": "/models/{author}/{slug}/endpoints",
    "/model/simulator/echo": "/model/{author}/{slug}",
    "/embeddings/models": "/embeddings/models",
    "/providers": "/providers",
    "/key": "/key",
    "/credits": "/credits",
}

TOOL = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
SCHEMA = {**TOOL, "additionalProperties": False}
IMAGE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="

# Bodies of each route that calls a model: each is sent as it is and, where the route can, streamed.
CALLS = {
    "/chat/completions": {
        "text": ask("Hi"),
        "thoughts": ask("Hi", "simulator/reasoner", reasoning={"effort": "low"}),
        "a tool": ask("use get_weather", tools=[{"type": "function", "function": {"name": "get_weather", "parameters": TOOL}}]),
        "a schema": ask("Hi", response_format={"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": SCHEMA}}),
        "a limit": ask("one two three four five six", max_tokens=3),
        "two answers": ask("Hi", n=2),
        "log probabilities": ask("Hi", logprobs=True, top_logprobs=2),
        "a picture": {
            "model": "simulator/echo",
            "messages": [{"role": "user", "content": [{"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": IMAGE}}]}],
        },
    },
    "/responses": {
        "text": {"model": "simulator/echo", "input": "Hi"},
        "thoughts": {"model": "simulator/reasoner", "input": "Hi", "reasoning": {"effort": "low", "summary": "auto"}},
        "a tool": {"model": "simulator/echo", "input": "use get_weather", "tools": [{"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": True}]},
        "a schema": {"model": "simulator/echo", "input": "Hi", "text": {"format": {"type": "json_schema", "name": "a", "schema": SCHEMA}}},
        "a limit": {"model": "simulator/echo", "input": "one two three four five six", "max_output_tokens": 3},
        "a refusal": {"model": "test/declines", "input": "Hi"},
        "thoughts in sum": {"model": "test/agent", "input": "Hi", "reasoning": {"effort": "low", "summary": "auto"}},
        "a custom tool": {"model": "simulator/tools", "input": "use patch", "tools": [{"type": "custom", "name": "patch"}]},
    },
    "/messages": {
        "text": ask("Hi", max_tokens=100),
        "thoughts": ask("Hi", "simulator/reasoner", max_tokens=3000, thinking={"type": "enabled", "budget_tokens": 1024}),
        "a tool": ask("use get_weather", max_tokens=100, tools=[{"name": "get_weather", "input_schema": TOOL}]),
        "a limit": ask("one two three four five six", max_tokens=3),
    },
    "/embeddings": {
        "a text": {"model": "simulator/embed", "input": "Hi", "encoding_format": "float"},
        "texts": {"model": "simulator/embed", "input": ["Hi", "there"]},
    },
    "/rerank": {"documents": {"model": "simulator/rerank", "query": "tea", "documents": ["a cup of tea", "a ship"], "top_n": 1}},
}
STREAMED = {"/chat/completions", "/responses", "/messages"}

# What the document describes and this server does not serve: by the beginning of the path, with the reason.
NOT_SERVED = {
    "/activity": "the site's activity page shows it; the API of it comes with the spend reports",
    "/analytics": "the closed service's own reports",
    "/audio": "speech and transcription are no chat: not yet",
    "/auth/keys": "OAuth for apps that bring their users' accounts: not yet",
    "/benchmarks": "third parties' figures, licensed to the closed service",
    "/byok": "an operator's provider keys are variables of the server's environment",
    "/classifications": "the closed service's own reports",
    "/credits/coinbase": "retired there too: it answers 410",
    "/datasets": "rankings come with the marketplace's pages",
    "/endpoints/zdr": "a filter of the models page",
    "/files": "stateless: files are sent with the request",
    "/generation/content": "prompts and answers are not kept",
    "/generation/feedback": "comes with the measuring router",
    "/guardrails": "organisations are not served",
    "/images": "pictures come from chat models; the route of their own: not yet",
    "/keys": "keys are made on the site and by the program",
    "/models/user": "comes with privacy settings",
    "/observability": "organisations are not served",
    "/organization": "organisations are not served",
    "/presets": "come with the marketplace's pages",
    "/scim": "organisations are not served",
    "/videos": "long-running jobs: not yet",
    "/workspaces": "organisations are not served",
}

@pytest.fixture(scope="module")
def contract() -> dict:
    contract = yaml.load(CONTRACT.read_text(), Loader=yaml.CSafeLoader)
    schemas = contract["components"]["schemas"]
    # Closed lists of the companies that this server's operator happens not to be bound to.
    for schema in every_schema(schemas):
        if "OpenAI" in schema.get("enum", []) or "AnyScale" in schema.get("enum", []):
            del schema["enum"]
    # The base of these two takes back the raw reasoning that they allow.
    for event in ["ContentPartAddedEvent", "ContentPartDoneEvent"]:
        del schemas[f"Base{event}"]["properties"]["part"]
    return contract


def every_schema(node):
    """All objects of the document, from within."""
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        yield from every_schema(value)
    if isinstance(node, dict):
        yield node


def validator(contract: dict, path: str, method: str, status: str, media: str = "application/json") -> jsonschema.Draft202012Validator:
    place = ["paths", path, method, "responses", status, "content", media, "schema"]
    pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in place)
    resource = referencing.Resource(contents=contract, specification=referencing.jsonschema.DRAFT202012)
    registry = referencing.Registry().with_resource("urn:contract", resource)
    return jsonschema.Draft202012Validator({"$ref": f"urn:contract#/{pointer}"}, registry=registry)


def assert_valid(validator: jsonschema.Draft202012Validator, body) -> None:
    faults = [fault(error) for error in validator.iter_errors(body)]
    assert not faults, f"{len(faults)} faults, the first ones: " + "\n".join(faults[:10])


def fault(error: jsonschema.ValidationError) -> str:
    """The fault itself: of a choice of schemas, that in the one which fits best."""
    best = jsonschema.exceptions.best_match([error])
    return f"{'/'.join(map(str, best.absolute_path))}: {best.message[:300]}"


@pytest.mark.parametrize("address", ROUTES)
def test_a_route_answers_in_the_published_schema(contract, wire, address):
    response = wire.http.get(address)
    assert response.status_code == 200
    assert_valid(validator(contract, ROUTES[address], "get", "200"), response.json())


def test_a_generation_answers_in_the_published_schema(contract, wire):
    for model in ["simulator/echo", "test/unavailable", "test/dead"]:
        id = wire.chat(ask("Hi", model)).headers["x-generation-id"]
        response = wire.http.get("/generation", params={"id": id})
        assert_valid(validator(contract, "/generation", "get", "200"), response.json())


EACH_CALL = [pytest.param(path, body, id=f"{path}: {what}") for path, bodies in CALLS.items() for what, body in bodies.items()]
EACH_STREAM = [case for case in EACH_CALL if case.values[0] in STREAMED]


@pytest.mark.parametrize("path, body", EACH_CALL)
def test_an_answer_is_in_the_published_schema(contract, wire, path, body):
    response = wire.http.post(path, json=body)
    assert response.status_code == 200, response.text
    assert_valid(validator(contract, path, "post", "200"), response.json())


@pytest.mark.parametrize("path, body", EACH_STREAM)
def test_each_event_of_a_stream_is_in_the_published_schema(contract, wire, path, body):
    response = wire.http.post(path, json={**body, "stream": True})
    assert response.status_code == 200, response.text
    schema = validator(contract, path, "post", "200", "text/event-stream")
    events = list(read_events(response.text))
    assert len(events) >= 2
    for event in events:
        assert_valid(schema, event)


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("status", ["400", "401", "404"])
def test_an_error_is_in_the_published_schema(contract, wire, api, path, status):
    body = next(iter(CALLS[path].values()))
    match status:
        case "400":
            response = wire.http.post(path, json={**body, "model": 7})
        case "401":
            response = httpx.post(f"{api}{path}", json=body)
        case "404":
            response = wire.http.post(path, json={**body, "provider": {"only": ["nobody"]}})
    assert response.status_code == int(status), response.text
    assert_valid(validator(contract, path, "post", status), response.json())


def test_every_route_of_the_document_is_served_or_has_a_reason(contract, wire):
    for path, methods in contract["paths"].items():
        served = path in {*ROUTES.values(), *CALLS, "/generation"}
        reasons = [reason for start, reason in NOT_SERVED.items() if path == start or path.startswith(start + "/")]
        assert served != bool(reasons), f"{path}: checked here, or not served for a reason: one of the two"
        for method in {"get", "post", "put", "patch", "delete"} & set(methods):
            if not served:
                address = path.replace("{", "").replace("}", "")
                status = wire.http.request(method, address).status_code
                assert status in (404, 405), f"{method} {path} answers {status}, but is said not to be served"


def test_every_reason_is_still_one(contract):
    for start in NOT_SERVED:
        assert any(path == start or path.startswith(start + "/") for path in contract["paths"]), start


def read_events(stream: str):
    """Each event as the document describes it: `{data}`, with `event` where it has a name."""
    for frame in stream.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in frame.splitlines() if line and not line.startswith(":"))
        if fields.get("data", "[DONE]") != "[DONE]":
            yield {**fields, "data": json.loads(fields["data"])}
