"""A delivery belongs to the token it was claimed under, and to no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import LATER, Row, Session

_OTHER = "00000000-0000-4000-8000-000000000000"
_ENDINGS: dict[str, dict[str, Any]] = {
    "ack_message": {},
    "nack_message": {"error": "why"},
    "release_message": {},
    "reschedule_message": {"delay": timedelta(0)},
    "bury_message": {"error": "why"},
}


def _claimed(db: Session) -> tuple[str, Row]:
    run_id = db.new_run()
    (delivery,) = db.claim()
    names = ("run_id", "message_id", "lease_token")
    return run_id, {name: delivery[name] for name in names}


def _renew(db: Session, *leases: Row, **options: object) -> set[str]:
    arrays = {
        f"{name}s": [lease[name] for lease in leases]
        for name in ("run_id", "message_id", "lease_token")
    }
    return {row["renew_leases"] for row in db.call("renew_leases", **arrays, **options)}


def test_a_lease_that_is_renewed_is_not_taken(db: Session) -> None:
    run_id, lease = _claimed(db)
    for seconds in (10, 20, 30):
        db.set_clock(timedelta(seconds=seconds))
        assert _renew(db, lease) == {lease["message_id"]}
        assert db.claim("another") == []
    db.set_clock(timedelta(seconds=46))
    (taken,) = db.claim("another")
    assert (taken["message_id"], taken["attempt"]) == (lease["message_id"], 2)
    assert db.messages(run_id)[0]["worker_id"] == "another"


def test_a_delivery_of_ten_minutes_is_delivered_once(db: Session) -> None:
    run_id, lease = _claimed(db)
    for seconds in range(5, 600, 5):
        db.set_clock(timedelta(seconds=seconds))
        assert _renew(db, lease) == {lease["message_id"]}
        if seconds % 60 == 0:
            assert db.claim("another") == []
            db.call("maintain")
    assert db.messages(run_id)[0]["attempt"] == 1
    db.call("ack_message", **lease)
    db.append(run_id, "run_completed")
    assert db.claim("another") == []


def test_a_lease_that_ended_is_renewed_if_nobody_took_it(db: Session) -> None:
    _, lease = _claimed(db)
    db.set_clock(timedelta(hours=1))
    assert _renew(db, lease) == {lease["message_id"]}
    assert db.claim("another") == []


def test_a_lease_that_was_taken_is_not_renewed(db: Session) -> None:
    _, lost = _claimed(db)
    _, kept = _claimed(db)
    db.set_clock(timedelta(seconds=16))
    (taken,) = db.claim("another", limit=1)
    assert taken["message_id"] == lost["message_id"]
    with db.nothing_written():
        assert _renew(db, lost) == set()
    assert _renew(db, lost, kept) == {kept["message_id"]}


def test_a_lease_lasts_as_long_as_was_asked(db: Session) -> None:
    _, lease = _claimed(db)
    now = db.now()
    db.set_clock(now)
    _renew(db, lease, lease=timedelta(minutes=2))
    (message,) = db.messages(lease["run_id"])
    assert message["lease_until"] == now + timedelta(minutes=2)


@pytest.mark.parametrize("lease", [None, timedelta(0), timedelta(hours=2)])
def test_a_malformed_lease_is_refused(db: Session, lease: timedelta | None) -> None:
    _, held = _claimed(db)
    with db.refused("WF400", argument="lease"):
        _renew(db, held, lease=lease)


@pytest.mark.parametrize("function", _ENDINGS)
def test_the_token_of_another_ends_nothing(db: Session, function: str) -> None:
    _, lease = _claimed(db)
    for token in (_OTHER, None):
        told = {**lease, **_ENDINGS[function], "lease_token": token}
        with db.refused(
            "WF409", entity="message", id=lease["message_id"], status="leased"
        ):
            db.call(function, **told)


@pytest.mark.parametrize("function", _ENDINGS)
def test_a_token_that_was_lost_ends_nothing(db: Session, function: str) -> None:
    _, lease = _claimed(db)
    db.set_clock(timedelta(seconds=16))
    assert len(db.claim("another")) == 1
    with db.refused("WF409", entity="message", status="leased"):
        db.call(function, **lease, **_ENDINGS[function])


@pytest.mark.parametrize("function", _ENDINGS)
def test_a_message_that_was_given_back_is_nobodys(db: Session, function: str) -> None:
    _, lease = _claimed(db)
    db.call("release_message", **lease)
    with db.refused("WF409", entity="message", status="pending"):
        db.call(function, **lease, **_ENDINGS[function])


@pytest.mark.parametrize("function", _ENDINGS)
def test_a_buried_message_is_nobodys(db: Session, function: str) -> None:
    _, lease = _claimed(db)
    db.call("bury_message", error="why", **lease)
    with db.refused("WF409", entity="message", status="buried"):
        db.call(function, **lease, **_ENDINGS[function])


@pytest.mark.parametrize("function", [f for f in _ENDINGS if f != "ack_message"])
@pytest.mark.parametrize("token", [_OTHER, None])
def test_a_message_that_is_gone_is_nobodys(
    db: Session, function: str, token: str | None
) -> None:
    run_id = db.new_run()
    told = {"run_id": run_id, "message_id": "msg_1", "lease_token": token}
    with db.refused("WF409", entity="message", status="gone"):
        db.call(function, **told, **_ENDINGS[function])


def test_a_message_that_is_gone_is_acknowledged(db: Session) -> None:
    _, lease = _claimed(db)
    db.append(lease["run_id"], "run_completed")
    db.call("ack_message", **lease)
    with db.nothing_written():
        db.call("ack_message", **lease)


@pytest.mark.parametrize("function", _ENDINGS)
def test_a_lease_that_ended_but_was_not_taken_still_ends_its_delivery(
    db: Session, function: str
) -> None:
    _, lease = _claimed(db)
    db.append(
        lease["run_id"],
        "wait_created",
        "w",
        facts={"resumeAt": LATER},
        wake=False,
    )
    db.set_clock(timedelta(hours=1))
    db.call(function, **lease, **_ENDINGS[function])
