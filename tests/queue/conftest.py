"""Mends what a test has bared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.support import Session


@pytest.fixture
def mended(db: Session) -> Iterator[None]:
    """Wakes, after the test, the runs whose messages it has deleted."""
    yield
    db.call("maintain", grace=timedelta(0))
