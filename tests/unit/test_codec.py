"""CBOR that anybody may have written: what comes back, and what is never decoded."""

from __future__ import annotations

import contextlib
import math
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_pg import codec
from workflow_pg.errors import CodecError
from workflow_pg.scanner import DEPTH, ITEMS, scan

texts = st.text(st.characters(exclude_categories=["Cs"]))
keys = texts | st.binary() | st.integers(-(2**64), 2**64 - 1)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**512), 2**512 - 1)
    | st.floats(allow_nan=False)
    | texts
    | st.binary()
    | st.uuids()
    | st.datetimes(
        # A zone may move the first and the last day out of the calendar.
        min_value=datetime(1, 1, 2),  # noqa: DTZ001
        max_value=datetime(9999, 12, 30),  # noqa: DTZ001
        timezones=st.just(UTC) | st.just(timezone(timedelta(hours=5, minutes=30))),
    )
    | st.decimals(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5)
    ),
    max_leaves=25,
)


@given(values)
def test_a_value_comes_back(value: Any) -> None:
    back = codec.decode(codec.encode(value))
    assert back == value
    assert type(back) is type(value)


@given(st.dictionaries(keys, scalars, max_size=8), st.randoms())
def test_equal_values_have_equal_bytes(value: dict[Any, Any], random: Any) -> None:
    shuffled = list(value.items())
    random.shuffle(shuffled)
    assert codec.encode(dict(shuffled)) == codec.encode(value)
    assert codec.encode(codec.decode(codec.encode(value))) == codec.encode(value)


def test_one_moment_has_one_form() -> None:
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    there = noon.astimezone(timezone(timedelta(hours=-8)))
    assert codec.encode(there) == codec.encode(noon)


def test_nan_comes_back() -> None:
    assert math.isnan(codec.decode(codec.encode(math.nan)))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_refused(data: bytes) -> None:
    try:
        value = codec.decode(data)
    except CodecError:
        return
    # What is let in can be let out: no form is read that is not written.
    codec.encode(value)


@given(values, st.data())
def test_a_value_with_a_wrong_byte_is_a_value_or_refused(
    value: Any, data: st.DataObject
) -> None:
    spoilt = bytearray(codec.encode(value))
    spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(CodecError):
        codec.decode(bytes(spoilt))


REFUSED = {
    "nothing": ("", "something is missing"),
    "two values": ("0102", "byte 1 is behind the value"),
    "a cut text": ("6361", "something is missing"),
    "a length of a terabyte": ("5b0000010000000000", "something is missing"),
    "an array of a terabyte": ("9b0000010000000000", "something is missing"),
    "an array of indefinite length": ("9f01ff", "indefinite length"),
    "a map of indefinite length": ("bf616101ff", "indefinite length"),
    "a text of indefinite length": ("7f6161ff", "indefinite length"),
    "bytes of indefinite length": ("5f4161ff", "indefinite length"),
    "a break": ("ff", "simple value"),
    "a reserved length": ("1c", "reserved length"),
    "undefined": ("f7", "simple value"),
    "a simple value": ("f820", "simple value"),
    "a text that is not UTF-8": ("61ff", "not UTF-8"),
    "a lone surrogate": ("63eda080", "not UTF-8"),
    "a key twice": ("a2616101616102", "'a' for the second time"),
    "a key twice, written differently": ("a2010118010b", "1 for the second time"),
    "a key in a key": ("a18101f6", "no text, bytes or integer"),
    "a key that is a number under a tag": ("a1c24101f6", "no text, bytes or integer"),
    "a truth for a key": ("a1f5f6", "no text, bytes or integer"),
    "a cyclic list": ("d81c81d81d00", "tag 28"),
    "a reference": ("d81d00", "tag 29"),
    "a text to be referred to": ("d9010081d81900", "tag 256"),
    "a reference to a text": ("d81900", "tag 25"),
    "a pattern": ("d8236161", "tag 35"),
    "a mail": ("d8246161", "tag 36"),
    "a fraction": ("d81e820102", "tag 30"),
    "a fraction by nothing": ("d81e820100", "tag 30"),
    "a float of any size": ("c5821b7fffffffffffffff01", "tag 5"),
    "a set": ("d9010281f6", "tag 258"),
    "an address": ("d9010444c0a80001", "tag 260"),
    "a network": ("d83444c0a80001", "tag 52"),
    "a date without a time": ("d9 03ec 6a323032362d31312d3236", "tag 1004"),
    "CBOR that says that it is CBOR": ("d9d9f701", "tag 55799"),
    "a tag that nobody knows": ("d9d9f501", "tag 55797"),
    "a tag under a tag": ("c1c24101", "under tag 1"),
    "a time that is a list": ("c080", "under tag 0"),
    "a time that is none": ("c06132", "cannot be decoded"),
    "a time without a zone": (
        f"c073{b'2026-11-26T12:00:00'.hex()}",
        "cannot be decoded",
    ),
    "a time beyond the calendar": ("c11bffffffffffffffff", "cannot be decoded"),
    "a time that is infinite": ("c1f97c00", "cannot be decoded"),
    "an id of 17 bytes": ("d82551" + "00" * 17, "under tag 37"),
    "a number of 65 bytes": ("c25841" + "01" * 65, "64 bytes"),
    "a negative number of 65 bytes": ("c35841" + "01" * 65, "64 bytes"),
    "a number in text": ("c26161", "64 bytes"),
    "a decimal with a billion zeros": ("c4821a3b9aca0001", "exponent of at most 10000"),
    "a decimal with a billion places": ("c4823a3b9aca0001", "exponent"),
    "a decimal of three": ("c483010203", "pair of exponent and digits"),
    "a decimal of texts": ("c482016161", "no integer"),
    "a decimal of 65 bytes": ("c48201c25841" + "01" * 65, "64 bytes"),
}


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused(data: str, words: str) -> None:
    with pytest.raises(CodecError) as caught:
        codec.decode(bytes.fromhex(data))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [b"\x81", b"\xa1\x00"], ids=["lists", "maps"])
