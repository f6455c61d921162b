"""Encryption keys and where they come from: a file, the environment, a function.

A key is 32 bytes with an id. Runs are encrypted with keys of their own, each derived
from one of these; a run remembers the id. One key is current: new runs get it. The
others stay as long as there are runs to be read that were started with them.
"""

from __future__ import annotations

import logging
import os
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from workflow_pg.errors import BadKeys

__all__ = [
    "VARIABLE",
    "Key",
    "KeyFile",
    "KeyProvider",
    "KeyRing",
    "keys_of_environment",
]

log = logging.getLogger("workflow_pg")

VARIABLE = "WORKFLOW_PG_KEYS"
KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RULE = "write ID:SECRET, with 32 bytes of base64 for the secret"


@dataclass(frozen=True, slots=True)
class Key:
    """A key with its id.

    Args:
        key_id: 1 to 64 letters, digits, dots, hyphens and underscores; not secret.
        secret: 32 random bytes.

    Raises:
        BadKeys: One of them is something else; the secret is not repeated.
    """

    key_id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _KEY_ID.fullmatch(self.key_id):
            # Not repeated: somebody may have written the secret in its place.
            raise BadKeys(
                "the id of a key is 1 to 64 letters, digits, dots, hyphens and"
                " underscores"
            )
        if len(self.secret) != KEY_BYTES:
            raise BadKeys(
                f"key {self.key_id} has {len(self.secret)} bytes: {KEY_BYTES} are"
                " needed"
            )


KeyProvider: TypeAlias = Callable[[str | None], "Key | Awaitable[Key | None] | None"]
"""Called with the id of a key, or with None for the current one, in the context of the
call that needs it; may be async. None means that there is no such key, or that new runs
are not encrypted."""


class KeyRing:
    """Keys in the memory of the process.

    Args:
        keys: The first is current.

    Raises:
        BadKeys: There is none, or two have one id.
    """

    def __init__(self, *keys: Key) -> None:
        self._keys = {key.key_id: key for key in keys}
        if not keys:
            raise BadKeys(f"there is no key: {_RULE}")
        if len(self._keys) < len(keys):
            ids = [key.key_id for key in keys]
            twice = next(one for one in ids if ids.count(one) > 1)
            raise BadKeys(f"two keys have the id {twice}: each needs its own")
        self._current = keys[0]

    def __call__(self, key_id: str | None) -> Key | None:
        """The key of this id, or the current one."""
        return self._current if key_id is None else self._keys.get(key_id)


class KeyFile:
    """Keys of a file, one per line as ``ID:SECRET``; the first line is current.

    Empty lines and lines that begin with ``#`` are left out. The file is read when a
    key is first needed, and again after it has changed; when that cannot be read, the
    keys of before stay and the log says so.

    Args:
        path: Where it is.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._ring: KeyRing | None = None
        self._state: tuple[int, ...] = ()

    def read(self) -> KeyRing:
        """What is in the file now.

        Raises:
            BadKeys: It cannot be read, or a line is malformed; no secret is repeated.
        """
        where = f"the key file {self.path}"
        try:
            status = self.path.stat()
            state = (status.st_mtime_ns, status.st_size, status.st_ino)
            if self._ring is None or self._state != state:
                self._ring = _parsed(self.path.read_text("utf-8").splitlines(), where)
                self._state = state
        except (OSError, UnicodeDecodeError) as error:
            words = error.strerror if isinstance(error, OSError) else "it is no text"
            raise BadKeys(f"{where} cannot be read: {words}") from error
        return self._ring

    def __call__(self, key_id: str | None) -> Key | None:
        """The key of this id, or the current one."""
        try:
            ring = self.read()
        except BadKeys as error:
            if self._ring is None:
                raise
            log.warning("%s; the keys of before stay", error)
            ring = self._ring
        return ring(key_id)


def keys_of_environment() -> KeyRing | None:
    """The keys of ``WORKFLOW_PG_KEYS``: as in a file, with commas or lines between.

    Returns:
        None when the variable is not set or empty.

    Raises:
        BadKeys: It is malformed.
    """
    text = os.environ.get(VARIABLE, "").strip()
    return _parsed(re.split("[,\n]", text), VARIABLE) if text else None


def _parsed(lines: list[str], where: str) -> KeyRing:
    try:
        return KeyRing(
            *(
                _key(line.strip(), number)
                for number, line in enumerate(lines, start=1)
                if line.strip() and not line.strip().startswith("#")
            )
        )
    except BadKeys as error:
        raise BadKeys(f"{where} is malformed: {error}") from None


def _key(text: str, number: int) -> Key:
    key_id, _, secret = text.partition(":")
    if not secret:
        raise BadKeys(f"entry {number} is no key: {_RULE}")
    try:
        # As any tool writes it: for URLs or not.
        plain = secret.strip().translate(str.maketrans("-_", "+/"))
        return Key(key_id.strip(), b64decode(plain, validate=True))
    except BadKeys as error:
        raise BadKeys(f"entry {number}: {error}") from None
    except ValueError:
        raise BadKeys(f"entry {number} is no key: {_RULE}") from None
