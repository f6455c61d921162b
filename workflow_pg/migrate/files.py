"""The SQL files of a package: what they are called, what they say, their checksums.

`migrations/NNNN_subject.sql` are applied once and never change. `sql/**/*.sql` are
applied all together whenever one of them changed.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from importlib.resources.abc import Traversable
from pathlib import Path

from workflow_pg.migrate.errors import BrokenFiles

__all__ = [
    "Files",
    "Migration",
    "Package",
    "Repeatable",
    "Stamp",
    "load",
    "packaged",
    "packaged_stamp",
    "tool_version",
]

_MIGRATION_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_HEADER_FIELD = re.compile(r"--\s?(Adds|Changes|Locks|Safe|Undo)\s+(\S.*)")
_NO_TRANSACTION = re.compile(r"--\s*transaction:\s*none\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the SQL files lie: the directory of either kind."""

    migrations: Traversable
    sql: Traversable


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file of `migrations/`."""

    number: int
    name: str
    text: str
    checksum: str
    locks: str
    has_transaction: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeatable:
    """One file of `sql/`, by its path below it."""

    path: str
    text: str
    checksum: str

    @property
    def is_closing(self) -> bool:
        """Whether it looks at every function, so that stale ones must be gone first."""
        return self.path.startswith("9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a database is stamped with when it agrees with a package."""

    migration: int
    sql_checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """All files of a package, in the order in which they are applied."""

    migrations: tuple[Migration, ...]
    repeatables: tuple[Repeatable, ...]

    @property
    def stamp(self) -> Stamp:
        """What a database that agrees with this package is stamped with."""
        lines = (f"{r.checksum}  {r.path}\n" for r in self.repeatables)
        return Stamp(
            migration=self.migrations[-1].number,
            sql_checksum=_checksum("".join(lines)),
        )


def packaged() -> Files:
    """Say where this installation keeps its SQL files: in the wheel or the checkout."""
    package = resources.files("workflow_pg")
    if package.joinpath("_migrations").is_dir():
        return Files(
            migrations=package.joinpath("_migrations"), sql=package.joinpath("_sql")
        )
    checkout = Path(__file__).resolve().parents[2]
    return Files(migrations=checkout / "migrations", sql=checkout / "sql")


def packaged_stamp() -> Stamp:
    """Say which stamp a database must bear to agree with this package."""
    return load(packaged()).stamp


def tool_version() -> str:
    """Say which version of workflow-pg this is."""
    try:
        return version("workflow-pg")
    except PackageNotFoundError:
        return "0+checkout"


def load(files: Files) -> Package:
    """Read all files and check that they make a set.

    Raises:
        BrokenFiles: a directory or a name is not as it has to be.
    """
    for directory in (files.migrations, files.sql):
        if not directory.is_dir():
            raise BrokenFiles(f"There is no directory {directory} of SQL files.")
    entries = {e.name: e for e in files.migrations.iterdir() if _is_sql(e)}
    migrations = tuple(_migration(n, _read(e)) for n, e in sorted(entries.items()))
    if not migrations:
        raise BrokenFiles(f"Directory {files.migrations} holds no migration.")
    for before, after in itertools.pairwise(migrations):
        if before.number == after.number:
            raise BrokenFiles(
                f"Migrations {before.name} and {after.name} have the same number:"
                " give one of them the next free one."
            )
    found = sorted(_walk(files.sql, ()), key=lambda item: item[0])
    repeatables = tuple(_repeatable("/".join(p), _read(e)) for p, e in found)
    return Package(migrations=migrations, repeatables=repeatables)


def _is_sql(entry: Traversable) -> bool:
    return entry.name.endswith(".sql") and entry.is_file()


def _walk(
    directory: Traversable, above: tuple[str, ...]
) -> list[tuple[tuple[str, ...], Traversable]]:
    found: list[tuple[tuple[str, ...], Traversable]] = []
    for entry in directory.iterdir():
        path = (*above, entry.name)
        if entry.is_dir():
            found += _walk(entry, path)
        elif _is_sql(entry):
            found.append((path, entry))
    return found


def _read(entry: Traversable) -> str:
    # A checkout with CRLF line ends must not look like an edited file.
    return entry.read_bytes().decode("utf-8").replace("\r\n", "\n")


def _checksum(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _migration(name: str, text: str) -> Migration:
    named = _MIGRATION_NAME.fullmatch(name)
    if named is None:
        raise BrokenFiles(
            f"Migration {name} is not called NNNN_subject.sql"
            " (four digits, then lower case letters, digits and underscores)."
        )
    header = _header(text)
    return Migration(
        number=int(named[1]),
        name=name,
        text=text,
        checksum=_checksum(text),
        locks=_field(header, "Locks"),
        has_transaction=not any(_NO_TRANSACTION.fullmatch(line) for line in header),
    )


def _repeatable(path: str, text: str) -> Repeatable:
    return Repeatable(path=path, text=text, checksum=_checksum(text))


def _header(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line)
    return lines


def _field(header: list[str], name: str) -> str:
    words: list[str] = []
    current = None
    for line in header:
        field = _HEADER_FIELD.fullmatch(line)
        if field is not None:
            current = field[1]
            line = field[2]
        elif not line.startswith("--    "):
            current = None
        if current == name:
            words.append(line.removeprefix("--").strip())
    return " ".join(words)
