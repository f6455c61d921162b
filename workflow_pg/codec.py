"""Payloads as CBOR, for people who use ``workflow_pg.World`` without an SDK.

    await world.runs.create("fulfil", codec.encode({"order": "A17"}), codec=Codec.CBOR)
    codec.decode((await world.runs.get(run_id)).input)

What is decoded was written by somebody else. So a scanner of our own walks the bytes
before the decoder sees them, and lets through nothing but plain values: no cycles, no
references, no classes, no numbers that take a second to print. Encoding is canonical:
equal values of the same types make the same bytes, whatever the order of their keys.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias, cast
from uuid import UUID

import cbor2

from workflow_pg.errors import CodecError
from workflow_pg.scanner import DEPTH, EXPONENT, NUMBER_BYTES, scan

__all__ = ["BYTES", "Value", "decode", "encode"]

Value: TypeAlias = Any
"""None, bool, int, float, str, bytes, datetime with zone, Decimal, UUID, list, and dict
with keys that are str, bytes or int."""

BYTES = 16 * 1024 * 1024
"""The largest payload that the database takes."""

DIGITS = 154
"""Digits of a decimal, at most: so many always fit into 64 bytes."""

# The scanner lets none of them through. This is for the day when it has a hole.
_KNOWN = {5, 25, 28, 29, 30, 35, 36, 52, 54, 100, 256, 258, 260, 261, 1004}
_NEVER = _KNOWN | {43000, 55799}


def encode(value: Value, *, limit: int = BYTES) -> bytes:
    """Write a value as canonical CBOR.

    Tuples become lists, and subclasses become what they extend: a member of a
    ``StrEnum`` is read back as text. Times are written in UTC.

    Args:
        value: A ``Value``; at most 64 deep, with integers of at most 64 bytes, and
            with decimals that are finite and have exponents of at most 10,000.
        limit: Bytes, at most.

    Raises:
        CodecError: There is no form for it, and where in the value that is.
    """
    try:
        data = cbor2.dumps(_plain(value, "the value", 0), canonical=True)
    except (cbor2.CBOREncodeError, OverflowError, ValueError) as error:
        if isinstance(error, CodecError):
            raise
        raise CodecError(f"the value cannot be encoded: {error}") from error
    if len(data) > limit:
        raise CodecError(f"the value has {len(data)} bytes: at most {limit} may be")
    scan(data)
    return data


def decode(data: bytes, *, limit: int = BYTES) -> Value:
    """Read a value that anybody may have written.

    Args:
        data: One value, with nothing after it.
        limit: Bytes, at most.

    Returns:
        A ``Value``. It is a tree: nothing in it is there twice.

    Raises:
        CodecError: The bytes are no CBOR, or none that is let through: too large, too
            deep, of indefinite length, with a key twice, with a tag other than 0 to 4
            and 37, or with something behind the value. It says at which byte.
    """
    if len(data) > limit:
        raise CodecError(f"the payload has {len(data)} bytes: at most {limit} may be")
    scan(data)
    try:
        # One decoder for one payload: one that is used again remembers the last.
        return cbor2.loads(
            data,
            max_depth=DEPTH + 2,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            semantic_decoders=dict.fromkeys(_NEVER, _refuse),
            tag_hook=_refuse,
        )
    except (cbor2.CBORError, ArithmeticError, OSError, ValueError) as error:
        raise CodecError(f"the payload cannot be decoded: {error}") from error


def _refuse(*_: object) -> Any:
    raise CodecError("a tag that is never read came through")


def _plain(value: Any, where: str, depth: int) -> Any:
    """A copy of a value in the decoder's own types."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return _number(int(value), where)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(cast("bytes", value))
    if isinstance(value, UUID):
        return UUID(int=value.int)
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise CodecError(f"{where} is a time without a zone")
        return value.astimezone(UTC)
    if isinstance(value, Decimal):
        return _decimal(value, where)
    if isinstance(value, list | tuple | dict):
        return _container(cast("Any", value), where, depth + 1)
    raise CodecError(f"{where} is a {type(value).__name__}, which has no form in CBOR")


def _container(value: Any, where: str, depth: int) -> Any:
    if depth > DEPTH:
        raise CodecError(
            f"the value is nested more than {DEPTH} deep, or contains itself"
        )
    if not isinstance(value, dict):
        return [
            _plain(item, f"{where}[{place}]", depth) for place, item in enumerate(value)
        ]
    made: dict[Any, Any] = {}
    for key, item in cast("dict[Any, Any]", value).items():
        if isinstance(key, bool) or not isinstance(key, str | bytes | int):
            raise CodecError(
                f"{where} has a key of type {type(key).__name__}: str, bytes and int"
                " are allowed"
            )
        if isinstance(key, int) and not -(2**64) <= key < 2**64:
            raise CodecError(f"{where} has an integer key of more than 8 bytes")
        made[_plain(key, f"a key of {where}", depth)] = _plain(
            item, f"{where}[{key!r:.40}]", depth
        )
    return made


def _number(value: int, where: str) -> int:
    size = value if value >= 0 else ~value
    if size.bit_length() > 8 * NUMBER_BYTES:
        raise CodecError(
            f"{where} is an integer of more than {NUMBER_BYTES} bytes: write it as text"
        )
    return value


def _decimal(value: Decimal, where: str) -> Decimal:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or abs(exponent) > EXPONENT:
        raise CodecError(
            f"{where} is the decimal {value:.3E}: it has to be finite, its exponent at"
            f" most {EXPONENT}"
        )
    if len(digits) > DIGITS:
        raise CodecError(
            f"{where} is a decimal of {len(digits)} digits: at most {DIGITS} may be"
        )
    return Decimal(value)
