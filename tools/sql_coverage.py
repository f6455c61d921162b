"""Says which statements of the functions in sql/ no test runs.

Debian's PostgreSQL 15 counts every statement that begins, with the profiler of
plpgsql_check, in memory that all sessions share. A call that ends in a refusal or is
cancelled has been counted; one whose backend is terminated meanwhile has not. Each
database of the tests is read just before it is dropped, and what was read is added up
by file and statement. A function that a test has replaced is not one of sql/ and not
counted.

Tests that draw by lot what they do are left out: what only they reach is reached by
luck. An anonymous block has no profile, so sql/90_grants.sql is not measured.

python -m tools.sql_coverage [ARGUMENTS OF PYTEST]
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests.servers import NoServerError, choose_binaries
from tools.test_majors import IGNORED
from workflow_pg.embedded import EmbeddedServer

ROOT = Path(__file__).parents[1]
MAJOR = 15
SELECTION = (
    *("tests/machine", "tests/transitions", "tests/streams", "tests/queue"),
    "tests/batches",
    *("tests/operations", "tests/door"),
    "tests/concurrency",
    "tests/importing",
    "tests/world",
    "--ignore=tests/concurrency/test_crowd.py",
    "--ignore=tests/concurrency/test_programs.py",
    "--ignore=tests/importing/test_real.py",
    "--ignore=tests/door/test_like_the_verbs.py",
)
SETTINGS = {
    "shared_preload_libraries": "plpgsql,plpgsql_check",
    "plpgsql_check.profiler": "on",
    "max_connections": "200",
}
# The fixtures that make a database, or a session with one, and drop it.
DATABASES = ("dsn", "empty_dsn", "second_empty_dsn", "shared_session")
# What no test can reach, by file and text of the line, and why it stays.
UNREACHABLE: dict[tuple[str, str], str] = {}

PROFILE = """
    select p.prosrc, s.stmtid, s.lineno, s.exec_stmts
      from pg_catalog.pg_proc as p
      join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
      join pg_catalog.pg_language as l on l.oid = p.prolang
     cross join lateral profiler.plpgsql_profiler_function_statements_tb(p.oid) as s
     where n.nspname in ('workflow_pg', 'workflow_pg_private')
       and l.lanname = 'plpgsql'
"""
# The memory is no greater for many databases than for one: what was read makes room.
RESET = """
    select profiler.plpgsql_profiler_reset(a.funcoid)
      from profiler.plpgsql_profiler_functions_all() as a
"""


@dataclass(frozen=True, slots=True)
class Body:
    """Where the body of a function begins: a file, and the line of its `$$`."""

    path: str
    line: int


@dataclass(frozen=True, slots=True, order=True)
class Statement:
    """A statement of a function: its place in the file, its number in the body."""

    path: str
    line: int
    number: int


# eq=False: pytest keeps its plugins in sets.
@dataclass(slots=True, eq=False)
class Profile:
    """A plugin of pytest that reads each database before it is dropped."""

    bodies: Mapping[str, Body]
    counts: Counter[Statement] = field(default_factory=Counter[Statement])

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object]
    ) -> Generator[None, object, object]:
        """Have a database read when its fixture ends: what is added last runs first."""
        value = yield
        if fixturedef.argname in DATABASES:
            dsn = str(getattr(value, "dsn", value))
            fixturedef.addfinalizer(lambda: self.read(dsn))
        return value

    def read(self, dsn: str) -> None:
        """Add the counts of a database."""
        with psycopg.connect(dsn) as connection:
            connection.execute("create schema profiler")
            connection.execute("create extension plpgsql_check schema profiler")
            for source, number, line, count in connection.execute(PROFILE):
                body = self.bodies.get(source)
                # The language ends a body with a return of its own, which has no line.
                if body is not None and line > 0:
                    statement = Statement(body.path, body.line + line - 1, number)
                    self.counts[statement] += count
            connection.execute(RESET)


def find_bodies() -> dict[str, Body]:
    """The bodies of all functions of sql/, by their text.

    Not of those in SQL: each is one statement, and a part of the query that calls it.
    """
    found: dict[str, Body] = {}
    for path in sorted(ROOT.glob("sql/*/*.sql")):
        head, opening, rest = path.read_text().partition("\nas $$")
        if opening and "language plpgsql" in head:
            name = path.relative_to(ROOT).as_posix()
            found[rest.partition("$$")[0]] = Body(name, head.count("\n") + 2)
    return found


def findings(
    profile: Profile, unreachable: Mapping[tuple[str, str], str]
) -> Iterator[str]:
    """What did not run and is not explained, and what is explained and need not be."""
    seen = {statement.path for statement in profile.counts}
    for path in sorted({body.path for body in profile.bodies.values()} - seen):
        yield f"{path}: the profiler has not seen it"
    explained = set(unreachable)
    for statement, count in sorted(profile.counts.items()):
        lines = (ROOT / statement.path).read_text().splitlines()
        text = lines[statement.line - 1].strip()
        if count == 0 and (statement.path, text) not in unreachable:
            yield f"{statement.path}:{statement.line}: not run: {text}"
        elif count == 0:
            explained.discard((statement.path, text))
    for path, text in sorted(explained):
        yield f"{path}: said to be unreachable, but it runs or is gone: {text}"


def main() -> int:
    """Run the tests and print what they did not run; 1 when there is anything."""
    for name in IGNORED:
        os.environ.pop(name, None)
    try:
        binaries = choose_binaries(MAJOR)
    except NoServerError as error:
        print(error)
        return 1
    if not (binaries.bindir.parent / "lib/plpgsql_check.so").exists():
        print("absent: plpgsql_check, Debian's postgresql-15-plpgsql-check")
        return 1
    profile = Profile(find_bodies())
    with EmbeddedServer(binaries=binaries, settings=SETTINGS) as server:
        os.environ["WORKFLOW_PG_TEST_DSN"] = server.dsn()
        # The package, which has a plugin, is imported by this tool already.
        known = "ignore::pytest.PytestAssertRewriteWarning"
        options = ["-q", f"--rootdir={ROOT}", "-W", known]
        arguments = [*options, *(sys.argv[1:] or SELECTION)]
        status = pytest.main(arguments, plugins=[profile])
    if status != pytest.ExitCode.OK:
        return int(status)
    found = list(findings(profile, UNREACHABLE))
    print("", *found, sep="\n")
    total = len(profile.counts)
    ran = sum(count > 0 for count in profile.counts.values())
    print(f"{ran} of {total} statements run: {ran / max(total, 1):.2%}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
