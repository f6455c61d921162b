"""The state machine as diagrams and tables, from the views of sql/10_machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from tools.docs_text import prose, table

BEGIN = "<!-- diagrams: written by tools/docs.py from sql/10_machine -->"
END = "<!-- end of diagrams -->"

HEAD = """\
# States

What each event does to each entity in each state. Written by `make docs` from the views
of `sql/10_machine/`, which are the law: functions ask them when they refuse, and tests
walk every cell. Do not edit this page.

How to read a cell: `→ running` is accepted and moves the entity; `no-op` is accepted
and writes nothing; a code is a refusal ([errors](errors.md)) and writes nothing.
*absent* is the entity that does not exist.

The machine knows statuses only. What depends on a value is decided by a named helper
beside it: a token that is taken (`create_hook` writes `hook_conflict`), a `retry_after`
that lies ahead (`refuse_early_step`, WF425), limits and malformed arguments
(`begin_append`, `check_*`). Statuses that are missing in a diagram are entered by
no event of their own: see [ARCHITECTURE.md](../ARCHITECTURE.md#state-machines).
"""

VIEWS = """
select c.relname, obj_description(c.oid, 'pg_class'),
       (select a.attname
          from pg_attribute as a
         where a.attrelid = c.oid
           and a.attname ~ '_status$'
           and a.attname <> all ('{next_status,run_status}')),
       (select array_agg(e.enumlabel order by e.enumsortorder)
          from pg_attribute as a
          join pg_enum as e on e.enumtypid = a.atttypid
         where a.attrelid = c.oid
           and a.attname = 'next_status')
  from pg_class as c
 where c.relnamespace = 'workflow_pg'::regnamespace
   and c.relkind = 'v'
   and c.relname ~ '_transitions$'
"""
CELLS = """
select concat(t.row ->> 'event_type',
              case when (t.row ->> 'with_input')::boolean then ' with input' end),
       t.row ->> 'run_status', t.row ->> '{axis}',
       t.row ->> 'outcome', t.row ->> 'next_status'
  from (select to_jsonb(v) as row from workflow_pg.{view} as v) as t
 order by (t.row ->> 'event_type')::workflow_pg.event_type, t.row ->> 'with_input',
          (t.row ->> 'run_status')::workflow_pg.run_status nulls first
"""
EVENT_TYPES = "select enum_range(null::workflow_pg.event_type)::text[]"

Cell = tuple[str, str | None, str | None, str, str | None]


class Law:
    """One view of the machine: its cells, and which statuses there are."""

    def __init__(
        self, conn: psycopg.Connection[Any], row: tuple[str, str, str | None, list[str]]
    ) -> None:
        """Read the view."""
        self.view, self.comment, axis, self.statuses = row
        self.entity = self.view.removesuffix("_transitions")
        self.has_run_axis = axis is not None
        self.is_legacy = self.entity == "legacy"
        # Names of the catalog, not words of a user.
        query = CELLS.format(view=self.view, axis=axis or "run_status")
        self.cells: list[Cell] = conn.execute(query.encode()).fetchall()
        self.events = list(dict.fromkeys(cell[0] for cell in self.cells))

    def diagram(self) -> str:
        """A mermaid diagram of the moves, one arrow for all events that make one."""
        arrows: dict[tuple[str | None, str | None], list[str]] = {}
        for event, _, before, outcome, after in self.cells:
            if outcome == "ok":
                events = arrows.setdefault((before, after), [])
                events += [event] if event not in events else []
        left = {before for before, after in arrows if before != after}
        reached = {after for _, after in arrows}
        lines = [
            "```mermaid",
            "stateDiagram-v2",
            *(
                f"    {before or '[*]'} --> {after}: {', '.join(events)}"
                for (before, after), events in arrows.items()
            ),
            *(f"    {s} --> [*]" for s in self.statuses if s in reached - left),
            "```",
        ]
        return "\n".join(lines)

    def table(self) -> str:
        """Every cell; statuses of the run that make no difference share a row."""
        states = [None, *self.statuses]
        names = ["absent", *self.statuses]
        if not self.has_run_axis:
            said = {(e, status): _said(o, n) for e, _, status, o, n in self.cells}
            return table(
                ["event", *names],
                [[f"`{e}`", *(said[e, s] for s in states)] for e in self.events],
            )
        rows: list[list[str]] = []
        for event in self.events:
            lines: dict[str, dict[str | None, str]] = {}
            for one, run, status, outcome, after in self.cells:
                if one == event:
                    lines.setdefault(run or "absent", {})[status] = _said(
                        outcome, after
                    )
            alike: dict[tuple[str, ...], list[str]] = {}
            for run, line in lines.items():
                alike.setdefault(tuple(line[s] for s in states), []).append(run)
            rows += [[f"`{event}`", ", ".join(v), *k] for k, v in alike.items()]
        return table(["event", "run", *names], rows)


def read_laws(conn: psycopg.Connection[Any]) -> list[Law]:
    """The views of the machine, in the order in which the log knows their events."""
    ((events,),) = conn.execute(EVENT_TYPES).fetchall()
    laws = [Law(conn, row) for row in conn.execute(VIEWS).fetchall()]
    return sorted(laws, key=lambda law: (law.is_legacy, events.index(law.events[0])))


def with_diagrams(text: str, laws: Sequence[Law]) -> str:
    """A page with the diagrams between its two markers, and the rest as it was."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"ARCHITECTURE.md lacks the lines {BEGIN} and {END}")
    drawn = [law for law in laws if not law.is_legacy]
    parts = [f"### {law.entity.capitalize()}\n\n{law.diagram()}" for law in drawn]
    return "\n\n".join([before + BEGIN, *parts, END + after])


def states(laws: Sequence[Law]) -> str:
    """The page docs/states.md."""
    parts = [
        f"\n## {law.entity.capitalize()}\n\n{prose(law.comment)}\n\n"
        f"{law.diagram()}\n\n{law.table()}\n"
        for law in laws
    ]
    return HEAD + "".join(parts)


def _said(outcome: str, after: str | None) -> str:
    return {"ok": f"→ {after}", "no_op": "no-op"}.get(outcome, outcome)
