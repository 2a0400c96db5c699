"""Every route of the API: what it answers with a key, without one, and to the wrong method."""

import json
import re
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from server import until
from wire import Wire, ask, exact, nano

# method and path: (needs a key, an address that finds something)
ROUTES = {
    ("POST", "/chat/completions"): (True, "/chat/completions"),
    ("POST", "/completions"): (True, "/completions"),
    ("POST", "/responses"): (True, "/responses"),
    ("POST", "/embeddings"): (True, "/embeddings"),
    ("POST", "/rerank"): (True, "/rerank"),
    ("POST", "/messages"): (True, "/messages"),
    ("POST", "/messages/count_tokens"): (True, "/messages/count_tokens"),
    ("GET", "/generation"): (True, "/generation?id=gen-0"),
    ("GET", "/key"): (True, "/key"),
    ("GET", "/auth/key"): (True, "/auth/key"),
    ("GET", "/credits"): (True, "/credits"),
    ("GET", "/models"): (False, "/models"),
    ("GET", "/models/count"): (False, "/models/count"),
    ("GET", "/models/{id}"): (False, "/models/simulator%2Fecho"),
    ("GET", "/models/{author}/{slug}"): (False, "/models/simulator/echo"),
    ("GET", "/models/{author}/{slug}/endpoints"): (False, "/models/simulator/echo/endpoints"),
    ("GET", "/model/{author}/{slug}"): (False, "/model/simulator/echo"),
    ("GET", "/embeddings/models"): (False, "/embeddings/models"),
    ("GET", "/providers"): (False, "/providers"),
}
SOURCE = Path(__file__).parents[2] / "server/gateway/src/routes.rs"
EACH = [pytest.param(method, *facts, id=f"{method} {path}") for (method, path), facts in ROUTES.items()]


def error_type(response: httpx.Response) -> str:
    """The one word that errors have in every API."""
    error = response.json()["error"]
    return error["error_type"] if "error_type" in error else error["metadata"]["error_type"]


def test_the_table_of_routes_is_that_of_the_server():
    router = SOURCE.read_text().split("pub fn api_router", 1)[1].split("\n}\n", 1)[0]
    routes = re.findall(r'\.route\(\s*"([^"]+)",\s*(\w+)\(', router)
    served = {(method.upper(), path) for path, method in routes if method != "any"}
    assert served == set(ROUTES)


@pytest.mark.parametrize("prefix", ["/api/v1", "/v1"])
@pytest.mark.parametrize("method, needs_key, address", EACH)
def test_without_a_key_a_route_answers_401_or_is_for_anybody(url, prefix, method, needs_key, address):
    response = httpx.request(method, url + prefix + address, json=ask("Hi") if method == "POST" else None)
    if needs_key:
        assert response.status_code == 401
        assert error_type(response) == "authentication"
        assert "Authorization: Bearer" in response.json()["error"]["message"]
    else:
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("method, needs_key, address", EACH)
def test_the_wrong_method_is_405_with_the_right_ones(api, account, method, needs_key, address):
    wrong = "DELETE" if method == "POST" else "POST"
    response = httpx.request(wrong, api + address, headers={"Authorization": f"Bearer {account.key}"})
    assert response.status_code == 405
    assert method in response.headers["allow"]
    assert error_type(response) == "invalid_request"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/api/v1/nonsense", "/v1/nonsense", "/v1/embeddings/x", "/api/v1/models/a/b/c/d", "/v1/chat/completions/"])
def test_an_unknown_route_is_404_in_the_envelope(url, method, path):
    """Also where the site would have a page: at any two segments."""
    response = httpx.request(method, url + path)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == 404


def test_the_health_routes_answer(url):
    for path in ["/healthz", "/readyz"]:
        assert httpx.get(url + path).status_code == 200


def test_the_stock_client_lists_models(client):
    ids = [model.id for model in client.models.list()]
    assert len(ids) > 300 and len(ids) == len(set(ids))
    assert {"simulator/echo", "test/exact"} <= set(ids)


def test_models_count_is_that_of_the_list(api):
    listed = httpx.get(f"{api}/models").json()
    assert listed["total_count"] == len(listed["data"])
    assert httpx.get(f"{api}/models/count").json()["data"]["count"] == len(listed["data"])
    page = httpx.get(f"{api}/models", params={"limit": 10, "offset": 10}).json()
    assert page["data"] == listed["data"][10:20]


def test_prices_are_exact_decimal_strings(api):
    model = httpx.get(f"{api}/model/test/odd").json()["data"]
    assert model["pricing"]["prompt"] == "0.0000001234567"
    assert model["pricing"]["completion"] == "0.0000007654321"
    for model in httpx.get(f"{api}/models").json()["data"]:
        for unit, price in model["pricing"].items():
            if unit != "overrides":
                assert isinstance(price, str) and "e" not in price.lower(), (model["id"], unit, price)
                Decimal(price)


def test_a_models_endpoints_are_listed_with_their_providers(api):
    data = httpx.get(f"{api}/models/test/refused/endpoints").json()["data"]
    assert data["id"] == "test/refused"
    assert [e["provider_name"] for e in data["endpoints"]] == ["First", "Second"]
    assert httpx.get(f"{api}/models/no/such/endpoints").status_code == 404
    assert httpx.get(f"{api}/model/no/such").status_code == 404


def test_providers_are_listed(api):
    slugs = [provider["slug"] for provider in httpx.get(f"{api}/providers").json()["data"]]
    assert {"test-first", "test-second", "simulator"} <= set(slugs)


def test_models_can_be_filtered(api):
    def ids(**query) -> set[str]:
        return {model["id"] for model in httpx.get(f"{api}/models", params=query).json()["data"]}

    everything = ids()
    vision = ids(input_modalities="image")
    assert "simulator/echo" in vision and "simulator/tools" not in vision
    assert vision < everything
    assert ids(q="test exact") | ids(q="test/exact") >= {"test/exact"}
    assert {id.split("/")[0] for id in ids(model_authors="test,simulator")} == {"test", "simulator"}


def test_the_key_and_the_credits_show_what_was_spent(api, program):
    account = program.account("2", limit=Decimal("0.5"))
    wire = Wire(api, account.key)
    cost = exact(wire.chat(ask("Hello", "test/exact", max_tokens=100)).text)["usage"]["cost"]
    assert nano(cost) == 100_000
    credits = exact(wire.http.get("/credits").text)["data"]
    assert credits == {"total_credits": 2, "total_usage": cost}
    key = exact(wire.http.get("/key").text)["data"]
    assert key["usage"] == key["usage_daily"] == key["usage_weekly"] == key["usage_monthly"] == cost
    assert key["limit"] == Decimal("0.5")
    assert key["limit_remaining"] == Decimal("0.5") - cost
    assert key["is_free_tier"] is False
    assert key["label"].startswith("sk-souk-v1-") and account.key not in json.dumps(key, default=str)


def test_a_generation_is_shown_to_its_account_alone(api, program, wire):
    id = wire.chat(ask("Mine")).headers["x-generation-id"]
    assert until(lambda: wire.generation(id), "the record is there")["id"] == id
    other = Wire(api, program.account().key)
    assert other.http.get("/generation", params={"id": id}).status_code == 404
    assert wire.http.get("/generation", params={"id": "gen-nonsense"}).status_code == 404
    assert wire.http.get("/generation").status_code == 400
