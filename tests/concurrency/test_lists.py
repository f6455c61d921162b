"""Who walks a list while others write meets all that was there, each once."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.concurrency.sessions import PATIENCE, Rival
from tests.support import LATER, STEP, Session, new_run_id

Open = Callable[[], Rival]


def _stir(session: Session, run_id: str, is_over: Event, seed: int) -> None:
    """Create, move and end runs and entities at random, also before what is there."""
    lot = random.Random(seed)
    facts = {"stepName": STEP, "resumeAt": LATER, "token": ""}
    while not is_over.is_set():
        name = f"{lot.randrange(10**12):012d}"
        run = session.new_run("pending", run_id=new_run_id())
        session.append(run, lot.choice(["run_started", "run_cancelled"]))
        facts["token"] = f"token {name}"
        for kind in ("step", "hook", "wait"):
            session.append(run_id, f"{kind}_created", f"{kind} {name}", facts=facts)
        old = f"step 5{lot.randrange(20):05d}"
        session.append(run_id, "step_started", old)
        session.append(run_id, "step_retrying", old)


def _walk(session: Session, function: str, told: dict[str, object]) -> list[str]:
    """The cursors of all rows, three at a time."""
    seen: list[str] = []
    while page := session.call(
        function, limit=3, cursor=seen[-1] if seen else None, **told
    ):
        seen += [row["cursor"] for row in page]
    return seen


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_a_walk_meets_each_that_was_there_once(
    db: Session, rival: Open, *, backwards: bool
) -> None:
    run_id = db.new_run()
    facts = {"stepName": STEP, "resumeAt": LATER}
    for number in range(20):
        name = f"5{number:05d}"
        told = {**facts, "token": f"token {name}"}
        for kind in ("step", "hook", "wait"):
            db.append(run_id, f"{kind}_created", f"{kind} {name}", facts=told)
    for _ in range(20):
        db.new_run("pending")
    of_one: dict[str, object] = {"run_id": run_id, "descending": backwards}
    lists: list[tuple[str, dict[str, object]]] = [
        ("list_runs", {"ascending": not backwards}),
        ("list_steps", of_one),
        ("list_hooks", of_one),
        ("list_all_hooks", {"descending": backwards}),
        ("list_waits", of_one),
    ]
    before = {name: set(_walk(db, name, told)) for name, told in lists}
    is_over = Event()
    with ThreadPoolExecutor(3) as threads:
        stirring = [
            threads.submit(_stir, rival().session, run_id, is_over, seed)
            for seed in range(3)
        ]
        try:
            for name, told in lists * 3:
                # Forwards the runs have no end while some are being created.
                is_endless = name == "list_runs" and not backwards
                seen = (
                    [row["cursor"] for row in db.call(name, limit=40, **told)]
                    if is_endless
                    else _walk(db, name, told)
                )
                assert len(seen) == len(set(seen))
                assert before[name] <= set(seen)
        finally:
            is_over.set()
        for one in stirring:
            one.result(PATIENCE)


def test_a_run_of_an_older_moment_is_met_backwards_and_not_twice(
    db: Session, rival: Open
) -> None:
    # Its moment is taken before it is visible: newer runs may be seen before it.
    slow = rival()
    with slow.open():
        late = slow.session.new_run("pending")
        newer = [db.new_run("pending") for _ in range(3)]
        first = db.call("list_runs", limit=2)
        assert [row["run_id"] for row in first] == newer[:0:-1]
    rest = db.call("list_runs", cursor=first[-1]["cursor"])
    assert [row["run_id"] for row in rest] == [newer[0], late]
