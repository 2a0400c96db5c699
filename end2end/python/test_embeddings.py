"""Embeddings with the stock OpenAI client, rankings with OpenRouter's, and both as bytes."""

import base64
import struct
from decimal import Decimal

import openai
import pytest
from openrouter import OpenRouter

from wire import exact, nano

TEXTS = ["a cup of tea", "another cup of tea", "the moons of Jupiter"]
DOCUMENTS = ["Jupiter has many moons", "Tea is made of leaves", {"text": "The moon of the earth"}]


@pytest.fixture(scope="module")
def openrouter(api, account):
    with OpenRouter(api_key=account.key, server_url=api) as client:
        yield client


def embed(wire, **body):
    return wire.http.post("/embeddings", json={"model": "simulator/embed", **body})


def likeness(a, b) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_the_stock_client_gets_vectors_that_are_near_where_texts_are_alike(client):
    """It asks for base64 unless told otherwise, and decodes it itself."""
    answer = client.embeddings.create(model="simulator/embed", input=TEXTS)
    assert answer.object == "list" and answer.model == "simulator/embed"
    assert [item.index for item in answer.data] == [0, 1, 2]
    tea, more_tea, moons = (item.embedding for item in answer.data)
    assert len(tea) == 1536
    assert likeness(tea, more_tea) > likeness(tea, moons)
    assert answer.usage.prompt_tokens > 0
    assert answer.usage.total_tokens == answer.usage.prompt_tokens


def test_numbers_and_base64_say_the_same(client, wire):
    as_numbers = client.embeddings.create(model="simulator/embed", input="tea", encoding_format="float")
    as_bytes = embed(wire, input="tea", encoding_format="base64").json()["data"][0]["embedding"]
    decoded = struct.unpack("<1536f", base64.b64decode(as_bytes))
    # Short numbers, such as 0.1, are those of 32 bits.
    assert [struct.unpack("<f", struct.pack("<f", x))[0] for x in as_numbers.data[0].embedding] == list(decoded)
    written = embed(wire, input="tea").text
    assert max(len(number) for number in written.split('"embedding":[')[1].split("]")[0].split(",")) <= 16


def test_vectors_have_the_length_that_is_asked_for(client):
    answer = client.embeddings.create(model="simulator/embed", input="tea", dimensions=256)
    assert len(answer.data[0].embedding) == 256


def test_tokens_are_embedded_too(client):
    answer = client.embeddings.create(model="simulator/embed", input=[[1, 2, 3], [4]])
    assert len(answer.data) == 2
    assert answer.usage.prompt_tokens == 4


def test_openrouters_client_parses_embeddings(openrouter):
    answer = openrouter.embeddings.generate(model="simulator/embed", input=["tea", "moon"])
    assert len(answer.data) == 2
    assert answer.usage.cost > 0


def test_embeddings_are_booked_at_their_price(wire):
    answer = exact(embed(wire, input=TEXTS).text)
    usage = answer["usage"]
    assert nano(usage["cost"]) == nano(Decimal("0.00000002") * usage["prompt_tokens"])
    generation = wire.generation(answer["id"])
    assert nano(generation["total_cost"]) == nano(usage["cost"])
    assert generation["tokens_prompt"] == usage["prompt_tokens"]


def test_pictures_and_text_make_one_vector_over_a_provider_that_can(wire):
    png = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
    content = [{"type": "text", "text": "a dot"}, {"type": "image_url", "image_url": {"url": png}}]
    answer = wire.http.post("/embeddings", json={"model": "test/sees", "input": [{"content": content}]})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) == 1
    refused = embed(wire, input=[{"content": content}])
    assert refused.status_code == 404
    assert refused.json()["error"]["availability"]["excluded_by"] == ["modality"]


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input[1]"),
        ({"input": "a", "dimensions": -1}, "dimensions"),
        ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
    ],
)
def test_a_wrong_body_is_400_and_names_the_field(wire, body, field):
    response = embed(wire, **body)
    assert response.status_code == 400
    assert response.json()["error"]["metadata"]["field"] == field


def test_a_model_at_the_wrong_route_is_told_the_right_one(client, wire):
    with pytest.raises(openai.BadRequestError) as refused:
        client.embeddings.create(model="simulator/echo", input="a")
    assert "POST /api/v1/chat/completions" in refused.value.message
    response = wire.chat({"model": "simulator/embed", "messages": [{"role": "user", "content": "a"}]})
    error = response.json()["error"]
    assert (response.status_code, error["availability"]["code"]) == (400, "wrong_endpoint")
    assert "POST /api/v1/embeddings" in error["message"]


def test_embedding_models_are_listed_apart(wire):
    models = wire.http.get("/embeddings/models").json()["data"]
    assert "simulator/embed" in {model["id"] for model in models}
    assert all(model["architecture"]["output_modalities"] == ["embeddings"] for model in models)


def test_a_ranking_has_the_best_document_first_and_costs_a_search(wire):
    body = {"model": "simulator/rerank", "query": "moons of Jupiter", "documents": DOCUMENTS}
    response = wire.http.post("/rerank", json=body)
    assert response.status_code == 200, response.text
    answer = exact(response.text)
    assert answer["provider"] == "Simulator (Cohere)"
    assert [result["index"] for result in answer["results"]][0] == 0
    assert answer["results"][0]["document"] == {"text": DOCUMENTS[0]}
    scores = [result["relevance_score"] for result in answer["results"]]
    assert scores == sorted(scores, reverse=True) and len(scores) == 3
    assert answer["usage"]["search_units"] == 1
    assert nano(answer["usage"]["cost"]) == nano(Decimal("0.002"))
    assert nano(wire.generation(answer["id"])["total_cost"]) == nano(Decimal("0.002"))


def test_a_ranking_of_many_documents_costs_as_many_searches_as_the_provider_counts(wire):
    body = {"model": "simulator/rerank", "query": "tea", "documents": [f"document {n}" for n in range(150)], "top_n": 2}
    answer = exact(wire.http.post("/rerank", json=body).text)
    assert len(answer["results"]) == 2
    assert answer["usage"]["search_units"] == 2
    assert nano(answer["usage"]["cost"]) == nano(Decimal("0.004"))


def test_openrouters_client_parses_rankings(openrouter):
    answer = openrouter.rerank.rerank(model="simulator/rerank", query="tea", documents=["tea leaves", "moons"], top_n=1)
    assert [result.index for result in answer.results] == [0]
    assert answer.usage.search_units == 1


def test_the_stock_client_retrieves_one_model(client):
    model = client.models.retrieve("simulator/embed")
    assert (model.id, model.object, model.owned_by) == ("simulator/embed", "model", "simulator")
    assert client.models.list().object == "list"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("simulator/nothing")
