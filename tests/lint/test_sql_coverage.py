"""The coverage of SQL says what did not run; each explanation has to be needed."""

from __future__ import annotations

import pytest

from tools.sql_coverage import ROOT, Body, Profile, Statement, find_bodies, findings

pytestmark = pytest.mark.one_major

PATH = "sql/20_private/clock.sql"
LINES = (ROOT / PATH).read_text().splitlines()
RETURN = next(n for n, text in enumerate(LINES, 1) if "return date_trunc" in text)
TEXT = LINES[RETURN - 1].strip()


def profile(count: int) -> Profile:
    """What is known of the clock after its return has run so often."""
    counts = {Statement(PATH, RETURN - 1, 0): 1, Statement(PATH, RETURN, 1): count}
    filled = Profile({"": Body(PATH, 1)})
    filled.counts.update(counts)
    return filled


def test_every_function_has_its_body_and_its_line() -> None:
    found = find_bodies()
    names = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("sql/[2-68]*/*")
        if "language sql" not in path.read_text()
    }
    assert {body.path for body in found.values()} == names
    for source, body in found.items():
        lines = (ROOT / body.path).read_text().splitlines()
        assert lines[body.line - 1] == "as $$"
        assert lines[body.line] == source.splitlines()[1]


def test_what_ran_is_no_finding() -> None:
    assert list(findings(profile(3), {})) == []


def test_what_did_not_run_is_found() -> None:
    assert list(findings(profile(0), {})) == [f"{PATH}:{RETURN}: not run: {TEXT}"]


def test_what_is_explained_is_no_finding() -> None:
    assert list(findings(profile(0), {(PATH, TEXT): "a reason"})) == []


def test_an_explanation_of_what_runs_is_found() -> None:
    (found,) = findings(profile(3), {(PATH, TEXT): "a reason"})
    assert found.startswith(f"{PATH}: said to be unreachable")


def test_a_function_that_the_profiler_has_not_seen_is_found() -> None:
    nothing = Profile({"": Body(PATH, 1)})
    assert list(findings(nothing, {})) == [f"{PATH}: the profiler has not seen it"]
