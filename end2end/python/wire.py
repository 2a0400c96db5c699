"""The API as bytes: requests without a client library in between, JSON without floats, events as they come."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

NANO = Decimal("0.000000001")


def exact(text: str | bytes) -> Any:
    """JSON with every number as it is written."""
    return json.loads(text, parse_float=Decimal)


def nano(dollars: Decimal | int) -> int:
    """Dollars as billionths; fails where that would lose a digit."""
    billionths = Decimal(dollars) / NANO
    assert billionths == billionths.to_integral_value(), f"{dollars} is finer than a billionth of a dollar"
    return int(billionths)


def ask(text: str, model: str = "simulator/echo", **more) -> dict:
    """The body of a request with one message."""
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


class Wire:
    """A caller of the API with one key, or none."""

    def __init__(self, api: str, key: str | None = None, timeout: float = 60):
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self.http = httpx.Client(base_url=api, headers=headers, timeout=timeout)

    def chat(self, body: dict | bytes, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post("/chat/completions", content=content, headers={"Content-Type": "application/json"} | headers)

    def stream(self, body: dict) -> "Stream":
        """A whole stream, read to its end."""
        stream = Stream()
        with self.http.stream("POST", "/chat/completions", json={**body, "stream": True}) as response:
            stream.status, stream.headers = response.status_code, response.headers
            if response.status_code != 200:
                stream.error = exact(response.read())["error"]
                return stream
            for event in events(response.iter_raw()):
                stream.add(event)
        return stream

    def generation(self, id: str) -> dict | None:
        """The record of a generation, once there is one."""
        response = self.http.get("/generation", params={"id": id})
        if response.status_code == 404:
            return None
        assert response.status_code == 200, response.text
        return exact(response.text)["data"]


@dataclass
class Stream:
    """What a stream said, and when."""

    status: int = 0
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    chunks: list[dict] = field(default_factory=list)
    """Seconds at which each chunk came."""
    times: list[float] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    is_done: bool = False
    error: dict | None = None

    def add(self, event: "Event") -> None:
        assert not self.is_done, f"something follows [DONE]: {event}"
        if event.comment is not None:
            self.comments.append(event.comment)
        elif event.data == "[DONE]":
            self.is_done = True
        else:
            chunk = exact(event.data)
            self.chunks.append(chunk)
            self.times.append(event.at)
            self.error = chunk.get("error", self.error)

    @property
    def id(self) -> str:
        return self.headers["x-generation-id"]

    @property
    def text(self) -> str:
        return "".join(c["delta"].get("content") or "" for chunk in self.chunks for c in chunk["choices"])

    @property
    def usages(self) -> list[dict]:
        return [chunk["usage"] for chunk in self.chunks if chunk.get("usage")]

    @property
    def finishes(self) -> list[str]:
        return [c["finish_reason"] for chunk in self.chunks for c in chunk["choices"] if c.get("finish_reason")]


@dataclass(frozen=True)
class Event:
    at: float
    data: str = ""
    comment: str | None = None


def events(pieces: Iterator[bytes]) -> Iterator[Event]:
    """Server-sent events by the letter of the standard, as far as the API uses it: data and comments."""
    buffer = b""
    for piece in pieces:
        buffer += piece
        while b"\n\n" in buffer:
            block, buffer = buffer.split(b"\n\n", 1)
            lines = block.decode().split("\n")
            now = time.monotonic()
            if all(line.startswith(":") for line in lines):
                yield Event(now, comment="\n".join(lines))
            else:
                assert all(line.startswith("data: ") for line in lines), f"an unknown field: {lines}"
                yield Event(now, data="\n".join(line.removeprefix("data: ") for line in lines))
    assert buffer == b"", f"the stream ends within an event: {buffer!r}"
