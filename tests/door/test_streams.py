"""The streams of the JSON door."""

from __future__ import annotations

from typing import Any

import pytest

from tests.door.wire import Json, door, new_run, tagged
from tests.support import Session, ulid


def write(
    db: Session, run_id: str | None, name: str, *chunks: bytes, **params: Any
) -> Json:
    """What json_write_stream answers."""
    return door(db, "json_write_stream", run_id, name, _array(chunks), params)


def _array(chunks: tuple[bytes, ...]) -> Any:
    # A tuple would become a row, and an empty list has no type.
    return "{" + ",".join(f'"\\\\x{chunk.hex()}"' for chunk in chunks) + "}"


def test_the_life_of_a_stream(db: Session) -> None:
    run_id = new_run(db)
    info = {"tailIndex": -1, "done": False}
    assert door(db, "json_get_stream_info", run_id, "s") == info
    assert write(db, run_id, "s", b"a", b"") == {
        "firstIndex": 0,
        "count": 2,
        "isClosed": False,
    }
    assert write(db, run_id, "s")["count"] == 0
    assert door(db, "json_list_streams", run_id) == ["s"]
    closed = {"tailIndex": 1, "done": True}
    assert door(db, "json_close_stream", run_id, "s") == closed
    assert door(db, "json_close_stream", run_id, "s") == closed
    assert door(db, "json_get_stream_info", run_id, "s") == closed
    assert write(db, run_id, "s", b"late") == {"count": 0, "isClosed": True}
    assert door(db, "json_read_stream", run_id, "s") == {
        "data": [
            {"index": 0, "data": tagged(b"a")},
            {"index": 1, "data": tagged(b"")},
        ],
        "cursor": None,
        "hasMore": False,
        "done": True,
        "tailIndex": 1,
    }


def test_a_stream_that_only_was_closed_is_not_listed(db: Session) -> None:
    door(db, "json_close_stream", "wrun_x", "s")
    assert door(db, "json_list_streams", "wrun_x") == []


def test_pages_follow_each_other(db: Session) -> None:
    write(db, "wrun_x", "s", *(bytes([n]) for n in range(5)))
    seen: list[int] = []
    params: Json = {"limit": 2}
    while True:
        page = door(db, "json_read_stream", "wrun_x", "s", params)
        seen += [chunk["index"] for chunk in page["data"]]
        if not page["hasMore"]:
            assert page["cursor"] is None
            break
        params = {"limit": 2, "cursor": page["cursor"]}
    assert seen == [0, 1, 2, 3, 4]
    last = door(db, "json_read_stream", "wrun_x", "s", {"startIndex": -1})
    assert [chunk["index"] for chunk in last["data"]] == [4]
    beyond = door(db, "json_read_stream", "wrun_x", "s", {"startIndex": 9})
    assert (beyond["data"], beyond["hasMore"]) == ([], False)


def test_a_numbered_write_is_made_once(db: Session) -> None:
    first = write(db, "wrun_x", "s", b"a", writerId="wrtr_1", chunkSeq=0)
    again = write(db, "wrun_x", "s", b"a", writerId="wrtr_1", chunkSeq=0)
    assert again == first
    with db.refused("WF409"):
        write(db, "wrun_x", "s", b"b", writerId="wrtr_1", chunkSeq=0)


@pytest.mark.parametrize("end", ["_user", "_user_bmFtZQ==", ""])
def test_a_name_of_the_sdk_says_whose_it_is(db: Session, end: str) -> None:
    own = ulid()
    write(db, f"wrun_{own}", f"strm_{own}{end}", b"a")
    info = door(db, "json_get_stream_info", None, f"strm_{own}{end}")
    assert info == {"tailIndex": 0, "done": False}


def test_the_answer_to_a_health_check_is_found_by_its_name(db: Session) -> None:
    write(db, "wrun_invented", "__health_check__c1", b"ok")
    page = door(db, "json_read_stream", None, "__health_check__c1")
    assert [chunk["data"] for chunk in page["data"]] == [tagged(b"ok")]


_MALFORMED: list[tuple[str, list[Any]]] = [
    ("json_get_stream_info", [None, "s"]),
    ("json_close_stream", [None, "s"]),
    ("json_read_stream", ["wrun_x", "s", {"cursor": "x"}]),
    ("json_read_stream", ["wrun_x", "s", {"limit": 1001}]),
    ("json_read_stream", ["wrun_x", "s", []]),
    ("json_write_stream", ["wrun_x", "s", "{a}", {"writerId": "w"}]),
    ("json_write_stream", ["wrun_x", "s", "{a}", {"chunkSeq": 1}]),
]


@pytest.mark.parametrize(
    ("function", "arguments"),
    _MALFORMED,
)
def test_malformed_calls_are_refused(
    db: Session, function: str, arguments: list[Any]
) -> None:
    with db.refused("WF400"):
        door(db, function, *arguments)
