"""The delivery that the current task is handling, if it is handling one.

Appends for its run leave no wake while it is held; its deployment is inherited by
the runs it starts; its calls are refused once the database is restored or failed over.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from workflow_pg.errors import HistoryCut
from workflow_pg.models import Codec, Delivery


@dataclass(slots=True, kw_only=True)
class Held:
    """A delivery in a worker's hands.

    ``release_slot`` gives its place in the worker to another, once; ``epoch`` is the
    history that it was claimed in, and ``on_cut`` is told when that is the database's
    no longer; ``lost`` says that it is ours no longer, since then or because its lease
    was taken by another; ``input_codec`` is its run's, once that is read;
    ``dispatched`` are the steps that it has created, each with its message;
    ``has_woken`` says that its last append has left its run a wake, ``is_settling``
    that its handler is done and the message may be gone at any moment, ``is_over`` that
    nobody handles it any more, though a task that it has started may go on.
    """

    delivery: Delivery
    release_slot: Callable[[], None]
    epoch: str
    on_cut: Callable[[], object]
    lost: bool = False
    input_codec: Codec = Codec.OPAQUE
    dispatched: set[str] = field(default_factory=set[str])
    has_woken: bool = False
    is_settling: bool = False
    is_over: bool = False


current: ContextVar[Held | None] = ContextVar("workflow_pg_delivery", default=None)
"""Set by the worker around each handler; None in producers."""

worker_id: ContextVar[str | None] = ContextVar("workflow_pg_worker", default=None)
"""Set by the worker for all that it does; None in producers."""


def in_hand() -> Held | None:
    """The delivery that binds the current task; None for whoever is a producer.

    A task that outlives the delivery that it was started in is one from then on, unless
    the delivery was lost: what that has left undone is another's.
    """
    held = current.get()
    return None if held is not None and held.is_over and not held.lost else held


_epoch: ContextVar[str | None] = ContextVar("workflow_pg_epoch", default=None)


def current_epoch() -> str | None:
    """The epoch that the current task has read in; None for whoever may be in any."""
    if current.get() is not None and in_hand() is None:
        return None
    return _epoch.get()


@contextmanager
def in_epoch(epoch: str) -> Generator[None]:
    """Have the calls of a block refused where the epoch is another one."""
    token = _epoch.set(epoch)
    try:
        yield
    finally:
        _epoch.reset(token)


@contextmanager
def noticing_cuts() -> Generator[None]:
    """Have the current delivery dropped when a call finds another epoch."""
    try:
        yield
    except HistoryCut:
        held = in_hand()
        if held is not None:
            held.lost = True
            held.on_cut()
        raise


def give_slot_back(run_id: str) -> None:
    """Note that the current delivery waits for a run of others that is not final.

    It may wait for the whole life of that run, which needs slots of the same worker.
    """
    held = current.get()
    if held is not None and not held.is_over and held.delivery.run_id != run_id:
        held.release_slot()


def let_slot_go() -> None:
    """Note that the current delivery waits for what another one may have to do."""
    held = current.get()
    if held is not None and not held.is_over:
        held.release_slot()
