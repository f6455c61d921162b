"""A small set of SQL files for a test to change: our ledger, a table, two more."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from workflow_pg.migrate import Files

_OURS = Path(__file__).parents[2]

FIRST = "0001_schemas_and_ledger.sql"
SECOND = "0002_things.sql"

_THINGS = """\
-- 0002  things
--
-- Adds     table things.
-- Locks    none: every object is new.
-- Safe     any time.
-- Undo     none.

create table workflow_pg.things (
    name  text  primary key
);
"""

_KINDS = """\
create view workflow_pg.thing_kinds (kind) as
values ('small'), ('large');
"""

COUNT = """\
create or replace function workflow_pg.count_things()
returns bigint
language plpgsql stable
as $$
begin
    return (select count(*) from workflow_pg.things as t);
end;
$$;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Directories `migrations` and `sql` below a temporary one."""

    root: Path

    @property
    def files(self) -> Files:
        """What the migrator is pointed at."""
        return Files(migrations=self.root / "migrations", sql=self.root / "sql")

    def write(self, path: str, text: str) -> None:
        """Write a file, such as `sql/40_api/count_things.sql`."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")

    def read(self, path: str) -> str:
        """Read a file."""
        return (self.root / path).read_text(encoding="utf-8")

    def remove(self, path: str) -> None:
        """Remove a file."""
        (self.root / path).unlink()


def small_tree(root: Path) -> Tree:
    """Write the small set."""
    tree = Tree(root=root)
    (root / "migrations").mkdir(parents=True)
    shutil.copy(_OURS / "migrations" / FIRST, root / "migrations")
    tree.write(f"migrations/{SECOND}", _THINGS)
    tree.write("sql/10_machine/thing_kinds.sql", _KINDS)
    tree.write("sql/40_api/count_things.sql", COUNT)
    return tree
