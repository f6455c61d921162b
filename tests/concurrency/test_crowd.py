"""Eight sessions do whatever comes to their mind to a few runs, all at once.

Legal or not, nothing may deadlock or break in an unforeseen way, and what is left must
be sound: dense logs, one end at most, tables that are the fold of the log, and no run
that is forgotten.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg

from tests.concurrency.fold import assert_sound
from tests.support import EVENTS, LATER, STEP, WORKFLOW, Row, Session, connect

SECONDS = 5.0
SESSIONS = 8
_ENDS = {"run_completed", "run_failed", "run_cancelled"}
_PAST = "2001-01-01T00:00:00Z"


def _new_run(session: Session) -> str:
    run_id = session.new_run()
    # Whoever acknowledges a replay without doing anything does not strand the run.
    session.append(run_id, "wait_created", "wait_kept", facts={"resumeAt": LATER})
    return run_id


@dataclass(slots=True)
class Actor:
    """One session and its moods. Acts as a worker may: it drops no step undone."""

    session: Session
    dice: random.Random
    runs: list[str]
    held: list[Row] = field(default_factory=list[Row])
    answers: Counter[str] = field(default_factory=Counter[str])

    def act_until(self, deadline: float) -> None:
        """Act at random; count what comes of it."""
        acts = [self.append] * 12 + [self.deliver] * 5 + [self.claim] * 2
        acts += [self.send, self.renew, self.maintain]
        while time.monotonic() < deadline:
            act = self.dice.choice(acts)
            try:
                act()
            except psycopg.Error as error:
                code = error.sqlstate or type(error).__name__
                if not code.startswith("WF") and code != "40001":
                    raise
                self.answers[code] += 1
            else:
                self.answers[act.__name__] += 1

    def append(self) -> None:
        """Append any event to any run, seldom one that ends it."""
        slot = self.dice.randrange(len(self.runs))
        if self.dice.random() < 0.01:
            self.runs[slot] = _new_run(self.session)
        event = self.dice.choice(EVENTS)
        if event in _ENDS and self.dice.random() < 0.9:
            return
        held = self.held[-1] if self.held and self.dice.random() < 0.5 else None
        run_id = held["run_id"] if held else self.runs[slot]
        kind = event.partition("_")[0]
        by_nobody = self.dice.choice([{"run"}, {"run", "attr"}])
        told: dict[str, Any] = {}
        if self.dice.random() < 0.3:
            told["dedup_key"] = f"key_{self.dice.randrange(20)}"
        self.session.append(
            run_id,
            event,
            None if kind in by_nobody else f"{kind}_{self.dice.randrange(6)}",
            facts={
                "workflowName": WORKFLOW,
                "deploymentId": "default",
                "stepName": STEP,
                "token": f"token_{self.dice.randrange(4)}",
                "resumeAt": self.dice.choice([LATER, _PAST]),
                "retryAfter": _PAST,
                "changes": [self.change()],
                "writer": {"type": "api" if "attr" in by_nobody else "workflow"},
            },
            payload=b"payload",
            lease_token=held and held["lease_token"],
            **told,
        )

    def change(self) -> dict[str, Any]:
        """Set or delete one of more attributes than a run may have."""
        key = f"key_{self.dice.randrange(80)}"
        return {"key": key, "value": self.dice.choice(["a", "b", "c", None])}

    def claim(self) -> None:
        """Claim some messages, as another worker each time."""
        limit = self.dice.randint(1, 5)
        lease = timedelta(seconds=1)
        self.held += self.session.claim(
            f"worker_{id(self)}", limit=limit, lease=lease, max_deliveries=1000
        )

    def deliver(self) -> None:
        """Be done with a delivery in any of the ways there are."""
        if not self.held:
            return
        message = self.held.pop(self.dice.randrange(len(self.held)))
        ways: list[Callable[[Row], None]] = [self.ack] * 6
        ways += [self.back, self.nack, self.reschedule]
        if self.dice.random() < 0.05:
            ways = [self.bury]
        self.dice.choice(ways)(message)

    def ack(self, message: Row) -> None:
        """Acknowledge a replay, or a step that is over; else give it back."""
        if message["kind"] == "step" and not self._is_over(message):
            self.reschedule(message)
        else:
            self.session.call("ack_message", **_lease(message))

    def _is_over(self, message: Row) -> bool:
        return self.session.value(
            "select s.completed_at is not null or r.completed_at is not null as is_over"
            "  from workflow_pg.steps as s join workflow_pg.runs as r using (run_id)"
            " where s.run_id = %s and s.step_id = %s",
            message["run_id"],
            message["step_id"],
        )

    def back(self, message: Row) -> None:
        """Give a delivery back unhandled."""
        self.session.call("release_message", **_lease(message))

    def nack(self, message: Row) -> None:
        """Say that a delivery failed."""
        self.session.call("nack_message", **_lease(message), error="no")

    def reschedule(self, message: Row) -> None:
        """Have a message come again soon, with or without a key."""
        key = self.dice.choice([None, "again"])
        delay = timedelta(milliseconds=self.dice.randrange(50))
        self.session.call(
            "reschedule_message", **_lease(message), delay=delay, idempotency_key=key
        )

    def bury(self, message: Row) -> None:
        """Give a message up."""
        self.session.call("bury_message", **_lease(message), error="too often")

    def renew(self) -> None:
        """Renew all leases."""
        self.session.call(
            "renew_leases",
            run_ids=[m["run_id"] for m in self.held],
            message_ids=[m["message_id"] for m in self.held],
            lease_tokens=[m["lease_token"] for m in self.held],
        )

    def send(self) -> None:
        """Send a message as an SDK does."""
        run_id = self.dice.choice(self.runs)
        kind = self.dice.choice(["wake", "wake", "step", "custom"])
        told: dict[str, Any] = {
            "wake": {},
            "step": {"step_id": f"step_{self.dice.randrange(6)}"},
            "custom": {"body": b"x", "idempotency_key": "custom"},
        }[kind]
        self.session.call("send_message", run_id=run_id, kind=kind, **told)

    def maintain(self) -> None:
        """Do the housekeeping, too patient to mend what the others broke."""
        self.session.call("maintain")


def _lease(message: Row) -> dict[str, Any]:
    return {name: message[name] for name in ("run_id", "message_id", "lease_token")}


def test_a_crowd_leaves_every_run_sound(db: Session) -> None:
    seed = random.getrandbits(32)
    runs = [_new_run(db) for _ in range(4)]
    deadline = time.monotonic() + SECONDS

    def take_part(number: int) -> Counter[str]:
        with connect(db.dsn) as session:
            dice = random.Random(seed + number)
            actor = Actor(session, dice, runs)
            actor.act_until(deadline)
            return actor.answers

    with ThreadPoolExecutor(SESSIONS) as threads:
        answers = sum(threads.map(take_part, range(SESSIONS)), Counter[str]())
    assert {"append", "deliver", "claim", "WF404", "WF409", "WF410"} <= answers.keys()
    for run in db.rows("select run_id from workflow_pg.runs"):
        assert_sound(db, run["run_id"])
    strays = db.value(
        "select count(*) from workflow_pg.events as e"
        " where not exists (select from workflow_pg.runs as r"
        "                    where r.run_id = e.run_id)"
    )
    assert strays == 0
