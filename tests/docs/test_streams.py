"""docs/streams.md: its programs run as they stand there, its promises name tests."""

from __future__ import annotations

import re

import psycopg

from tests.docs.apps import App
from tests.docs.blocks import ROOT, fenced

PAGE = ROOT / "docs/streams.md"


def test_the_programs_do_what_they_say(app: App, conn: psycopg.Connection) -> None:
    story, reader = fenced(PAGE, "python")
    app.write({"story.py": story, "reader.py": reader})
    with app.worker("story:wf"):
        assert app.run("reader.py").split() == ["once", "upon", "a", "time"]
    (statement,) = fenced(PAGE, "sql")
    (found,) = conn.execute("select run_id, name from workflow_pg.streams").fetchall()
    for name, value in zip(("run_id", "stream"), found, strict=True):
        statement = statement.replace(f":'{name}'", f"'{value}'")
    rows = conn.execute(statement.encode()).fetchall()
    assert [index for index, _ in rows] == [0, 1, 2, 3]
    assert rows[0][1].endswith('devl["once"]')


def test_every_promise_names_a_test_that_exists() -> None:
    text = PAGE.read_text(encoding="utf-8")
    promised = text.partition("## Promised")[2].partition("## Not promised")[0]
    promises = re.split(r"\n\n(?=\*\*)", promised.strip())
    assert len(promises) == 6
    for promise in promises:
        (test,) = re.findall(r"Shown by: `(tests/\S+)`", promise)
        assert (ROOT / test).exists()


def test_the_limits_are_those_of_the_functions() -> None:
    text = PAGE.read_text(encoding="utf-8")
    sql = "".join(p.read_text() for p in (ROOT / "sql/45_streams").glob("*.sql"))
    for shown, written in (
        ("16 MiB", "c_chunk_limit constant integer := 16777216"),
        ("64 MiB", "c_write_limit constant integer := 67108864"),
        ("together 64", "cardinality(p_chunks) > 1000"),
        ("1 MiB", "c_page_bytes constant integer := 1048576"),
        ("1024 bytes", "'stream name', p_name, 1024"),
        ("255 bytes", "'run id', p_run_id, 255"),
        ("an hour old", "interval '1 hour'"),
    ):
        assert shown in text
        assert written in sql
