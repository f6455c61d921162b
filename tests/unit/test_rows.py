"""From row to dataclass: columns by name, enums as members, times in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest

from workflow_pg.models import RunStatus
from workflow_pg.rows import shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One field of each kind."""

    name: str
    status: RunStatus
    last: RunStatus | None
    at: datetime | None


SAMPLE = shape(Sample)


def test_columns_are_asked_for_by_name_in_field_order() -> None:
    assert SAMPLE.of("r") == "r.name, r.status, r.last, r.at"


def test_values_are_converted() -> None:
    at = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    read = SAMPLE.read(["n", b"running", b"failed", at])
    assert (read.status, read.last) == (RunStatus.RUNNING, RunStatus.FAILED)
    assert (read.at, read.at.tzinfo) == (at, UTC) if read.at else False


def test_null_stays_none() -> None:
    read = SAMPLE.read(["n", b"running", None, None])
    assert (read.last, read.at) == (None, None)


def test_a_label_of_a_newer_schema_is_an_error() -> None:
    with pytest.raises(ValueError, match="paused"):
        SAMPLE.read(["n", b"paused", None, None])


def test_a_row_of_another_width_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        SAMPLE.read(["n"])
