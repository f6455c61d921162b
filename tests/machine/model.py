"""A pure model of the machine: what an append would do, and the log it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.machine import law
from tests.machine.fold import Present, fold
from tests.support import LATER, STEP, WORKFLOW, Row

_LAW = {
    (cell.event, cell.run, cell.status): cell
    for table in (law.RUN, law.STEP, law.HOOK, law.WAIT)
    for cell in law.cells(table)
}
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Append:
    """One call: an event of one of some runs, for one of some ids of its entity."""

    run: int
    event: str
    entity: int = 0
    token: int = 0
    is_early: bool = False
    has_input: bool = False

    @property
    def correlation_id(self) -> str | None:
        """The id of the step, hook or wait; null for events of the run."""
        kind = self.event.partition("_")[0]
        return None if kind == "run" else f"{kind}_{self.entity}"

    def options(self) -> dict[str, Any]:
        """What append_event is given beside type and ids."""
        facts: Row = {"workflowName": WORKFLOW, "deploymentId": "default"}
        if self.event == "run_created" or self.has_input:
            return {"facts": facts, "payload": b"in"}
        told: dict[str, dict[str, Any]] = {
            "step_created": {"stepName": STEP},
            "step_retrying": {"retryAfter": LATER} if self.is_early else {},
            "hook_created": {"token": f"token_{self.token}"},
            "wait_created": {"resumeAt": LATER},
        }
        return {"facts": told.get(self.event, {}), "payload": b"x"}


@dataclass(frozen=True, slots=True)
class Model:
    """The logs of some runs, each event with no more than the fold needs."""

    logs: dict[int, list[Row]] = field(default_factory=dict[int, list[Row]])

    def append(self, call: Append) -> str:
        """The SQLSTATE of the refusal, "-" for a no-op, or the type written."""
        log = self.logs.setdefault(call.run, [])
        present = fold(log)
        cell = self._cell(call, present)
        if call.event == "run_started" and call.has_input and not log:
            self._write(log, call, "run_created")
        elif cell.code is not None:
            return cell.code
        elif cell.outcome == "-":
            return "-"
        elif call.event == "step_started" and self._is_early(call, present):
            return "WF425"
        written = call.event
        if written == "hook_created" and self._is_held(call):
            written = "hook_conflict"
        self._write(log, call, written)
        return written

    def _cell(self, call: Append, present: Present) -> law.Cell:
        run = present["run"].get("", {}).get("status")
        kind = call.event.partition("_")[0]
        entity = present[kind].get(call.correlation_id or "", {}).get("status")
        return _LAW[call.event, run, entity]

    def _is_early(self, call: Append, present: Present) -> bool:
        return present["step"][str(call.correlation_id)]["retry_after"] is not None

    def _is_held(self, call: Append) -> bool:
        token = call.options()["facts"]["token"]
        return any(
            hook["token"] == token and hook["status"] == "live"
            for log in self.logs.values()
            for hook in fold(log)["hook"].values()
        )

    def _write(self, log: list[Row], call: Append, event_type: str) -> None:
        log.append(
            {
                "seq": len(log) + 1,
                "event_type": event_type,
                "correlation_id": call.correlation_id,
                "spec_version": 7,
                "created_at": _NO_TIME,
                "facts": call.options()["facts"],
            }
        )
