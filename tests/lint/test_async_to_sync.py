"""The tool that writes the blocking twin: what it takes out, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import async_to_sync
from tools.async_to_sync import CannotWrite, blocking, main, stale, wanted

MODULE = '''\
"""A module."""

from collections.abc import AsyncGenerator, Awaitable, Callable

from workflow_pg import schema
from workflow_pg.database import Connection
from workflow_pg.models import Run

__all__ = ["World"]

Fetch = Callable[[int], Awaitable[list[Run]]]


class World:
    async def read(self, fetch: Fetch) -> AsyncGenerator[Run, None]:
        """Read what there is to await in the World."""
        async with self.open() as connection:  # async it was
            async for run in await fetch(1):
                yield run
'''

TWIN = '''\
# Written by `make sync` from m.py: edit that one.
"""A module."""

from collections.abc import Generator, Awaitable, Callable

from workflow_pg.sync import schema
from workflow_pg.sync.database import Connection
from workflow_pg.models import Run

__all__ = ["SyncWorld"]

Fetch = Callable[[int], list[Run]]


class SyncWorld:
    def read(self, fetch: Fetch) -> Generator[Run, None, None]:
        """Read what there is to await in the World."""
        with self.open() as connection:  # async it was
            for run in fetch(1):
                yield run
'''


def test_what_is_async_is_taken_out_and_the_rest_stays() -> None:
    assert blocking(MODULE, "m.py") == TWIN


def test_what_has_no_blocking_form_is_refused() -> None:
    with pytest.raises(CannotWrite, match=r"m\.py, line 1: asyncio"):
        blocking("import asyncio\n", "m.py")


def test_the_twin_is_current() -> None:
    assert stale(wanted()) == [], "run `make sync`"


def test_a_docstring_that_changed_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(async_to_sync.PHRASES, "no such words", "others")
    with pytest.raises(CannotWrite, match="'no such words' is 0 times in the sources"):
        wanted()


def test_what_lost_its_source_is_removed_and_what_is_by_hand_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "sync"
    target.mkdir()
    (target / "gone.py").write_text("# Written by `make sync` from gone.py: ...\n")
    (target / "database.py").write_text('"""By hand."""\n')
    monkeypatch.setattr(async_to_sync, "ROOT", tmp_path)
    monkeypatch.setattr(async_to_sync, "TARGET", target)
    wanted = {target / "world.py": "# Written by `make sync` from world.py: ...\n"}
    monkeypatch.setattr(async_to_sync, "wanted", lambda: wanted)
    assert main(["--check"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "sync/gone.py is not current: run `make sync`",
        "sync/world.py is not current: run `make sync`",
    ]
    assert main([]) == 0
    assert sorted(path.name for path in target.iterdir()) == ["database.py", "world.py"]
    assert main(["--check"]) == 0
