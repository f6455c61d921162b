"""Opens rivals: other sessions with the database of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.concurrency.sessions import Rival, rival_of
from tests.support import Session, connect


@pytest.fixture
def rival(db: Session) -> Iterator[Callable[[], Rival]]:
    """Opens another session with the database of `db`, closed after the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(rival_of(db))


@pytest.fixture
def own(dsn: str) -> Iterator[Session]:
    """A session with a database of this test's own, whose functions it may change."""
    with connect(dsn) as session:
        yield session


@pytest.fixture
def rival_of_own(own: Session) -> Iterator[Callable[[], Rival]]:
    """Opens another session with the database of `own`, closed after the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(rival_of(own))
