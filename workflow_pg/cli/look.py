"""How tables and live views look in a terminal, drawn by `rich`.

Every text that is shown has been cleaned, and is given to `rich` as text and never as
markup: a name like ``[red]`` is a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workflow_pg.cli.ages import age_words
from workflow_pg.cli.output import clean, time_words

__all__ = ["ago", "console", "make_table", "print_row", "print_table", "print_words"]

_STYLES = {
    "pending": "yellow",
    "waiting": "yellow",
    "retrying": "yellow",
    "running": "cyan",
    "started": "cyan",
    "live": "cyan",
    "completed": "green",
    "received": "green",
    "failed": "bold red",
    "conflict": "red",
    "cancelled": "magenta",
    "disposed": "dim",
}
_GAP = 2
_LEAST = 8
"""To so many places a column is shortened where there is no room."""

_MOST = 10_000
_ID = 31
"""So many places an id takes."""
_IDS = {"run", "step", "hook", "message", "id"}
"""Headings of columns that are never shortened: what is cut cannot be looked up."""
_PATH = "//"


def console(width: int | None = None) -> Console:
    """The terminal. Nothing in a text is highlighted, and nothing is markup."""
    return Console(highlight=False, markup=False, emoji=False, width=width)


def print_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    has_exact_times: bool = False,
) -> None:
    """Print rows under their headings; as `write_table`."""
    screen = console()
    made = make_table(
        headings, rows, width=screen.width, has_exact_times=has_exact_times
    )
    # Where even the least is too wide the terminal breaks the lines. In its own width
    # the columns would be shortened once more, whatever is in them.
    console(_MOST).print(made, crop=False)


def print_words(words: Sequence[object]) -> None:
    """Print words on a line."""
    console().print(Text("  ").join([_cell(word) for word in words]), soft_wrap=True)


def print_row(
    screen: Console, row: Sequence[object], widths: Sequence[int], *, style: str = ""
) -> None:
    """Print one row of a table that goes on, cut at the edge of the terminal.

    Columns that have a width are not cut: an id would be no id any more.

    Args:
        screen: Where.
        row: The values.
        widths: That of each column, in characters, at least.
        style: Of the whole row.
    """
    line = Text(style=style)
    least = 0
    for value, width in zip(row, widths, strict=True):
        cell = _cell(value)
        cell.pad_right(max(width - cell.cell_len, 0))
        line.append_text(cell).append(" " * _GAP)
        # With room for the sign that something was cut behind it.
        least = line.cell_len if width else least
    line.rstrip()
    line.truncate(max(screen.width, least), overflow="ellipsis")
    screen.print(line, soft_wrap=True)


def make_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    width: int,
    has_exact_times: bool = False,
) -> Table:
    """Lay rows out in a terminal of a width; the first column and ids are not cut."""
    texts = [[_cell(v, has_exact_times=has_exact_times) for v in row] for row in rows]
    widths = [
        max(cell_len(heading), *(row[i].cell_len for row in texts), 0)
        for i, heading in enumerate(headings)
    ]
    may_shrink = [
        heading not in _IDS and _is_text(rows, i) for i, heading in enumerate(headings)
    ]
    _shrink(widths, may_shrink, width)
    made = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    for i, heading in enumerate(headings):
        is_number = bool(rows) and all(isinstance(row[i], int) for row in rows)
        made.add_column(
            Text(heading, style="bold"),
            justify="right" if is_number else "left",
            no_wrap=True,
            width=widths[i],
        )
    for row in texts:
        for text, most in zip(row, widths, strict=True):
            _cut(text, most)
        made.add_row(*row)
    return made


def ago(at: datetime, now: datetime) -> str:
    """How long ago a time was, or in what time it will be."""
    seconds = round((now - at).total_seconds())
    if seconds == 0:
        return "now"
    words = age_words(timedelta(seconds=abs(seconds)))
    return f"{words} ago" if seconds > 0 else f"in {words}"


def _cell(value: object, *, has_exact_times: bool = True) -> Text:
    if isinstance(value, datetime):
        words = time_words(value) if has_exact_times else ago(value, datetime.now(UTC))
        return Text(words, style="dim")
    if isinstance(value, StrEnum):
        return Text(clean(value), style=_STYLES.get(value.rpartition("_")[2], ""))
    return Text(clean(value))


def _is_text(rows: Sequence[Sequence[object]], column: int) -> bool:
    """Whether a column may be shortened."""
    return column > 0 and all(
        type(row[column]) is str or row[column] is None for row in rows
    )


def _shrink(widths: list[int], may_shrink: Sequence[bool], width: int) -> None:
    """Take places from the widest columns; from those that fit an id at the last."""
    excess = sum(widths) + _GAP * (len(widths) - 1) - width
    for least in (_ID, _LEAST):
        group = [i for i, may in enumerate(may_shrink) if may and widths[i] > least]
        while excess > 0 and group:
            widest = max(group, key=lambda i: widths[i])
            if widths[widest] <= _LEAST:
                break
            widths[widest] -= 1
            excess -= 1


def _cut(text: Text, most: int) -> None:
    """Cut what is longer; of names with a path the end says more than the beginning."""
    if text.cell_len > most and _PATH in text.plain and " " not in text.plain:
        while text.cell_len > most - 1:
            text.plain = text.plain[1:]
        text.plain = f"…{text.plain}"
    text.truncate(most, overflow="ellipsis")
