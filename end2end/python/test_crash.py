"""A server that dies at any instant has booked what its clients saw, and nothing else."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from server import serving, until
from wire import ask, events, exact, nano

CLIENTS = 16
ENOUGH = 120  # answers seen before the server is killed
MODELS = ["simulator/echo", "test/odd", "test/exact", "test/unavailable", "test/paced"]


@dataclass
class Witness:
    """What all clients together saw."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    """Generation → cost in billionths, of each answer that was seen to its end."""
    seen: dict[str, int] = field(default_factory=dict)
    """Generations whose answer began and was not seen to end."""
    begun: set[str] = field(default_factory=set)
    is_enough: threading.Event = field(default_factory=threading.Event)

    def begins(self, id: str) -> None:
        with self.lock:
            self.begun.add(id)

    def sees(self, id: str, usage: dict) -> None:
        with self.lock:
            self.begun.discard(id)
            self.seen[id] = nano(usage["cost"])
            if len(self.seen) >= ENOUGH:
                self.is_enough.set()


def call_until_it_breaks(api: str, key: str, number: int, witness: Witness) -> None:
    """Whole answers and streams in turn, until the server is gone."""
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60) as http:
        try:
            for turn in range(10_000):
                body = ask(f"Request {turn} of client {number}", MODELS[(turn + number) % len(MODELS)], max_tokens=100)
                if (turn + number) % 2:
                    response = http.post(f"{api}/chat/completions", json=body)
                    assert response.status_code == 200, response.text
                    answer = exact(response.text)
                    witness.sees(answer["id"], answer["usage"])
                    continue
                with http.stream("POST", f"{api}/chat/completions", json={**body, "stream": True}) as response:
                    assert response.status_code == 200
                    witness.begins(response.headers["x-generation-id"])
                    for event in events(response.iter_raw()):
                        chunk = {} if event.comment or event.data == "[DONE]" else exact(event.data)
                        if chunk.get("usage"):
                            witness.sees(chunk["id"], chunk["usage"])
        except (httpx.TransportError, AssertionError) as error:
            if not witness.is_enough.is_set():
                raise AssertionError("a request failed while the server was up") from error


def test_after_kill_9_under_load_the_books_are_what_the_clients_saw(own_program, own_books, log_file):
    account = own_program.account("5")
    witness = Witness()
    with serving(own_program, log_file) as server, ThreadPoolExecutor(CLIENTS) as pool:
        calls = [pool.submit(call_until_it_breaks, server.api, account.key, n, witness) for n in range(CLIENTS)]
        assert witness.is_enough.wait(120), "the load never got going"
        server.kill()
        for call in calls:
            call.result(60)
    assert len(witness.seen) >= ENOUGH

    with serving(own_program, log_file):
        until(lambda: own_books.open_holds() == 0, "the orphans are closed", within=30)
        own_program.check_ledger()

    charged = {row["id"]: row["cost_nano"] for row in own_books.generations(account.email) if row["cost_nano"] > 0}
    for id, cost in witness.seen.items():
        assert charged.get(id) == cost == own_books.charged(id), id
        assert own_books.settlements(id) == 1, id
    # Booked first, told after: what was on its way to a client in that instant may be booked and not seen; no more than that.
    unseen = set(charged) - set(witness.seen)
    assert len(unseen) <= CLIENTS, unseen
    balance = own_books.balance(account.email)
    assert balance.held == 0
    assert balance.spent == sum(charged.values())
    assert balance.granted - balance.available == balance.spent


def test_a_client_cut_off_by_the_crash_pays_nothing_for_what_was_never_settled(own_program, own_books, log_file):
    account = own_program.account("5")
    with serving(own_program, log_file) as server:
        with httpx.stream(
            "POST",
            f"{server.api}/chat/completions",
            json=ask("Talk", "test/endless", stream=True),
            headers={"Authorization": f"Bearer {account.key}"},
        ) as response:
            id = response.headers["x-generation-id"]
            pieces = response.iter_raw()  # kept: dropping it would hang up
            next(pieces)
            assert own_books.open_holds() == 1
            server.kill()
    with serving(own_program, log_file):
        until(lambda: own_books.open_holds() == 0, "the orphan is closed", within=30)
    assert own_books.charged(id) == 0
    record = own_books.record(id)
    assert (record["state"], record["cost_nano"]) == ("failed", 0)
    own_program.check_ledger()


def test_ctrl_c_lets_a_running_answer_finish(own_program, own_books, log_file):
    account = own_program.account("5")
    with serving(own_program, log_file) as server:
        with httpx.stream(
            "POST",
            f"{server.api}/chat/completions",
            json=ask("Slowly", "test/paced", stream=True),
            headers={"Authorization": f"Bearer {account.key}"},
        ) as response:
            pieces = response.iter_raw()
            first = next(pieces)
            stopping = ThreadPoolExecutor(1).submit(server.interrupt)
            text = (first + b"".join(pieces)).decode()
        assert text.rstrip().endswith("data: [DONE]")
        assert stopping.result(30) == 0
    assert own_books.open_holds() == 0
    assert own_books.balance(account.email).spent > 0
