"""Writes what the documentation takes from the catalog of a migrated database.

    python tools/docs.py            writes docs/states.md, docs/sql-api.md, the diagrams
                                    of ARCHITECTURE.md, parts of docs/errors.md
    python tools/docs.py --check    writes nothing; 1 when one of them is not current

It starts an embedded server of its own. Nothing in it knows a status, an event or a
function: all of them, and their descriptions, are read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[1]
ARCHITECTURE = ROOT / "ARCHITECTURE.md"
ERRORS = ROOT / "docs/errors.md"
STATES = ROOT / "docs/states.md"
SQL_API = ROOT / "docs/sql-api.md"


def pages(conn: psycopg.Connection[Any]) -> dict[Path, str]:
    """Every page that is written here, as it should be, by its path."""
    from tools.docs_errors import errors
    from tools.docs_sql_api import sql_api
    from tools.docs_states import read_laws, states, with_diagrams

    # Names with their schema, intervals in one form: the same text from every server.
    conn.execute("select set_config('search_path', 'pg_catalog', false)")
    conn.execute("select set_config('intervalstyle', 'postgres', false)")
    laws = read_laws(conn)
    return {
        ARCHITECTURE: with_diagrams(ARCHITECTURE.read_text(encoding="utf-8"), laws),
        ERRORS: errors(ERRORS.read_text(encoding="utf-8")),
        STATES: states(laws),
        SQL_API: sql_api(conn, laws),
    }


def stale(wanted: Mapping[Path, str]) -> list[Path]:
    """The pages that are missing or say something else."""
    return [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pages, or say which of them are not current."""
    from workflow_pg.embedded import EmbeddedServer
    from workflow_pg.migrate import up

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; 1 when one is not current"
    )
    check: bool = parser.parse_args(argv).check
    with EmbeddedServer() as server:
        up(server.dsn())
        with psycopg.connect(server.dsn()) as conn:
            wanted = pages(conn)
    found = stale(wanted)
    for path in found:
        name = path.relative_to(ROOT)
        if check:
            print(f"{name} is not current: run `make docs`", file=sys.stderr)
        else:
            path.write_text(wanted[path], encoding="utf-8")
            print(f"wrote {name}")
    return 1 if check and found else 0


if __name__ == "__main__":
    # Run as a file, Python looks beside it, and not where `tools` and the package are.
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
