"""Plain statements over psycopg, and their refusals as those of a door."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager

import psycopg

from tests.doors.values import Paging, Refused
from tests.support import Row, Session


@contextmanager
def refusals() -> Generator[None]:
    """Refusals of the database as those of a door."""
    try:
        yield
    except psycopg.Error as error:
        code = error.sqlstate or ""
        if not code.startswith("WF"):
            raise
        detail = json.loads(error.diag.message_detail or "{}")
        raise Refused(int(code[2:]), detail.get("retry_after"), str(error)) from error


class Statements:
    """Calls of functions in a session."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def rows(self, function: str, **arguments: object) -> list[Row]:
        """The rows of a function of workflow_pg; argument x goes to p_x."""
        with refusals():
            return self._db.call(function, **arguments)

    def row(self, function: str, **arguments: object) -> Row:
        """The one row of a function."""
        (row,) = self.rows(function, **arguments)
        return row

    def listed(self, function: str, run_id: str, paging: Paging) -> list[Row]:
        """The rows of a list of a run."""
        return self.rows(
            function,
            run_id=run_id,
            limit=paging.limit,
            cursor=paging.cursor,
            descending=not paging.ascending,
        )
