"""The catalog's overlay: checked before the start, and followed while the server runs."""

import shutil
from pathlib import Path

import httpx
import pytest

from server import serving, until
from wire import Wire, ask

OVERLAY = Path(__file__).parents[1] / "catalog"
OFFER = """
[[offers]]
model = "test/brief"
tag = "test-second/late"
upstream_id = "sim-echo"
prices = { prompt = "0.0000001", completion = "0.0000002" }
"""


@pytest.fixture
def overlay(tmp_path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(OVERLAY, tmp_path / "catalog"))


def test_the_overlay_of_these_tests_is_in_order(program):
    program.run("catalog", "check")


BROKEN = {
    "an unknown field": ('name = "Second"', 'name = "Second"\nfavourite_colour = "blue"', "favourite_colour"),
    "an unknown model": ('model = "test/refused"', 'model = "test/nobody-made-this"', "test/nobody-made-this"),
    "a bad price": ('prompt = "0.000001"', 'prompt = "cheap"', "cheap"),
    "a negative price": ('prompt = "0.000001"', 'prompt = "-0.000001"', "-0.000001"),
    "no TOML": ('slug = "test-second"', "slug = = =", "test-second.toml"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_overlay_stops_the_start_with_file_line_and_field(program, overlay, name):
    before, after, said = BROKEN[name]
    file = overlay / "providers/test-second.toml"
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after, 1))
    line = file.read_text()[: file.read_text().index(after)].count("\n") + 1
    broken = program.with_environment(SOUK_CATALOG_DIR=str(overlay), SOUK_ADDR="127.0.0.1:1")
    for command in [["catalog", "check"], ["serve"]]:
        done = broken.run(*command, check=False)
        told = done.stdout + done.stderr
        assert done.returncode not in (0, 101), told
        assert "providers/test-second.toml" in told
        assert said in told
        assert str(line) in told or str(line + 1) in told, f"line {line}: {told}"


def test_a_change_is_picked_up_without_a_restart_and_a_bad_one_keeps_the_old(own_program, overlay, log_file):
    own_program = own_program.with_environment(SOUK_CATALOG_DIR=str(overlay))
    account = own_program.account("1")
    file = overlay / "providers/test-second.toml"
    with serving(own_program, log_file) as server:

        def tags() -> list[str]:
            endpoints = httpx.get(f"{server.api}/models/test/brief/endpoints").json()["data"]["endpoints"]
            return sorted(endpoint["tag"] for endpoint in endpoints)

        assert tags() == ["test-first"]
        file.write_text(file.read_text() + OFFER)
        until(lambda: tags() == ["test-first", "test-second/late"], "the new offer is there")

        file.write_text(file.read_text() + "\nthis is no TOML")
        until(lambda: "the old catalog stays in force" in log_file.read_text(), "the server says that it cannot read it")
        assert tags() == ["test-first", "test-second/late"]
        answer = Wire(server.api, account.key).chat(ask("Hi", "test/brief"))
        assert answer.status_code == 200 and answer.json()["provider"] == "Second", answer.text

        shutil.copyfile(OVERLAY / "providers/test-second.toml", file)
        until(lambda: tags() == ["test-first"], "the offer is gone")
