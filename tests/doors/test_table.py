"""The table of `docs/doors.md` says what each door has."""

from __future__ import annotations

import inspect
import re

import pytest

from tests.doors.door import Door
from tests.doors.json_door import JsonDoor
from tests.doors.table import names
from tests.doors.typescript import TypeScript
from tests.doors.verbs import Verbs
from tests.doors.worlds import Worlds
from tests.support import Session
from workflow_pg import SyncWorld, World

OPERATIONS = [name for name in vars(Door) if not name.startswith("_")]
NOWHERE = "host=127.0.0.1 port=1"


@pytest.mark.parametrize(
    ("door", "kind"),
    [
        ("async", Worlds),
        ("sync", Worlds),
        ("sql", Verbs),
        ("json", JsonDoor),
        ("typescript", TypeScript),
    ],
)
def test_a_door_has_the_operations_of_its_column(door: str, kind: type[Door]) -> None:
    told = {operation: bool(name) for operation, name in names(door).items()}
    assert told == {
        operation: getattr(kind, operation) is not getattr(Door, operation)
        for operation in OPERATIONS
    }


@pytest.mark.parametrize(
    ("door", "world"), [("async", World(NOWHERE)), ("sync", SyncWorld(NOWHERE))]
)
def test_the_worlds_have_the_methods(door: str, world: object) -> None:
    for name in filter(None, names(door).values()):
        facade, method = name.split(".")
        assert inspect.ismethod(getattr(getattr(world, facade), method)), name


@pytest.mark.parametrize("door", ["sql", "json"])
def test_the_database_has_the_functions(door: str, db: Session) -> None:
    told = set(filter(None, names(door).values()))
    found = db.rows(
        "select distinct proname from pg_proc"
        " where pronamespace = 'workflow_pg'::regnamespace and proname = any (%s)",
        list(told),
    )
    assert {row["proname"] for row in found} == told


def test_typescript_has_the_methods_and_no_other_way_in(typescript: TypeScript) -> None:
    told = set(filter(None, names("typescript").values()))
    assert told <= set(typescript.methods)
    # What its column says it lacks is not there under any name.
    lacking = re.compile(r"^waits\.|claim|lease|^ack")
    assert not list(filter(lacking.search, typescript.methods))
