"""What changes while one looks: `runs list --watch` and `events RUN --follow`.

In a terminal with `rich` the table is drawn anew in its place, and the last line says
what a run waits for. Elsewhere lines are added, one for each run that has changed and
for each event; as JSON, one object on each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Self

from workflow_pg.cli.output import clean, is_styled, short, table, write_json

if TYPE_CHECKING:
    from workflow_pg.models import Event, Run
    from workflow_pg.world import World

    RowOfEvent = Callable[[Event], Sequence[object]]

__all__ = ["follow_log", "watch_runs"]

LOOK_SECONDS = 1.0
PAGE = 1000
# Places of position, time, type and id, which are known before there is an event. They
# and the sign that the rest was cut fit into 80.
_WIDTHS = (4, 23, 14, 31, 0, 0)


async def watch_runs(
    read: Callable[[], Awaitable[list[Run]]],
    headings: Sequence[str],
    row_of: Callable[[Run], Sequence[object]],
    *,
    as_json: bool,
) -> None:
    """Show a list of runs as it changes, until the task is cancelled.

    Args:
        read: Reads the list.
        headings: Of the table.
        row_of: Makes a row of it.
        as_json: Whether programs read it.
    """
    if is_styled() and not as_json:
        await _draw_runs(read, headings, row_of)
        return
    seen: dict[str, Run] = {}
    is_first = True
    while True:
        # Newest first is for a list; what is added to one is the other way round.
        found = list(reversed(await read()))
        changed = [run for run in found if seen.get(run.run_id) != run]
        seen = {run.run_id: run for run in found}
        if as_json:
            for run in changed:
                write_json(run, is_line=True)
        elif changed or is_first:
            rows = map(row_of, changed)
            # So wide are an id and the longest status.
            text = table(headings, rows, least=(31, 9), has_headings=is_first)
            print(text, flush=True)
        is_first = False
        await asyncio.sleep(LOOK_SECONDS)


async def _draw_runs(
    read: Callable[[], Awaitable[list[Run]]],
    headings: Sequence[str],
    row_of: Callable[[Run], Sequence[object]],
) -> None:
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    from workflow_pg.cli.look import console, make_table

    screen = console()
    with Live(console=screen, auto_refresh=False) as live:
        while True:
            rows = [row_of(run) for run in await read()]
            made = make_table(headings, rows, width=screen.width)
            hint = Text("every second; Ctrl-C ends it", style="dim")
            live.update(Group(made, hint), refresh=True)
            await asyncio.sleep(LOOK_SECONDS)


async def follow_log(
    world: World,
    run_id: str,
    headings: Sequence[str],
    row_of: RowOfEvent,
    *,
    document_of: Callable[[Event], object],
    as_json: bool,
) -> None:
    """Print events of a run as they come, until it is final and all are printed.

    Args:
        world: Where to read.
        run_id: The run.
        headings: Of the table.
        row_of: Makes a row of an event.
        document_of: Makes of one what programs read.
        as_json: Whether programs read it.

    Raises:
        NotFound: There is no such run.
    """
    log = _Lines(headings, row_of, document_of if as_json else None)
    with _Screen(headings, row_of) if is_styled() and not as_json else log as shown:
        after: int | None = None
        while True:
            run = await world.runs.get(run_id, with_input=False, with_outcome=False)
            # After the run, so that its last event is among them.
            while page := await world.events.list(
                run_id,
                after=after,
                limit=PAGE,
                with_payloads=run.expired_at is None,
            ):
                after = page[-1].seq
                for event in page:
                    shown.add(event)
            if run.completed_at is not None:
                return
            await shown.say_why(world, run)
            await asyncio.sleep(LOOK_SECONDS)


class _Lines:
    """The log as lines, for whoever does not sit at a terminal."""

    def __init__(
        self,
        headings: Sequence[str],
        row_of: RowOfEvent,
        document_of: Callable[[Event], object] | None,
    ) -> None:
        self._headings = headings
        self._row_of = row_of
        self._document_of = document_of
        self._is_first = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def add(self, event: Event) -> None:
        """Print an event."""
        if self._document_of is not None:
            write_json(self._document_of(event), is_line=True)
            return
        row = self._row_of(event)
        shown = table(self._headings, [row], least=_WIDTHS, has_headings=self._is_first)
        print(shown, flush=True)
        self._is_first = False

    async def say_why(self, world: World, run: Run) -> None:
        """Say nothing: a file has no last line that changes."""


class _Screen:
    """The log in a terminal, and below it what the run waits for."""

    def __init__(self, headings: Sequence[str], row_of: RowOfEvent) -> None:
        from workflow_pg.cli.look import console

        self._row_of = row_of
        self._screen = console()
        self._headings = headings
        self._status = self._screen.status("")

    def __enter__(self) -> Self:
        from workflow_pg.cli.look import print_row

        print_row(self._screen, self._headings, _WIDTHS, style="bold")
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def add(self, event: Event) -> None:
        """Print an event."""
        from workflow_pg.cli.look import print_row

        print_row(self._screen, self._row_of(event), _WIDTHS)

    async def say_why(self, world: World, run: Run) -> None:
        """Say what the run waits for."""
        from rich.text import Text

        reasons = await world.runs.why(run.run_id)
        words = "; ".join(clean(reason.sentence) for reason in reasons[:2])
        most = max(self._screen.width - 4, 1)
        self._status.update(Text(short(f"{run.status}: {words}", most), style="dim"))
