"""The runs of a test in words: what happened when, and what each still waits for."""

from __future__ import annotations

from datetime import timedelta

from workflow_pg.models import Codec, Event, EventType, Run
from workflow_pg.sdk import _compat as sdk
from workflow_pg.world import World

__all__ = ["reasons", "story"]

_MOST_RUNS = 20
_MOST_EVENTS = 60


async def story(world: World) -> str:
    """The log of each run, the newest run last, and why it does not go on.

    Args:
        world: The World of the test; its worker has to be alive, or it is missed.
    """
    runs = await world.runs.list(limit=_MOST_RUNS + 1)
    if not runs:
        return "no run was started"
    parts = [await _run(world, run) for run in reversed(runs[:_MOST_RUNS])]
    if len(runs) > _MOST_RUNS:
        parts.insert(0, f"the newest {_MOST_RUNS} runs:")
    return "\n\n".join(parts)


async def reasons(world: World, run: Run) -> str:
    """One sentence: what a run waits for."""
    why = await world.runs.why(run.run_id)
    told = "; ".join(reason.sentence for reason in why) or "nothing at all"
    return f"run {run.run_id} ({_short(run.workflow_name)}): {told}"


async def _run(world: World, run: Run) -> str:
    events = await world.events.list(run.run_id, limit=1000)
    names = {
        event.correlation_id: str(event.facts["stepName"])
        for event in events
        if event.facts and "stepName" in event.facts
    }
    lines = [f"run {run.run_id} ({_short(run.workflow_name)}) is {run.status}"]
    if len(events) > _MOST_EVENTS:
        lines.append(f"  ... {len(events) - _MOST_EVENTS} events before")
    lines += [
        _line(event, event.created_at - run.created_at, names)
        for event in events[-_MOST_EVENTS:]
    ]
    if run.completed_at is None:
        why = await world.runs.why(run.run_id)
        lines += [f"  waits: {reason.sentence}" for reason in why]
    return "\n".join(lines)


def _line(event: Event, after: timedelta, names: dict[str | None, str]) -> str:
    who = names.get(event.correlation_id)
    words = [_span(after), event.event_type, _short(who) if who else _facts(event)]
    if event.event_type in _FAILURES and event.payload:
        words.append(_error(event.codec, event.payload))
    return "  " + "  ".join(word for word in words if word)


_FAILURES = {EventType.RUN_FAILED, EventType.STEP_FAILED, EventType.STEP_RETRYING}


def _span(after: timedelta) -> str:
    days = f"{after.days} d " if after.days else ""
    minutes, seconds = divmod(after.seconds + after.microseconds / 1e6, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"+{days}{hours:02}:{minutes:02}:{seconds:06.3f}"


def _facts(event: Event) -> str:
    facts = event.facts or {}
    shown = [key for key in ("token", "resumeAt", "cancelReason") if facts.get(key)]
    return "  ".join(f"{key} {facts[key]}" for key in shown)


def _error(codec: Codec, payload: bytes) -> str:
    if codec is not Codec.OPAQUE:
        return payload.decode(errors="replace")
    try:
        error = sdk.hydrate_error(payload, what="an error")
    except Exception as unreadable:
        error = unreadable
    return f"{type(error).__name__}: {error}"


def _short(name: str) -> str:
    """``shop.charge`` for ``step//shop//charge``."""
    return ".".join(name.split("//")[1:]) or name
