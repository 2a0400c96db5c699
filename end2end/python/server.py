"""The program under test, run as its users run it: one process that serves, and commands beside it."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import httpx
import psycopg

PASSWORD = "a long and boring password"
START_WITHIN = 60  # seconds; a debug build under load
STOP_WITHIN = 30


@dataclass(frozen=True)
class Program:
    """The binary with the environment it runs in."""

    binary: str
    environment: dict[str, str]

    def run(self, *arguments: str, stdin: str = "", check: bool = True) -> subprocess.CompletedProcess:
        """One command to its end."""
        done = subprocess.run(
            [self.binary, *arguments], input=stdin, env=self.environment, capture_output=True, text=True, timeout=START_WITHIN
        )
        assert not check or done.returncode == 0, f"souk {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done

    def with_environment(self, **changes: str) -> "Program":
        return Program(self.binary, self.environment | changes)

    def account(self, credits: Decimal | str = "0", *, limit: Decimal | None = None) -> "Account":
        """A new account with so many dollars and one key."""
        email = f"{uuid.uuid4().hex}@example.test"
        self.run("account", "create", "--email", email, "--password-stdin", stdin=PASSWORD + "\n")
        if Decimal(credits) > 0:
            self.run("credit", "grant", "--email", email, "--usd", f"{Decimal(credits):f}", "--reason", "a test")
        return Account(email, self.key(email, limit=limit))

    def key(self, email: str, *, limit: Decimal | None = None) -> str:
        limited = [] if limit is None else ["--limit-usd", f"{limit:f}"]
        shown = self.run("key", "create", "--email", email, "--name", "tests", *limited).stdout
        keys = [word for word in shown.split() if word.startswith("sk-souk-v1-")]
        assert len(keys) == 1, f"one key is printed once: {shown!r}"
        return keys[0]

    def check_ledger(self) -> None:
        """Fails with the program's own words where an invariant of the ledger does not hold."""
        done = self.run("ledger", "check", check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@dataclass(frozen=True)
class Account:
    email: str
    key: str


@dataclass
class Server:
    """A running `souk serve`."""

    url: str
    process: subprocess.Popen
    log: Path

    @property
    def api(self) -> str:
        return f"{self.url}/api/v1"

    def kill(self) -> None:
        """As a power cut does: no chance to finish anything."""
        self.process.kill()
        self.process.wait(STOP_WITHIN)

    def interrupt(self) -> int:
        """As Ctrl-C does. The exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_WITHIN)


@contextmanager
def serving(program: Program, log: Path):
    """A server of its own on a free port, stopped at the end if it is still there."""
    port = free_port()
    program = program.with_environment(SOUK_ADDR=f"127.0.0.1:{port}")
    with log.open("a") as out:
        process = subprocess.Popen(
            [program.binary, "serve"],
            env=program.environment,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_the_tests,
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        until(lambda: is_ready(server), "the server is ready", START_WITHIN)
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def die_with_the_tests() -> None:
    """In the new process: asks the kernel to end it when the tests are gone, however they went."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def is_ready(server: Server) -> bool:
    assert server.process.poll() is None, f"the server went:\n{server.log.read_text()[-3000:]}"
    try:
        return httpx.get(f"{server.url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def database(admin_url: str):
    """An empty database beside that of the URL, dropped at the end. Its URL."""
    name = f"souk_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(f"create database {name}")
        try:
            yield with_database(admin_url, name)
        finally:
            admin.execute(f"drop database if exists {name} with (force)")


def with_database(url: str, name: str) -> str:
    rest, _, query = url.partition("?")
    scheme, _, place = rest.partition("://")
    host = place.partition("/")[0]
    return f"{scheme}://{host}/{name}" + (f"?{query}" if query else "")


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, what: str, within: float = 15):
    """Asks again and again until the condition is truthy, and returns what it was."""
    deadline = time.monotonic() + within
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {within} s in vain until {what}"
        time.sleep(0.02)


def program_from_environment() -> Program:
    """What `end2end/run` hands over."""
    return Program(os.environ["SOUK_BIN"], dict(os.environ))
