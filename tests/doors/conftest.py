"""The fixture `door`: each door in turn, on the shared database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.doors.door import Door
from tests.doors.json_door import JsonDoor
from tests.doors.table import DOORS
from tests.doors.typescript import TypeScript, type_script
from tests.doors.verbs import Verbs
from tests.doors.worlds import async_world, sync_world
from tests.typescript.conftest import CLIENT, install
from tests.typescript.conftest import node as node

if TYPE_CHECKING:
    # A plugin is loaded before it is imported, so that its assertions are explained.
    from tests.support import Session


@pytest.fixture(scope="session")
def typescript(node: str, shared_session: Session) -> Iterator[TypeScript]:
    """The World of TypeScript on the shared database; without Node it is skipped."""
    install(CLIENT)
    with type_script(node, shared_session.dsn) as door:
        yield door


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, db: Session) -> Iterator[Door]:
    """A door. What went through it has left tables that agree with the logs."""
    match request.param:
        case "async":
            with async_world(db.dsn) as door:
                yield door
        case "sync":
            with sync_world(db.dsn) as door:
                yield door
        case "sql":
            yield Verbs(db)
        case "json":
            yield JsonDoor(db)
        case _:
            yield request.getfixturevalue("typescript")
    assert _differences(db) == []


def _differences(db: Session) -> list[object]:
    return list(
        db.rows(
            "select v.* from workflow_pg.runs as r"
            " cross join lateral workflow_pg.verify_run(r.run_id) as v"
        )
    )
