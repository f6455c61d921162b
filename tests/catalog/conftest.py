"""One connection for all tests of the catalog: they only read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    # A plugin is loaded before it is imported, so that its assertions are explained.
    from tests.support import Session


@pytest.fixture(scope="session")
def conn(shared_session: Session) -> Iterator[psycopg.Connection]:
    """A connection to a migrated database, shared by all that only read."""
    with psycopg.connect(shared_session.dsn, autocommit=True) as connection:
        yield connection
