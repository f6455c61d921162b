"""Chunks of encrypted runs.

The SDK encrypts every payload of a run but the chunks of its streams. We do it at the
edge, in the SDK's own format: the payload of a frame, four bytes of length and bytes,
is replaced by its encryption with the key of the run. Readers get what was written.
"""

from __future__ import annotations

from workflow_pg.errors import KeyUnavailable
from workflow_pg.sdk import _compat as sdk

__all__ = ["is_closed", "is_open", "opened", "sealed"]

HEADER = 4


def is_open(chunk: bytes) -> bool:
    """Whether a chunk is a frame that anybody can read."""
    return _is_frame(chunk) and not sdk.is_encrypted(chunk[HEADER:])


def is_closed(chunk: bytes) -> bool:
    """Whether a chunk is a frame that needs the key of its run to be read."""
    return _is_frame(chunk) and sdk.is_encrypted(chunk[HEADER:])


def sealed(chunk: bytes, key: bytes) -> bytes:
    """A frame whose payload only the key opens."""
    return _frame(sdk.ENCRYPTED + sdk.encrypt_envelope(key, chunk[HEADER:]))


def opened(chunk: bytes, key: bytes) -> bytes:
    """The frame that was sealed with the key, or to its public half.

    Raises:
        KeyUnavailable: It was not, or somebody has changed it.
    """
    tag, payload = chunk[HEADER : 2 * HEADER], chunk[2 * HEADER :]
    try:
        if tag == sdk.ENCRYPTED:
            return _frame(sdk.open_envelope(key, payload))
        return _frame(sdk.open_sealed_envelope(key, payload))
    except sdk.DecryptionError as error:
        raise KeyUnavailable(f"a chunk cannot be opened: {error}") from error


def _is_frame(chunk: bytes) -> bool:
    return int.from_bytes(chunk[:HEADER], "big") == len(chunk) - HEADER


def _frame(payload: bytes) -> bytes:
    return len(payload).to_bytes(HEADER, "big") + payload
