"""Everything this package raises.

WorkflowPgError
├── Refusal                     the database refused the call; nothing was written
│   ├── MalformedCall           WF400  the call is wrong whatever the state
│   ├── NotFound                WF404  no such run, step, hook or wait
│   ├── Conflict                WF409  its status, or another caller, forbids it
│   │   └── HistoryCut          WF409  the database was restored or failed over
│   ├── RunFinal                WF410  the run is over, or its data was purged
│   ├── TooLarge                WF413  a payload or message is over its limit
│   ├── LimitExceeded           WF422  another limit is exceeded
│   ├── TooEarly                WF425  the step may not begin yet
│   └── SpecVersionUnsupported  WF426  the protocol version is not one of ours
├── SchemaUnusable              the schema is missing, half-migrated, older or newer
├── Unreachable                 no server, no such database, or it does not let us in
├── ConnectionUnusable          no calls can be made on a connection of yours
├── WorldClosed                 the World was used after its end
├── CodecError                  a value has no form in CBOR, or bytes are refused
├── BadKeys                     what should be encryption keys cannot be read
└── KeyUnavailable              a run's payloads cannot be opened or written here

Errors of the driver that are none of these pass as they are; ``is_transient`` says
which of them may go away by themselves.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import psycopg

__all__ = [
    "BY_SQLSTATE",
    "BadKeys",
    "CodecError",
    "Conflict",
    "ConnectionUnusable",
    "HistoryCut",
    "KeyUnavailable",
    "LimitExceeded",
    "MalformedCall",
    "NotFound",
    "Refusal",
    "RunFinal",
    "SchemaUnusable",
    "SpecVersionUnsupported",
    "TooEarly",
    "TooLarge",
    "Unreachable",
    "WorkflowPgError",
    "WorldClosed",
    "is_transient",
    "translated",
]


class WorkflowPgError(Exception):
    """What all errors of this package are."""


class SchemaUnusable(WorkflowPgError):
    """The schema in the database is not the one this package works with."""


class Unreachable(WorkflowPgError):
    """There is no connection to be had: one sentence, without the password.

    ``may_pass`` says whether the server is not there, or not yet, so that the same
    connection string may do later.
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


class ConnectionUnusable(WorkflowPgError):
    """A connection that was given to us is of another driver, or leads elsewhere."""


class WorldClosed(WorkflowPgError):
    """The World was used after its end."""


class CodecError(WorkflowPgError, ValueError):
    """A value has no form in CBOR, or bytes are none that may be decoded."""


class BadKeys(WorkflowPgError):
    """What should be encryption keys cannot be read; no key is repeated."""


class KeyUnavailable(WorkflowPgError):
    """The key of a run is not here, or not the one that the run was started with.

    Another process may have it, and this one after its keys were mended: nothing was
    written, and a worker gives the message back to be delivered again.
    """


class Refusal(WorkflowPgError):
    """The database refused the call. Nothing was written.

    ``str(error)`` is a sentence for people, ``detail`` a JSON object for programs,
    ``hint`` the next step, if there is one.
    """

    sqlstate: str = "WF000"

    def __init__(
        self,
        message: str,
        *,
        detail: dict[str, Any] | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.detail: dict[str, Any] = {} if detail is None else detail
        self.hint = hint


class MalformedCall(Refusal):
    """The call is wrong whatever the state; ``detail["argument"]`` says where."""

    sqlstate = "WF400"


class NotFound(Refusal):
    """There is no such entity: ``detail["entity"]``, ``detail["id"]``."""

    sqlstate = "WF404"


class Conflict(Refusal):
    """The state forbids it; ``detail["status"]`` is the status it met."""

    sqlstate = "WF409"


class HistoryCut(Conflict):
    """The database was restored or failed over, to the epoch ``detail["epoch"]``."""


class RunFinal(Refusal):
    """The run is over; ``detail["run_status"]`` says how."""

    sqlstate = "WF410"


class TooLarge(Refusal):
    """Too many bytes: ``detail["bytes"]``, ``detail["limit"]``."""

    sqlstate = "WF413"


class LimitExceeded(Refusal):
    """A limit other than the size of a payload is exceeded."""

    sqlstate = "WF422"


class TooEarly(Refusal):
    """The step may not begin yet."""

    sqlstate = "WF425"

    @property
    def retry_after(self) -> int:
        """Whole seconds until it may begin, rounded up."""
        return int(self.detail["retry_after"])


class SpecVersionUnsupported(Refusal):
    """The protocol version of the caller is not one of ours."""

    sqlstate = "WF426"


BY_SQLSTATE: dict[str, type[Refusal]] = {
    refusal.sqlstate: refusal
    for refusal in (
        MalformedCall,
        NotFound,
        Conflict,
        RunFinal,
        TooLarge,
        LimitExceeded,
        TooEarly,
        SpecVersionUnsupported,
    )
}

# Connection exceptions, rollbacks for the sake of others, shutdowns.
_TRANSIENT_CLASSES = ("08", "40", "57P")
# Lock not available, too many connections, a standby that may be promoted.
_TRANSIENT_STATES = {"55P03", "53300", "25006"}


@contextmanager
def translated() -> Generator[None]:
    """Raise a refusal in place of the driver's error, for SQLSTATEs of class WF."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        if error.sqlstate is None or not error.sqlstate.startswith("WF"):
            raise
        raise _refusal(error, error.sqlstate) from error


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed when it is made again.

    True for lost connections, shutdowns, deadlocks and serialization failures, locks
    and connections that were not free in time, standbys, and an ``Unreachable`` server
    that is not there yet. A call that may have been
    committed before its connection was lost is safe to repeat with the same dedup key.
    """
    import psycopg
    from psycopg_pool import PoolClosed

    if isinstance(error, Unreachable):
        return error.may_pass
    if not isinstance(error, psycopg.Error) or isinstance(error, PoolClosed):
        return False
    if error.sqlstate is None:
        # Of the pool too: its timeouts are operational errors.
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return (
        error.sqlstate.startswith(_TRANSIENT_CLASSES)
        or error.sqlstate in _TRANSIENT_STATES
    )


def _refusal(error: psycopg.Error, sqlstate: str) -> Refusal:
    detail = _detail(error.diag.message_detail)
    named = BY_SQLSTATE.get(sqlstate, Refusal)
    refusal = (HistoryCut if named is Conflict and "epoch" in detail else named)(
        error.diag.message_primary or "", detail=detail, hint=error.diag.message_hint
    )
    # A newer schema may refuse for a reason that has no class here.
    refusal.sqlstate = sqlstate
    return refusal


def _detail(text: str | None) -> dict[str, Any]:
    try:
        value: object = json.loads(text or "{}")
    except ValueError:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
