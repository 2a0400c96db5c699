"""Answers against the published schema of the API that ours is compatible with, where that is at hand."""

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

ROUTES = {
    "/models": "/models",
    "/models/count": "/models/count",
    "/models/simulator/echo/endpoints": "/models/{author}/{slug}/endpoints",
    "/models/test/odd/endpoints": "/models/{author}/{slug}/endpoints",
    "/model/simulator/echo": "/model/{author}/{slug}",
    "/providers": "/providers",
    "/key": "/key",
    "/credits": "/credits",
}


@pytest.fixture(scope="module")
def contract() -> dict:
    contract = yaml.load(CONTRACT.read_text(), Loader=yaml.CSafeLoader)
    schemas = contract["components"]["schemas"]
    # A closed list of the companies that this server's operator happens not to be bound to.
    for of_provider in [schemas["ProviderName"], schemas["ProviderResponse"]["properties"]["provider_name"]]:
        of_provider.pop("enum", None)
    return contract


def validator(contract: dict, path: str, method: str, status: str) -> jsonschema.Draft202012Validator:
    place = ["paths", path, method, "responses", status, "content", "application/json", "schema"]
    pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in place)
    resource = referencing.Resource(contents=contract, specification=referencing.jsonschema.DRAFT202012)
    registry = referencing.Registry().with_resource("urn:contract", resource)
    return jsonschema.Draft202012Validator({"$ref": f"urn:contract#/{pointer}"}, registry=registry)


def assert_valid(validator: jsonschema.Draft202012Validator, body) -> None:
    faults = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(body)]
    assert not faults, f"{len(faults)} faults, the first ones: " + "\n".join(faults[:10])


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


def test_an_answer_is_in_the_published_schema(contract, wire):
    body = wire.chat(ask("Hi")).json()
    assert_valid(validator(contract, "/chat/completions", "post", "200"), body)


@pytest.mark.parametrize("status, body", [("400", ask("Hi", max_tokens=-1)), ("404", ask("Hi", provider={"only": ["nobody"]}))])
def test_an_error_is_in_the_published_schema(contract, wire, status, body):
    response = wire.chat(body)
    assert response.status_code == int(status)
    assert_valid(validator(contract, "/chat/completions", "post", status), response.json())


def test_a_missing_key_is_in_the_published_schema(contract, api):
    response = httpx.post(f"{api}/chat/completions", json=ask("Hi"))
    assert_valid(validator(contract, "/chat/completions", "post", "401"), response.json())
