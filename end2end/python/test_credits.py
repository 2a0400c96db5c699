"""Many requests at once against little money: what fits succeeds, the rest is refused, nothing is ever overdrawn."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import httpx
import pytest

from wire import Wire, ask, exact, nano

REQUESTS = 200
FITTING = 20
# test/exact answers with exactly 100 tokens at $0.000001, and its prompt is free: what is held is what it costs. So the
# number of requests that fit does not depend on how fast some end while others begin.
PRICE = Decimal("0.0001")


def storm(api: str, key: str, body: dict) -> list[tuple[int, dict]]:
    """All requests at once; the status and body of each."""
    limits = httpx.Limits(max_connections=REQUESTS)
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=120, limits=limits) as http:

        def one(_) -> tuple[int, dict]:
            response = http.post(f"{api}/chat/completions", json=body)
            return response.status_code, exact(response.text)

        with ThreadPoolExecutor(REQUESTS) as pool:
            return list(pool.map(one, range(REQUESTS)))


@pytest.mark.parametrize("limited", ["credits", "key limit"])
def test_of_200_parallel_requests_exactly_the_20_that_fit_succeed(api, program, books, limited):
    money = FITTING * PRICE + PRICE / 2
    account = program.account(money) if limited == "credits" else program.account("5", limit=money)
    before = books.balance(account.email)

    answers = storm(api, account.key, ask("Hello", "test/exact", max_tokens=100))

    assert Counter(status for status, _ in answers) == {200: FITTING, 402: REQUESTS - FITTING}
    for status, body in answers:
        if status == 200:
            assert body["usage"]["cost"] == PRICE
        else:
            assert body["error"]["metadata"]["error_type"] == "payment_required"
            assert ("limit" if limited == "key limit" else "credits") in body["error"]["message"]
    after = books.balance(account.email)
    assert before.available - after.available == nano(FITTING * PRICE)
    assert (after.held, after.spent) == (0, nano(FITTING * PRICE))
    program.check_ledger()

    # What is left is too little for one more, and enough for a smaller one.
    wire = Wire(api, account.key)
    assert wire.chat(ask("Hello", "test/exact", max_tokens=100)).status_code == 402
    assert wire.chat(ask("Hello", "test/exact", max_tokens=40)).status_code == 200


def test_parallel_requests_without_a_limit_of_tokens_never_overdraw(api, program, books):
    """Without max_tokens a request takes what there is: how many fit is not fixed, what they cost in all is."""
    money = Decimal("0.02")
    account = program.account(money)
    answers = storm(api, account.key, ask("Tell me all", "test/odd"))
    statuses = Counter(status for status, _ in answers)
    assert set(statuses) <= {200, 402} and statuses[200] > 0
    spent = sum(nano(body["usage"]["cost"]) for status, body in answers if status == 200)
    balance = books.balance(account.email)
    assert balance.spent == spent
    assert balance.available == nano(money) - spent >= 0
    assert balance.held == 0
    program.check_ledger()
