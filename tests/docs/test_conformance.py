"""docs/conformance.md: every rule and every trap has tests, and they exist."""

from __future__ import annotations

import itertools
import re

import pytest

from tests.docs.blocks import ROOT
from tests.docs.shown import assert_exist, named, rows, words

PAGE = ROOT / "docs/conformance.md"
RULES = rows(PAGE, columns=4)
TRAPS = rows(PAGE, columns=3)
SINCE = {"PR621", "4.x", "v5", "ours"}
SECTIONS = range(9)


def test_the_numbers_of_the_rules_are_complete() -> None:
    numbers = [tuple(map(int, number.split("."))) for number, *_ in RULES]
    sections = itertools.groupby(numbers, key=lambda number: number[0])
    told = {section: [place for _, place in found] for section, found in sections}
    assert list(told) == list(SECTIONS)
    for section, places in told.items():
        assert places == list(range(1, len(places) + 1)), section


def test_the_numbers_of_the_traps_are_complete() -> None:
    assert [int(number) for number, *_ in TRAPS] == list(range(1, 46))


def test_every_row_is_read() -> None:
    told = re.findall(r"^\| [\d.]+ \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(told) == len(RULES) + len(TRAPS)


def test_a_rule_says_since_when_it_holds() -> None:
    assert {since for *_, since, _ in RULES} == SINCE


@pytest.mark.parametrize("row", [*RULES, *TRAPS], ids=lambda row: row[0])
def test_a_row_names_tests_that_exist_and_nothing_else(row: list[str]) -> None:
    *_, shown = row
    assert named(shown)
    assert not words(shown)
    assert_exist(shown)
