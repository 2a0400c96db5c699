"""What every test may ask for. The server, its simulator and its database are started by `end2end/run`."""

import os
from pathlib import Path

import httpx
import openai
import pytest

from books import Books
from server import Account, Program, database, program_from_environment, serving
from wire import Wire


@pytest.fixture(scope="session")
def program() -> Program:
    """The program, with the database of the shared server."""
    return program_from_environment()


@pytest.fixture(scope="session")
def url() -> str:
    return os.environ["SOUK_URL"]


@pytest.fixture(scope="session")
def api(url) -> str:
    return f"{url}/api/v1"


@pytest.fixture(scope="session")
def books() -> Books:
    return Books(os.environ["DATABASE_URL"])


@pytest.fixture(scope="session")
def account(program) -> Account:
    """One with more credits than all tests together need."""
    return program.account("100")


@pytest.fixture(scope="session")
def wire(api, account) -> Wire:
    return Wire(api, account.key)


@pytest.fixture(scope="session")
def client(api, account) -> openai.OpenAI:
    """The stock client: only the base URL and the key are ours."""
    return openai.OpenAI(base_url=api, api_key=account.key, max_retries=0)


@pytest.fixture(scope="session")
def simulator_log():
    """Finds what the simulator says about one of its answers."""

    def find(upstream_id: str) -> dict:
        served = httpx.get(f"{os.environ['SOUK_SIMULATOR_URL']}/control/log").json()["requests"]
        (entry,) = [entry for entry in served if entry["id"] == upstream_id]
        return entry

    return find


@pytest.fixture
def own_program(program):
    """The program with an empty database of its own."""
    with database(os.environ["DATABASE_URL"]) as own:
        yield program.with_environment(DATABASE_URL=own, SOUK_ADDR="127.0.0.1:0")


@pytest.fixture
def own_server(own_program, log_file):
    """A server with an empty database of its own, for tests that stop it or break things."""
    with serving(own_program, log_file) as server:
        yield server


@pytest.fixture
def own_books(own_program) -> Books:
    return Books(own_program.environment["DATABASE_URL"])


@pytest.fixture
def log_file(request) -> Path:
    """Where a server of the test writes; kept, for whoever looks into a failure."""
    logs = Path(os.environ["SOUK_END2END_DIR"]) / "logs"
    logs.mkdir(exist_ok=True)
    return logs / f"{request.node.name}.log"