def test_a_value_is_64_deep_at_most(kind: bytes) -> None:
    assert codec.decode(kind * DEPTH + b"\x01")
    assert codec.encode(codec.decode(kind * DEPTH + b"\x01"))
    with pytest.raises(CodecError, match="64 deep"):
        codec.decode(kind * (DEPTH + 1) + b"\x01")
    with pytest.raises(CodecError, match="64 deep"):
        codec.decode(kind * 1_000_000 + b"\x01")


def test_tags_do_not_count_as_depth() -> None:
    value: Any = [Decimal("1.5"), datetime.now(UTC), 2**100, UUID(int=1)]
    for _ in range(DEPTH - 1):
        value = [value]
    assert codec.decode(codec.encode(value)) == value


def test_a_value_has_a_million_items_at_most() -> None:
    count = ITEMS - 1
    scan(b"\x9a" + count.to_bytes(4, "big") + b"\x01" * count)
    with pytest.raises(CodecError, match="more than 1000000 values"):
        scan(b"\x9a" + (count + 1).to_bytes(4, "big") + b"\x01" * (count + 1))


def test_a_bomb_of_references_costs_nothing() -> None:
    references = cbor2.dumps(["x" * 100_000] * 3000, string_referencing=True)
    nested = cbor2.dumps([["x" * 1000] * 1000] * 3, value_sharing=True)
    tracemalloc.start()
    for bomb in (references, nested):
        with pytest.raises(CodecError, match="tag"):
            codec.decode(bomb)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


def test_it_is_as_large_as_the_database_takes_at_most() -> None:
    with pytest.raises(CodecError, match="at most 16777216"):
        codec.decode(b"\x5a\x01\x00\x00\x00" + bytes(codec.BYTES))
    with pytest.raises(CodecError, match="at most 16777216"):
        codec.encode(bytes(codec.BYTES))
    assert codec.decode(codec.encode(bytes(codec.BYTES - 5)))
    with pytest.raises(CodecError, match="at most 3"):
        codec.decode(b"\x63abc", limit=3)


class Colour(StrEnum):
    """Text with a name."""

    RED = "red"


def test_subclasses_are_written_as_what_they_extend() -> None:
    back = codec.decode(codec.encode({Colour.RED: (Colour.RED, bytearray(b"x"))}))
    assert back == {"red": ["red", b"x"]}
    assert type(back["red"][0]) is str


def cyclic() -> list[Any]:
    """A list that contains itself."""
    made: list[Any] = []
    made.append(made)
    return made


FORMLESS = {
    "a list that contains itself": (cyclic(), "contains itself"),
    "an exception": ([ValueError("x")], r"value\[0\] is a ValueError"),
    "a set": ({"a": {1}}, r"value\['a'\] is a set"),
    "a class": (object, "is a type"),
    "a time without a zone": (datetime(2026, 1, 1), "without a zone"),  # noqa: DTZ001
    "a time before the calendar": (
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
        "cannot be encoded",
    ),
    "a large number": (2**512, "more than 64 bytes"),
    "a large negative number": (-(2**512) - 1, "more than 64 bytes"),
    "a large key": ({2**64: 1}, "integer key of more than 8 bytes"),
    "a key that is a truth": ({True: 1}, "key of type bool"),
    "a key that is a float": ({1.5: 1}, "key of type float"),
    "a key that is nothing": ({None: 1}, "key of type NoneType"),
    "a decimal that is no number": (Decimal("NaN"), "finite"),
    "a decimal with a billion zeros": (Decimal("1e1000000"), "exponent"),
    "a decimal of many digits": (Decimal("1" * 155), "155 digits"),
    "a lone surrogate": ("\ud800", "cannot be encoded"),
}


@pytest.mark.parametrize(("value", "words"), FORMLESS.values(), ids=FORMLESS)
def test_it_has_no_form(value: Any, words: str) -> None:
    with pytest.raises(CodecError, match=words):
        codec.encode(value)


def test_a_decoder_remembers_nothing() -> None:
    codec.decode(codec.encode(["secret", {"k": "secret"}]))
    with pytest.raises(CodecError):
        codec.decode(bytes.fromhex("d81d00"))
