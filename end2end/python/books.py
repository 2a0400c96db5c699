"""What the database says was booked: read by SQL of its own, so that no code of the server can agree with itself."""

from dataclasses import dataclass

import psycopg
from psycopg.rows import dict_row


@dataclass(frozen=True)
class Balance:
    """Billionths of a dollar."""

    available: int
    held: int
    granted: int
    spent: int


class Books:
    def __init__(self, url: str):
        self.url = url

    def rows(self, query: str, *values) -> list[dict]:
        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            return connection.execute(query, values).fetchall()

    def change(self, statement: str, *values) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(statement, values)

    def balance(self, email: str) -> Balance:
        query = """select available_nano, held_nano, granted_nano, spent_nano
                   from customer_balance b join account a on a.id = b.account_id where a.email = %s"""
        (row,) = self.rows(query, email)
        return Balance(*row.values())

    def charged(self, generation: str) -> int:
        """By the ledger alone: what left the customer's two accounts for good."""
        query = """select coalesce(-sum(e.amount_nano), 0)::bigint as charged
                   from ledger_transaction t
                   join ledger_entry e on e.transaction_id = t.id
                   join ledger_account a on a.id = e.ledger_account_id
                   where t.generation_id = %s and a.kind in ('customer_credits', 'customer_held')"""
        return self.rows(query, generation)[0]["charged"]

    def record(self, generation: str) -> dict:
        (row,) = self.rows("select * from generation where id = %s", generation)
        return row

    def settlements(self, generation: str) -> int:
        """How many transactions ended it."""
        query = "select count(*) from ledger_transaction where generation_id = %s and kind in ('settle', 'release')"
        return self.rows(query, generation)[0]["count"]

    def generations(self, email: str) -> list[dict]:
        query = "select g.* from generation g join account a on a.id = g.account_id where a.email = %s order by g.created_at"
        return self.rows(query, email)

    def open_holds(self) -> int:
        return self.rows("select count(*) from generation_hold")[0]["count"]
