"""The state machines as the protocol and the rulings state them, typed by hand.

A cell is the entity's next status, a refusal (404 stands for SQLSTATE WF404), or "-"
for a legal call that writes nothing. `step_started+` is a step_started that carries the
input of its step. Columns are the status of the entity; "live" runs
are pending and running, "final" ones completed, failed and cancelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

RUN = """
               absent   pending    running    completed  failed     cancelled
run_created    pending  409        409        409        409        409
run_started    404      running    -          410        410        410
run_completed  404      completed  completed  409        409        409
run_failed     404      failed     failed     409        409        409
run_cancelled  404      cancelled  cancelled  409        409        -
attr_set       404      pending    running    409        409        409
"""

STEP = """
                       absent   pending    running    completed  failed  cancelled
step_created    absent 404      404        404        404        404     404
step_created    live   pending  409        409        409        409     409
step_created    final  409      409        409        409        409     409
step_started    absent 404      404        404        404        404     404
step_started    live   404      running    running    409        409     409
step_started    final  410      410        410        409        409     409
step_started+   absent 404      404        404        404        404     404
step_started+   live   running  409        409        409        409     409
step_started+   final  409      409        409        409        409     409
step_retrying   absent 404      404        404        404        404     404
step_retrying   live   404      pending    pending    409        409     409
step_retrying   final  404      410        pending    409        409     409
step_completed  absent 404      404        404        404        404     404
step_completed  live   404      completed  completed  409        409     409
step_completed  final  404      410        completed  409        409     409
step_failed     absent 404      404        404        404        404     404
step_failed     live   404      failed     failed     409        409     409
step_failed     final  404      410        failed     409        409     409
"""

HOOK = """
                      absent  live      disposed  conflict
hook_created   absent 404     404       404       404
hook_created   live   live    409       409       409
hook_created   final  409     409       409       409
hook_received  absent 404     404       404       404
hook_received  live   404     live      404       404
hook_received  final  404     410       404       404
hook_disposed  absent 404     404       404       404
hook_disposed  live   404     disposed  409       404
hook_disposed  final  404     disposed  409       404
"""

WAIT = """
                       absent   waiting    completed  cancelled
wait_created    absent 404      404        404        404
wait_created    live   waiting  409        409        409
wait_created    final  409      409        409        409
wait_completed  absent 404      404        404        404
wait_completed  live   404      completed  409        409
wait_completed  final  409      409        409        409
"""

# A run of version 1. An absent one has no version: run_created is told it there.
LEGACY = """
                absent  pending    running    completed  failed   cancelled
run_created     426     409        409        409        409      409
run_started     404     426        426        426        426      426
run_completed   404     426        426        426        426      426
run_failed      404     426        426        426        426      426
run_cancelled   404     cancelled  cancelled  409        409      -
attr_set        404     426        426        426        426      426
step_created    404     426        426        426        426      426
step_started    404     426        426        426        426      426
step_retrying   404     426        426        426        426      426
step_completed  404     426        426        426        426      426
step_failed     404     426        426        426        426      426
hook_created    404     426        426        426        426      426
hook_received   404     pending    running    410        410      410
hook_disposed   404     426        426        426        426      426
wait_created    404     426        426        426        426      426
wait_completed  404     pending    running    completed  failed   cancelled
"""

_RUNS: dict[str, tuple[str | None, ...]] = {
    "absent": (None,),
    "live": ("pending", "running"),
    "final": ("completed", "failed", "cancelled"),
}


LIVE = _RUNS["live"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What an event does to an entity in a status, of a run in a status."""

    event: str
    with_input: bool
    run: str | None
    status: str | None
    outcome: str

    @property
    def code(self) -> str | None:
        """The SQLSTATE of the refusal, if it is one."""
        return f"WF{self.outcome}" if self.outcome.isdecimal() else None

    def __str__(self) -> str:
        """For the id of a test."""
        label = self.event + "+" * self.with_input
        return f"{label}-{self.run or 'absent'}-{self.status or 'absent'}"


def cells(table: str) -> list[Cell]:
    """One cell per event, status of the run and status of the entity.

    In the table of the run itself both statuses are the same.
    """
    return list(_cells(table))


def _cells(table: str) -> Iterator[Cell]:
    header, *lines = (line.split() for line in table.strip().splitlines())
    statuses = [None if name == "absent" else name for name in header]
    for label, *rest in lines:
        event, with_input = label.removesuffix("+"), label.endswith("+")
        if len(rest) == len(statuses):
            for status, outcome in zip(statuses, rest, strict=True):
                yield Cell(event, with_input, status, status, outcome)
            continue
        for run in _RUNS[rest[0]]:
            for status, outcome in zip(statuses, rest[1:], strict=True):
                yield Cell(event, with_input, run, status, outcome)
