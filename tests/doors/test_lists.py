"""Lists through every door, forwards and backwards, a page at a time."""

from __future__ import annotations

from functools import partial

import pytest

from tests.doors.checks import begin, log, refused, walked
from tests.doors.door import Door
from tests.doors.values import Paging
from tests.doors.verbs import Verbs
from tests.support import Session, new_run_id

IDS = ("1", "2", "3", "4", "5")


@pytest.mark.parametrize("ascending", [True, False], ids=["up", "down"])
def test_runs_are_listed_by_their_attributes(
    door: Door, db: Session, *, ascending: bool
) -> None:
    mine = [new_run_id() for _ in IDS]
    for run_id in mine:
        door.create_run(run_id, b"in", attributes={"tenant": "t1", "run": run_id})
        door.create_run(new_run_id(), b"in", attributes={"tenant": "t2"})
    read = partial(door.list_runs, attributes={"tenant": "t1"})
    assert walked(read, ascending=ascending) == mine[:: 1 if ascending else -1]
    assert len(walked(door.list_runs, ascending=ascending)) == 2 * len(mine)


@pytest.mark.parametrize("ascending", [True, False], ids=["up", "down"])
def test_what_a_run_has_is_listed(door: Door, db: Session, *, ascending: bool) -> None:
    run_id = begin(door)
    for number in IDS:
        door.create_step(run_id, f"step_{number}", b"in")
        door.create_hook(run_id, f"hook_{number}", f"token {number}")
    way = 1 if ascending else -1
    steps = walked(partial(door.list_steps, run_id), ascending=ascending)
    assert steps == [f"step_{number}" for number in IDS][::way]
    hooks = walked(partial(door.list_hooks, run_id), ascending=ascending)
    assert hooks == [f"hook_{number}" for number in IDS][::way]
    events = walked(partial(door.list_events, run_id), ascending=ascending)
    assert len(events) == 12
    assert events == log(db, run_id)[::way]


def test_a_list_that_was_read_to_its_end_goes_on(door: Door, db: Session) -> None:
    run_id = begin(door)
    page = door.list_events(run_id, Paging(10))
    assert [event.type for event in page.items] == ["run_created", "run_started"]
    door.cancel_run(run_id)
    more = door.list_events(run_id, Paging(10, page.cursor))
    assert [event.type for event in more.items] == ["run_cancelled"]
    assert db.types(run_id)[-1] == "run_cancelled"


def test_a_cursor_leads_on_through_any_door(door: Door, db: Session) -> None:
    run_id, other = begin(door), Verbs(db)
    door.create_run(new_run_id(), b"in")
    for number in IDS:
        door.create_step(run_id, f"step_{number}", b"in")
        door.create_hook(run_id, f"hook_{number}", f"token {number}")
    for mine, theirs in [
        (door.list_runs, other.list_runs),
        (partial(door.list_steps, run_id), partial(other.list_steps, run_id)),
        (partial(door.list_hooks, run_id), partial(other.list_hooks, run_id)),
        (partial(door.list_events, run_id), partial(other.list_events, run_id)),
    ]:
        for first, second in [(mine, theirs), (theirs, mine)]:
            begun = first(Paging(1))
            assert begun.cursor is not None
            rest = second(Paging(9, begun.cursor))
            assert [*begun.items, *rest.items] == mine(Paging(10)).items


def test_pages_have_limits_and_cursors_of_their_list(door: Door, db: Session) -> None:
    run_id = begin(door)
    for paging in (Paging(0), Paging(1001), Paging(1, "no cursor")):
        with refused(db, 400):
            door.list_runs(paging)
        with refused(db, 400):
            door.list_steps(run_id, paging)
        with refused(db, 400):
            door.list_hooks(run_id, paging)
        with refused(db, 400):
            door.list_events(run_id, paging)
