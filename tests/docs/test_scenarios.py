"""docs/scenarios.md: every row has a test that exists, or says why there is none."""

from __future__ import annotations

import pytest

from tests.docs.blocks import ROOT
from tests.docs.shown import assert_exist, named, rows, words

LAST = 140
TESTED_AT_LEAST = 100

ROWS = rows(ROOT / "docs/scenarios.md", columns=3)


def test_the_numbers_are_complete() -> None:
    assert [int(number) for number, *_ in ROWS] == list(range(1, LAST + 1))


def test_a_hundred_rows_have_tests() -> None:
    assert sum(bool(named(shown)) for *_, shown in ROWS) >= TESTED_AT_LEAST


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_tests_that_exist_or_says_why_not(row: list[str]) -> None:
    *_, shown = row
    assert_exist(shown)
    # A row of tests has nothing beside them; another one has words.
    assert bool(words(shown)) != bool(named(shown))
