"""The SQLSTATEs of the SQL files, of Python and of the documentation are the same."""

from __future__ import annotations

import re

from tests.catalog.layers import ROOT
from workflow_pg.errors import BY_SQLSTATE

CODE = re.compile(r"\bWF4\d\d\b")


def codes_of_sql() -> set[str]:
    """The codes that the functions raise or that the machine answers."""
    found: set[str] = set()
    for path in sorted((ROOT / "sql").rglob("*.sql")):
        found |= set(re.findall(r"'(WF4\d\d)'", path.read_text()))
    return found


def test_python_has_a_class_for_each_code_of_sql() -> None:
    assert codes_of_sql() == set(BY_SQLSTATE)


def test_a_comment_names_no_other_code() -> None:
    for path in sorted((ROOT / "sql").rglob("*.sql")):
        assert set(CODE.findall(path.read_text())) <= set(BY_SQLSTATE), path.name


def test_the_documentation_explains_each_code() -> None:
    page = (ROOT / "docs" / "errors.md").read_text()
    assert set(CODE.findall(page)) == set(BY_SQLSTATE)
