"""Runs the test suite on each PostgreSQL and each Python that this machine has.

PostgreSQL 18 and 16 come with the extra `embedded`, 15 with Debian; other Pythons from
PATH and from pyenv, on the server that `make test` chooses. What was absent is printed.
Tests marked `one_major` are left out: `make test` has run them. On another Python
those of the Python code run: to the rest, which is SQL, the client makes no difference.
What is about commands, pages and what is around the SDK runs on the one server of
`make test`, for the same reason, and of the Pythons on the newest.

python -m tools.test_majors
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.servers import NoServerError, choose_binaries

ROOT = Path(__file__).parents[1]
MAJORS = (18, 16, 15)
PYTHONS = ((3, 11), (3, 12), (3, 13), (3, 14))
# The tests wait more than they work: two suites at once, each in two processes with
# servers of their own.
SELECTION = ("-q", "-m", "not one_major", "-n", "2", "--dist", "loadfile")
AT_ONCE = 2
OF_PYTHON = ("tests/sdk", "tests/world", "tests/unit")
OF_NEWEST = ("tests/cli", "tests/embedded", "tests/testing")
OF_ONE_SERVER = (
    *("tests/cli", "tests/embedded", "tests/testing", "tests/typescript", "tests/docs"),
    *("tests/scenarios", "tests/sdk/readme", "tests/bench", "tests/chaos"),
    "tests/lint",
)
# Each names one server, and this is about several.
IGNORED = ("WORKFLOW_PG_BINDIR", "WORKFLOW_PG_TEST_DSN", "WORKFLOW_PG_TEST_MAJOR")


def main() -> int:
    """Run everything that is there; 0 when all of it passed."""
    for name in IGNORED:
        os.environ.pop(name, None)
    summary: list[str] = []
    under_way: dict[Future[tuple[int, str]], str] = {}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for name, python, settings, absence, chosen in runs():
            if python is None:
                summary.append(f"{name}: absent, {absence}")
            else:
                suite = threads.submit(run_suite, python, settings, chosen)
                under_way[suite] = name
        for done in as_completed(under_way):
            status, output = done.result()
            print(f"\n== {under_way[done]}\n{output}", flush=True)
            said = "passed" if status == 0 else "FAILED"
            summary.append(f"{under_way[done]}: {said}")
    print("", *sorted(summary), sep="\n")
    return 1 if any(": FAILED" in line for line in summary) else 0


Suite = tuple[str, Path | None, dict[str, str], str, tuple[str, ...]]


def runs() -> Iterator[Suite]:
    """Each run: name, interpreter or None, environment, why there is none, tests."""
    own = sys.version_info[:2]
    chosen = tuple(f"--ignore={path}" for path in OF_ONE_SERVER)
    for major in MAJORS:
        name = f"PostgreSQL {major}, Python {own[0]}.{own[1]}"
        try:
            choose_binaries(major)
        except NoServerError as error:
            yield name, None, {}, str(error), ()
        else:
            settings = {"WORKFLOW_PG_TEST_MAJOR": str(major)}
            yield name, Path(sys.executable), settings, "", chosen
    chosen = (*OF_PYTHON, *OF_NEWEST)
    for version in sorted(set(PYTHONS) - {own}, reverse=True):
        name = f"Python {version[0]}.{version[1]}"
        python = find_python(version)
        inside = make_environment(python, version) if python else None
        reason = "it makes no environment" if python else "no interpreter"
        yield name, inside, {}, reason, chosen
        if inside is not None:
            chosen = OF_PYTHON


def run_suite(
    python: Path, settings: dict[str, str], chosen: tuple[str, ...]
) -> tuple[int, str]:
    """Run the suite; return its exit status and what it printed."""
    command = [str(python), "-m", "pytest", *SELECTION, *chosen]
    environment = {**os.environ, **settings}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def find_python(version: tuple[int, int]) -> Path | None:
    """An interpreter of this version, from PATH or from pyenv."""
    name = f"python{version[0]}.{version[1]}"
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += pyenv.glob(f"versions/{version[0]}.{version[1]}.*/bin")
    for folder in folders:
        # A shim of pyenv stands there for versions that are not installed, too.
        if "shims" not in folder.parts and (folder / name).is_file():
            return folder / name
    return None


def make_environment(python: Path, version: tuple[int, int]) -> Path | None:
    """The interpreter of an environment with everything installed."""
    folder = ROOT / f".venv-{version[0]}.{version[1]}"
    inside = folder / "bin/python"
    ready = folder / "ready"
    wanted = (ROOT / "pyproject.toml").stat().st_mtime
    if ready.exists() and ready.stat().st_mtime > wanted:
        return inside
    install = ["-m", "pip", "install", "-q", "--disable-pip-version-check"]
    for command in (
        [str(python), "-m", "venv", str(folder)],
        [str(inside), *install, "--editable", f"{ROOT}[dev]"],
    ):
        if subprocess.run(command, check=False).returncode != 0:
            return None
    ready.touch()
    return inside


if __name__ == "__main__":
    sys.exit(main())
