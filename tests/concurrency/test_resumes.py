"""Writers of one resume at the same time, and a resume against what ends its hook."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.concurrency.fold import assert_sound
from tests.concurrency.sessions import Rival, outcome
from tests.support import Row, Session

Open = Callable[[], Rival]

ENDS = [
    ("hook_disposed", "hook_1"),
    ("run_completed", None),
    ("run_failed", None),
    ("run_cancelled", None),
]


@pytest.fixture
def run_id(db: Session) -> str:
    """A run with a live hook."""
    run_id = db.new_run()
    db.append(run_id, "hook_created", "hook_1", facts={"token": "t"})
    return run_id


def resume(session: Session, run_id: str, digest: str = "d") -> Row:
    """One of the writers of resume r_1."""
    facts = {"resumeId": "r_1", "resumePayloadDigest": digest}
    return session.append(run_id, "hook_received", "hook_1", facts=facts, payload=b"x")


def test_of_two_resumes_with_one_id_the_second_gets_the_event_of_the_first(
    db: Session, rival: Open, run_id: str
) -> None:
    first, second = rival(), rival()
    with first.open():
        reply = resume(first.session, run_id)
        call = second.blocked(lambda s: resume(s, run_id))
    assert call.result() == reply
    assert db.types(run_id).count("hook_received") == 1


def test_of_two_resumes_with_one_id_and_two_payloads_the_second_is_refused(
    db: Session, rival: Open, run_id: str
) -> None:
    first, second = rival(), rival()
    with first.open():
        resume(first.session, run_id)
        call = second.blocked(lambda s: resume(s, run_id, "other"))
    assert outcome(call) == "WF409"
    assert db.types(run_id).count("hook_received") == 1


def test_a_resume_whose_first_writer_is_undone_is_written_by_the_second(
    db: Session, rival: Open, run_id: str
) -> None:
    first, second = rival(), rival()
    first.session.do("begin")
    resume(first.session, run_id)
    call = second.blocked(lambda s: resume(s, run_id))
    first.session.do("rollback")
    assert outcome(call) == "hook_received"
    assert db.types(run_id).count("hook_received") == 1


@pytest.mark.parametrize(("end", "hook_id"), ENDS)
def test_a_resume_that_waits_for_the_end_of_its_hook_finds_it_gone(
    db: Session, rival: Open, run_id: str, end: str, hook_id: str | None
) -> None:
    first, second = rival(), rival()
    with first.open():
        first.session.append(run_id, end, hook_id)
        call = second.blocked(lambda s: resume(s, run_id))
    assert outcome(call) == "WF404"
    assert_sound(db, run_id)


@pytest.mark.parametrize(("end", "hook_id"), ENDS)
def test_a_resume_that_is_written_before_the_end_converges_after_it(
    db: Session, rival: Open, run_id: str, end: str, hook_id: str | None
) -> None:
    first, ending, second = rival(), rival(), rival()
    with first.open():
        reply = resume(first.session, run_id)
        end_call = ending.blocked(lambda s: s.append(run_id, end, hook_id))
        call = second.blocked(lambda s: resume(s, run_id))
    assert outcome(end_call) == end
    assert call.result()["seq"] == reply["seq"]
    assert_sound(db, run_id)


def test_many_writers_of_many_resumes_leave_one_event_for_each(
    db: Session, rival: Open, run_id: str
) -> None:
    rivals = [rival() for _ in range(4)]

    def act(session: Session) -> list[int]:
        return [
            session.append(
                run_id, "hook_received", "hook_1", facts={"resumeId": f"r_{number}"}
            )["seq"]
            for number in range(25)
        ]

    calls = [other.begin(act) for other in rivals]
    seqs = [call.result() for call in calls]
    assert seqs.count(seqs[0]) == len(rivals)
    assert db.types(run_id).count("hook_received") == 25
    assert_sound(db, run_id)
