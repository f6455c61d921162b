"""Values on the command line: read by argparse, or refused in one sentence."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Callable

__all__ = ["pair", "run_id", "seconds", "utf8_text", "whole_number"]

_RUN_ID = re.compile("wrun_[0-7][0-9A-HJKMNP-TV-Z]{25}")
_QUOTED = 100
"""Characters of a wrong value that are repeated."""


def _quoted(given: str) -> str:
    """What was given, as far as it is not long."""
    return repr(given if len(given) <= _QUOTED else f"{given[: _QUOTED - 1]}…")


def utf8_text(given: str) -> str:
    """Read a text that is not empty and that the database can store."""
    try:
        given.encode()
    except UnicodeEncodeError:
        raise ArgumentTypeError(f"{_quoted(given)} is not UTF-8") from None
    if not given:
        raise ArgumentTypeError("an empty text is no value")
    return given


def pair(given: str) -> tuple[str, str]:
    """Read a key and a value, which may be empty, with the first = between them."""
    key, sign, value = utf8_text(given).partition("=")
    if not (key and sign):
        raise ArgumentTypeError(f"{_quoted(given)} is no pair: write KEY=VALUE")
    return key, value


def run_id(given: str) -> str:
    """Read the id of a run."""
    if not _RUN_ID.fullmatch(given):
        raise ArgumentTypeError(
            f"{_quoted(given)} is no run id: write 'wrun_' and 26 characters, as"
            " `workflow-pg runs list` prints them"
        )
    return given


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """Make a reader of whole numbers in a range."""

    def read(given: str) -> int:
        digits = given.removeprefix("-")
        is_number = digits.isdecimal() and len(digits) < 10
        if is_number and lowest <= int(given) <= highest:
            return int(given)
        raise ArgumentTypeError(
            f"{_quoted(given)} is no whole number from {lowest} to {highest}"
        )

    return read


def seconds(longest: int) -> Callable[[str], float]:
    """Make a reader of spans of time."""

    def read(given: str) -> float:
        try:
            number = float(given)
        except ValueError:
            number = -1.0
        if 0 <= number <= longest:
            return number
        raise ArgumentTypeError(f"{_quoted(given)} is not 0 to {longest} seconds")

    return read
