"""Looks at CBOR before it is decoded: is it one plain value within the limits?

Decoders of CBOR build what the bytes ask for: cyclic lists, compiled patterns, a
gigabyte out of kilobytes of references. This walks the bytes, builds nothing, and lets
through what ``workflow_pg.codec`` promises and no more.
"""

from __future__ import annotations

from workflow_pg.errors import CodecError

__all__ = ["DEPTH", "EXPONENT", "ITEMS", "NUMBER_BYTES", "scan"]

DEPTH = 64
"""Lists and dicts inside each other, at most."""

ITEMS = 1_000_000
"""Values in one payload, at most: those in lists and dicts, and the keys, count."""

NUMBER_BYTES = 64
"""Bytes of an integer, at most."""

EXPONENT = 10_000
"""Exponent of a decimal, at most; and not less than minus as much."""

_UINT, _NINT, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_DATE, _EPOCH, _NATURAL, _NEGATIVE, _DECIMAL, _UUID = 0, 1, 2, 3, 4, 37
_UNDER = {_DATE: "a date in text", _EPOCH: "a number", _UUID: "16 bytes"}
_FLOATS = {25, 26, 27}
_CONSTANTS = {20, 21, 22}
_DATE_BYTES = 40


def scan(data: bytes) -> None:
    """Walk one payload.

    Raises:
        CodecError: It is not one plain value within the limits; says at which byte.
    """
    _Scanner(data).scan()


class _Scanner:
    """Walks one payload without building anything from it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._items = 0

    def scan(self) -> None:
        """Raise at the first byte that is wrong."""
        # For each open list or dict: what is to come in it, and the keys it has had.
        open_: list[tuple[int, set[object] | None]] = [(1, None)]
        while open_:
            left, keys = open_.pop()
            if not left:
                continue
            open_.append((left - 1, keys))
            if keys is not None and left % 2 == 0:
                self._key(keys)
                continue
            major, argument = self._head()
            if major in (_ARRAY, _MAP):
                count = argument * (2 if major == _MAP else 1)
                self._expect(count)
                if len(open_) > DEPTH:
                    raise self._wrong(f"is nested more than {DEPTH} deep")
                open_.append((count, set() if major == _MAP else None))
            else:
                self._scalar(major, argument)
        if self._at != len(self._data):
            raise self._wrong("is behind the value: one value is one payload")

    def _head(self) -> tuple[int, int]:
        """The next item's major type and its argument: a length, a number, a tag."""
        self._items += 1
        if self._items > ITEMS:
            raise self._wrong(f"begins more than {ITEMS} values")
        self._expect(1)
        first = self._data[self._at]
        self._at += 1
        major, info = first >> 5, first & 31
        if major == _SIMPLE:
            if info in _FLOATS:
                self._skip(1 << (info - 24))
            elif info not in _CONSTANTS:
                raise self._wrong("follows a simple value that is not allowed")
            return major, info
        if info < 24:
            return major, info
        if info > 27:
            words = "an indefinite length" if info == 31 else "a reserved length"
            raise self._wrong(f"follows {words}")
        size = 1 << (info - 24)
        start = self._at
        self._skip(size)
        return major, int.from_bytes(self._data[start : self._at], "big")

    def _scalar(self, major: int, argument: int) -> None:
        if major == _TEXT:
            self._text(argument)
        elif major == _BYTES:
            self._skip(argument)
        elif major == _TAG:
            self._tagged(argument)

    def _key(self, keys: set[object]) -> None:
        major, argument = self._head()
        start = self._at
        if major in (_UINT, _NINT):
            key: object = argument if major == _UINT else ~argument
        elif major == _TEXT:
            key = self._text(argument)
        elif major == _BYTES:
            self._skip(argument)
            key = self._data[start : self._at]
        else:
            raise self._wrong("follows a key that is no text, bytes or integer")
        if key in keys:
            raise self._wrong(f"follows the key {key!r:.40} for the second time")
        keys.add(key)

    def _tagged(self, tag: int) -> None:
        if tag not in (_DATE, _EPOCH, _NATURAL, _NEGATIVE, _DECIMAL, _UUID):
            raise self._wrong(f"follows tag {tag}, which is not allowed")
        major, argument = self._head()
        if tag in (_NATURAL, _NEGATIVE):
            self._big(major, argument)
        elif tag == _DECIMAL:
            self._fraction(major, argument)
        elif not (
            (tag == _DATE and major == _TEXT and argument <= _DATE_BYTES)
            or (tag == _UUID and major == _BYTES and argument == 16)
            or (tag == _EPOCH and major in (_UINT, _NINT))
            or (tag == _EPOCH and major == _SIMPLE and argument in _FLOATS)
        ):
            raise self._wrong(f"is under tag {tag}, which is for {_UNDER[tag]}")
        else:
            self._scalar(major, argument)

    def _big(self, major: int, argument: int) -> None:
        if major != _BYTES or argument > NUMBER_BYTES:
            raise self._wrong(
                f"begins no integer of at most {NUMBER_BYTES} bytes under its tag"
            )
        self._skip(argument)

    def _fraction(self, major: int, argument: int) -> None:
        if major != _ARRAY or argument != 2:
            raise self._wrong("begins no pair of exponent and digits under tag 4")
        kind, exponent = self._head()
        if kind not in (_UINT, _NINT) or exponent > EXPONENT:
            raise self._wrong(f"follows no exponent of at most {EXPONENT}")
        kind, digits = self._head()
        if kind == _TAG and digits in (_NATURAL, _NEGATIVE):
            self._big(*self._head())
        elif kind not in (_UINT, _NINT):
            raise self._wrong("follows digits that are no integer")

    def _text(self, length: int) -> str:
        start = self._at
        self._skip(length)
        try:
            return self._data[start : self._at].decode()
        except UnicodeDecodeError:
            raise self._wrong("ends a text that is not UTF-8") from None

    def _skip(self, length: int) -> None:
        self._expect(length)
        self._at += length

    def _expect(self, length: int) -> None:
        if length > len(self._data) - self._at:
            raise self._wrong("is too near the end: something is missing")

    def _wrong(self, words: str) -> CodecError:
        return CodecError(f"the payload is refused: byte {self._at} {words}")
