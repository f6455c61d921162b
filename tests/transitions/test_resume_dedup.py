"""A resume with an id is one payload: the six cases of the protocol, and its limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import Row, Session

RESUME: dict[str, Any] = {"resumeId": "r_1", "resumePayloadDigest": "d_1"}


@pytest.fixture
def run_id(db: Session) -> str:
    """A run with two live hooks."""
    run_id = db.new_run()
    for hook_id in ("hook_1", "hook_2"):
        db.append(run_id, "hook_created", hook_id, facts={"token": f"t {hook_id}"})
    return run_id


def resume(
    db: Session,
    run_id: str,
    hook_id: str = "hook_1",
    *,
    payload: bytes = b"x",
    **facts: str | None,
) -> Row:
    """The reply to a resume, of RESUME unless it says otherwise."""
    told = {**RESUME, **facts}
    return db.append(run_id, "hook_received", hook_id, facts=told, payload=payload)


def test_the_first_writer_of_a_resume_commits(db: Session, run_id: str) -> None:
    reply = resume(db, run_id)
    event = db.log(run_id)[-1]
    assert (reply["seq"], reply["event_type"]) == (event["seq"], "hook_received")
    assert (event["facts"], event["payload"]) == ({"resumeId": "r_1"}, b"x")


def test_a_later_writer_of_the_same_resume_gets_the_committed_event(
    db: Session, run_id: str
) -> None:
    first = resume(db, run_id)
    db.append(run_id, "wait_created", "wait_1", facts={"resumeAt": "2999-01-01T00:00Z"})
    with db.nothing_written():
        # Encrypted anew its bytes are others: the digest says that it is the same.
        assert resume(db, run_id, payload=b"y") == first


@pytest.mark.parametrize(
    ("event", "hook_id"),
    [
        ("hook_disposed", "hook_1"),
        ("run_completed", None),
        ("run_failed", None),
        ("run_cancelled", None),
    ],
)
def test_a_later_writer_gets_the_committed_event_also_when_the_hook_is_gone(
    db: Session, run_id: str, event: str, hook_id: str | None
) -> None:
    first = resume(db, run_id)
    end = db.append(run_id, event, hook_id)
    with db.nothing_written():
        assert resume(db, run_id) == {**first, "run_status": end["run_status"]}
    with db.refused("WF404", entity="hook", id="hook_1"):
        resume(db, run_id, resumeId="r_2")


def test_a_resume_id_with_another_digest_is_refused(db: Session, run_id: str) -> None:
    resume(db, run_id)
    with db.refused("WF409", entity="dedup_key", id="resume:r_1", run_id=run_id):
        resume(db, run_id, resumePayloadDigest="d_2")


def test_a_resume_id_with_another_hook_is_refused(db: Session, run_id: str) -> None:
    resume(db, run_id)
    with db.refused("WF409", entity="dedup_key", id="resume:r_1", run_id=run_id):
        resume(db, run_id, "hook_2")


def test_other_resume_ids_and_resumes_without_id_are_events_of_their_own(
    db: Session, run_id: str
) -> None:
    seqs = [
        resume(db, run_id, resumeId=resume_id, resumePayloadDigest=digest)["seq"]
        for resume_id, digest in [("r_1", "d"), ("r_2", "d"), (None, None)] * 2
    ]
    assert [seq - seqs[0] for seq in seqs] == [0, 1, 2, 0, 1, 3]
    listed = db.call("list_events", run_id=run_id, after=seqs[0] - 1)
    facts = [event["facts"] for event in listed]
    assert facts == [{"resumeId": "r_1"}, {"resumeId": "r_2"}, None, None]


def test_without_a_digest_the_payload_itself_is_compared(
    db: Session, run_id: str
) -> None:
    resume(db, run_id, resumePayloadDigest=None)
    with db.nothing_written():
        resume(db, run_id, resumePayloadDigest=None)
    with db.refused("WF409", entity="dedup_key"):
        resume(db, run_id, resumePayloadDigest=None, payload=b"y")


def test_a_resume_id_is_one_runs_own(db: Session, run_id: str) -> None:
    other = db.new_run()
    db.append(other, "hook_created", "hook_1", facts={"token": "t"})
    assert resume(db, run_id)["run_id"] == run_id
    assert resume(db, other)["run_id"] == other


def test_a_resume_is_forgotten_an_hour_after_the_end(db: Session, run_id: str) -> None:
    resume(db, run_id)
    db.append(run_id, "run_completed")
    db.set_clock(timedelta(minutes=61))
    db.call("maintain")
    with db.refused("WF404", entity="hook"):
        resume(db, run_id)


@pytest.mark.parametrize(
    ("facts", "dedup_key", "argument"),
    [
        ({"resumeId": ""}, None, "resume id"),
        ({"resumeId": "x" * 241}, None, "resume id"),
        ({"resumeId": None}, None, "resume id"),
        ({"resumePayloadDigest": ""}, None, "payload digest"),
        ({"resumePayloadDigest": "x" * 256}, None, "payload digest"),
        ({}, "key", "dedup key"),
    ],
)
def test_a_malformed_resume_is_refused(
    db: Session,
    run_id: str,
    facts: dict[str, str | None],
    dedup_key: str | None,
    argument: str,
) -> None:
    told = {**RESUME, **facts}
    with db.refused("WF400", argument=argument):
        db.append(run_id, "hook_received", "hook_1", facts=told, dedup_key=dedup_key)
