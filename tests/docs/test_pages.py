"""What pages refer to is there, and what is generated is current."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from tests.docs.blocks import ROOT
from tools.docs import SQL_API, STATES, pages, stale
from tools.docs_errors import KEYS
from workflow_pg import sdk
from workflow_pg.models import EventType

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
BY_HAND = [page for page in PAGES if page not in {SQL_API, STATES}]


def headings(page: Path) -> set[str]:
    """The anchors of a page, as hosts of Markdown make them."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h).strip().lower().replace(" ", "-") for h in found}


def test_what_is_generated_is_current(conn: psycopg.Connection) -> None:
    assert [path.name for path in stale(pages(conn))] == [], "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith("http"):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), link
        assert not anchor or anchor in headings(path), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    roots = (
        *("sql", "migrations", "workflow_pg", "tests", "tools", "docs", "examples"),
        "bench",
    )
    named = re.findall(rf"`((?:{'|'.join(roots)})/[\w./]*)`", text)
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []


@pytest.mark.parametrize("page", BY_HAND, ids=lambda page: page.name)
def test_functions_are_there(page: Path, conn: psycopg.Connection) -> None:
    """What begins like a function and is none is a name that has changed."""
    code = re.findall(r"`([a-z]+(?:_[a-z]+)+)(?:\(\))?`", page.read_text("utf-8"))
    functions = {path.stem for path in (ROOT / "sql").rglob("*.sql")}
    named = conn.execute(
        "select unnest(array[c.relname, a.attname])::text"
        "  from pg_class as c"
        "  join pg_attribute as a on a.attrelid = c.oid"
        " where c.relnamespace::regnamespace::text like 'workflow_pg%'"
    ).fetchall()
    known = functions | {name for (name,) in named}
    known |= {*EventType, *sdk.__all__, *KEYS}
    verbs = {name.partition("_")[0] for name in functions}
    assert {name for name in code if name.partition("_")[0] in verbs} <= known
