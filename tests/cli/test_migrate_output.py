"""Tables, JSON and sentences: aligned, complete, and harmless to a terminal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from workflow_pg.cli.output import clean, table, write_error, write_json


def test_values_lose_what_a_terminal_would_obey() -> None:
    assert clean("a\x1b[31mb\x07c\u202ed\u2028e\x9bf") == "a[31mbcdef"
    assert clean("two\nlines\tand\ra tab") == "two lines anda tab"
    assert clean(None) == ""
    moment = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    assert clean(moment) == "2024-05-06 07:08:09.123+00:00"


def test_columns_are_as_wide_as_they_need_to_be() -> None:
    # The wide characters take two places each, the accent takes none.
    assert table(["name", "n"], [["注文", 1], ["e\u0301t", 22], ["order", None]]) == (
        "name   n\n"
        "注文   1\n"
        "e\u0301t     22\n"
        "order"
    )  # fmt: skip
    assert table(["a", "b"], []) == "a  b"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    name: str
    at: datetime
    payload: bytes
    took: timedelta


def test_json_has_dataclasses_times_and_bytes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    moment = datetime(2024, 5, 6, tzinfo=UTC)
    took = timedelta(seconds=1.5)
    write_json([_Row(name="\x1b注", at=moment, payload=b"\x00\xff", took=took)])
    out = capsys.readouterr().out
    assert out.isascii()
    assert "\x1b" not in out
    assert json.loads(out) == [
        {
            "name": "\x1b注",
            "at": "2024-05-06T00:00:00+00:00",
            "payload": "AP8=",
            "took": 1.5,
        }
    ]


def test_a_value_without_a_form_in_json_is_an_error() -> None:
    with pytest.raises(TypeError, match="object has no form in JSON"):
        write_json(object())


def test_sentences_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    write_error("no\x1b such\nrun")
    assert capsys.readouterr() == ("", "workflow-pg: no such run\n")
