"""Watches the Python files of an app, for `workflow-pg dev --reload`."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncGenerator
from pathlib import Path

from workflow_pg.cli.output import CommandError, ExitCode

__all__ = ["app_trees", "changes_of", "check_watcher"]


def check_watcher() -> None:
    """Refuse to watch without the library that does it.

    Raises:
        CommandError: The extra is not installed.
    """
    if importlib.util.find_spec("watchfiles") is None:
        raise CommandError(
            "--reload needs watchfiles, which is not there: install"
            " 'workflow-pg[reload]'.",
            code=ExitCode.USAGE,
        )


def app_trees(app: str) -> list[Path]:
    """The current directory; and where the app is, if that is elsewhere."""
    here = Path.cwd().resolve()
    found = importlib.util.find_spec(app.partition(":")[0].partition(".")[0])
    folders = list((found and found.submodule_search_locations) or ())
    files = [found.origin] if found and found.origin and not folders else []
    places = [Path(place).resolve() for place in [*folders, *files]]
    return [here, *(place for place in places if not place.is_relative_to(here))]


async def changes_of(app: str) -> AsyncGenerator[str]:
    """A sentence after each change of a .py file, and of several at once.

    Directories of tools are left out: ``.git``, ``.venv``, ``node_modules`` and such.
    """
    # A type that it names for another event loop is not installed everywhere.
    from watchfiles import (
        PythonFilter,
        awatch,  # pyright: ignore[reportUnknownVariableType]
    )

    here = Path.cwd().resolve()
    async for changes in awatch(*app_trees(app), watch_filter=PythonFilter()):
        paths = sorted({Path(path) for _, path in changes})
        first = paths[0]
        name = first.relative_to(here) if first.is_relative_to(here) else first
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        yield f"{name}{more} changed"
