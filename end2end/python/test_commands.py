"""The commands beside the server, and what they say when something is in the way."""

import hashlib
import socket

import psycopg
import pytest

from server import PASSWORD
from wire import Wire, ask


def refusal(program, *arguments: str, stdin: str = "") -> str:
    """What a command says that must fail: something short, without the inside of the program."""
    done = program.run(*arguments, stdin=stdin, check=False)
    said = (done.stdout + done.stderr).strip()
    assert done.returncode not in (0, 101), said
    for inside in ["panicked", "RUST_BACKTRACE", "src/"]:
        assert inside not in said, said
    return said


def test_a_busy_port_is_one_clear_sentence(program):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        said = refusal(program.with_environment(SOUK_ADDR=address), "serve")
    assert address in said


def test_a_database_that_is_not_there_is_one_clear_sentence(program):
    said = refusal(program.with_environment(DATABASE_URL="postgres://nobody@127.0.0.1:1/none", SOUK_ADDR="127.0.0.1:0"), "serve")
    assert "database" in said.lower()


def test_a_database_of_a_newer_version_is_left_alone(own_program, own_books):
    own_program.account()
    own_books.change(
        """insert into _sqlx_migrations (version, description, success, checksum, execution_time)
           values (99990101000000, 'of the future', true, '\\x00', 0)"""
    )
    said = refusal(own_program, "serve")
    assert "newer" in said, said


def test_a_misspelt_setting_is_named(program):
    said = refusal(program.with_environment(SOUK_ADDR="3000"), "serve")
    assert "SOUK_ADDR" in said
    said = refusal(program.with_environment(SOUK_CATALOG_DIR="/there/is/none"), "serve")
    assert "SOUK_CATALOG_DIR" in said


def test_the_ledger_check_finds_a_balance_that_was_tampered_with(own_program, own_books):
    account = own_program.account("3")
    own_program.check_ledger()
    own_books.change(
        """update customer_balance set available_nano = available_nano + 1, granted_nano = granted_nano + 1
           where account_id = (select id from account where email = %s)""",
        account.email,
    )
    done = own_program.run("ledger", "check", check=False)
    assert done.returncode == 1
    assert done.stdout + done.stderr


def test_the_ledger_refuses_to_be_changed(own_program, own_books):
    own_program.account("3")
    for statement in ["update ledger_entry set amount_nano = 1", "delete from ledger_transaction", "truncate ledger_entry"]:
        with pytest.raises(psycopg.errors.RestrictViolation):
            own_books.change(statement)


def test_commands_refuse_what_makes_no_sense(own_program):
    account = own_program.account()
    create = ["account", "create", "--password-stdin", "--email"]
    assert refusal(own_program, *create, account.email.upper(), stdin=PASSWORD)
    assert refusal(own_program, *create, "no address", stdin=PASSWORD)
    assert refusal(own_program, *create, "short@example.test", stdin="short")
    grant = ["credit", "grant", "--reason", "a test", "--email", account.email, "--usd"]
    for amount in ["0", "-1", "much", "0.0000000001", "1e400"]:
        assert refusal(own_program, *grant, amount), amount
    assert refusal(own_program, "credit", "grant", "--reason", "x", "--email", "nobody@example.test", "--usd", "1")
    assert refusal(own_program, "key", "create", "--email", "nobody@example.test", "--name", "x")
    assert refusal(own_program, "conjure")


def test_a_key_is_kept_as_its_hash_alone(program, books):
    account = program.account()
    secret = account.key.removeprefix("sk-souk-v1-")
    assert len(secret) == 64
    (row,) = books.rows("select k.* from api_key k join account a on a.id = k.account_id where a.email = %s", account.email)
    assert row["id"] == hashlib.sha256(account.key.encode()).hexdigest()
    assert secret not in str(row)


def test_a_password_is_kept_as_an_argon2id_hash(program, books):
    account = program.account()
    (row,) = books.rows("select password_hash from account where email = %s", account.email)
    assert row["password_hash"].startswith("$argon2id$")


def test_what_a_command_changes_the_running_server_knows_at_once(program, api):
    account = program.account()
    wire = Wire(api, account.key)
    assert wire.chat(ask("Hi")).status_code == 402
    program.run("credit", "grant", "--email", account.email, "--usd", "1", "--reason", "a test")
    assert wire.chat(ask("Hi")).status_code == 200


def test_the_version_and_the_help_are_told(program):
    assert "souk" in program.run("--version").stdout
    shown = program.run("--help").stdout
    for command in ["serve", "account", "credit", "key", "ledger", "catalog", "simulate"]:
        assert command in shown
