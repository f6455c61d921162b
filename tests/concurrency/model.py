"""The state machine in miniature, typed from the protocol: what a call must answer.

Two kinds of answer: the types of the events that are appended, or an SQLSTATE. It
knows statuses, tokens and times to wait, and nothing of how the database does it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LIVE = {"pending", "running"}
ATTRIBUTES = 64
GROUP = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of append_event.

    `with_input` makes a run_started a resilient one, a step_started create its step.
    `changes` are of attributes, GROUP of them at once: the name of the group, and
    whether it is set or deleted; `by_body` makes it the call `entity` of the body.
    """

    event: str
    run: int
    entity: int
    token: int
    is_early: bool
    with_input: bool
    changes: tuple[tuple[str, bool], ...] = ()
    by_body: bool = False


@dataclass(slots=True)
class Run:
    """A run as the protocol sees it; absent while it has no status."""

    status: str | None = None
    steps: dict[int, str] = field(default_factory=dict[int, str])
    early: set[int] = field(default_factory=set[int])
    hooks: dict[int, str] = field(default_factory=dict[int, str])
    waits: dict[int, str] = field(default_factory=dict[int, str])
    writes: set[int] = field(default_factory=set[int])
    groups: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class Model:
    """Some runs, and who holds which token."""

    runs: list[Run]
    tokens: dict[int, tuple[int, int]] = field(
        default_factory=dict[int, tuple[int, int]]
    )

    def copy(self) -> Model:
        """A model of its own that stands where this one does."""
        runs = [
            Run(
                r.status,
                dict(r.steps),
                set(r.early),
                dict(r.hooks),
                dict(r.waits),
                set(r.writes),
                set(r.groups),
            )
            for r in self.runs
        ]
        return Model(runs, dict(self.tokens))

    def answer(self, call: Call) -> list[str] | str:
        """The events that the call appends, or the refusal."""
        run = self.runs[call.run]
        kind, _, verb = call.event.partition("_")
        if run.status is None and call.event not in {"run_created", "run_started"}:
            return "WF404"
        if kind == "run":
            return self._run(run, call, verb)
        if kind == "step":
            return _step(run, call, verb)
        if kind == "hook":
            return self._hook(run, call, verb)
        if kind == "attr":
            return _set(run, call)
        return _wait(run, call, verb)

    def _run(self, run: Run, call: Call, verb: str) -> list[str] | str:
        if verb == "created":
            if run.status is not None:
                return "WF409"
            run.status = "pending"
            return ["run_created"]
        if verb == "started":
            return _start(run, call)
        if run.status not in LIVE:
            # Cancelling what is cancelled is a success that writes nothing.
            return [] if run.status == verb == "cancelled" else "WF409"
        run.status = verb
        self.tokens = {t: by for t, by in self.tokens.items() if by[0] != call.run}
        run.hooks = {
            hook: "disposed" if status == "live" else status
            for hook, status in run.hooks.items()
        }
        return [call.event]

    def _hook(self, run: Run, call: Call, verb: str) -> list[str] | str:
        status = run.hooks.get(call.entity)
        if verb == "created":
            if run.status not in LIVE or status is not None:
                return "WF409"
            if call.token in self.tokens:
                run.hooks[call.entity] = "conflict"
                return ["hook_conflict"]
            self.tokens[call.token] = (call.run, call.entity)
            run.hooks[call.entity] = "live"
            return ["hook_created"]
        if status == "disposed" and verb == "disposed":
            return "WF409"
        if status != "live":
            return "WF404"
        if verb == "disposed":
            run.hooks[call.entity] = "disposed"
            mine = (call.run, call.entity)
            self.tokens = {t: by for t, by in self.tokens.items() if by != mine}
        return [call.event]


def _start(run: Run, call: Call) -> list[str] | str:
    match run.status:
        case None if call.with_input:
            run.status = "running"
            return ["run_created", "run_started"]
        case None:
            return "WF404"
        case "pending":
            run.status = "running"
            return ["run_started"]
        case "running":
            return []
        case _:
            return "WF410"


def _set(run: Run, call: Call) -> list[str] | str:
    if run.status not in LIVE or (call.by_body and call.entity in run.writes):
        return "WF409"
    left = run.groups - {group for group, _ in call.changes}
    groups = left | {group for group, is_set in call.changes if is_set}
    if len(groups) * GROUP > ATTRIBUTES:
        return "WF422"
    run.groups = groups
    if call.by_body:
        run.writes.add(call.entity)
    return ["attr_set"]


def _step(run: Run, call: Call, verb: str) -> list[str] | str:
    step, status = call.entity, run.steps.get(call.entity)
    if verb == "created":
        if run.status not in LIVE or status is not None:
            return "WF409"
        run.steps[step] = "pending"
        return ["step_created"]
    if verb == "started" and call.with_input:
        if run.status not in LIVE or status is not None:
            return "WF409"
        run.steps[step] = "running"
        return ["step_created", "step_started"]
    if status is None:
        return "WF410" if verb == "started" and run.status not in LIVE else "WF404"
    if status not in LIVE:
        return "WF409"
    if run.status not in LIVE and (verb == "started" or status == "pending"):
        return "WF410"
    if verb == "started" and step in run.early:
        return "WF425"
    run.early.discard(step)
    if verb == "retrying" and call.is_early:
        run.early.add(step)
    run.steps[step] = {"started": "running", "retrying": "pending"}.get(verb, verb)
    return [call.event]


def _wait(run: Run, call: Call, verb: str) -> list[str] | str:
    status = run.waits.get(call.entity)
    if verb == "created":
        if run.status not in LIVE or status is not None:
            return "WF409"
        run.waits[call.entity] = "waiting"
        return ["wait_created"]
    if run.status not in LIVE:
        return "WF409"
    if status is None:
        return "WF404"
    if status == "completed":
        return "WF409"
    run.waits[call.entity] = "completed"
    return ["wait_completed"]
