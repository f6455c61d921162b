"""Runs the test suite on each PostgreSQL and each Python that this machine has.

PostgreSQL 18 and 16 come with the wheel, 15 with Debian; other Pythons from PATH and
from pyenv. What was absent is printed. Tests marked `one_major` are left out: `make
test` has run them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAJORS = (18, 16, 15)
PYTHONS = ((3, 11), (3, 12), (3, 13), (3, 14))
DEBIAN = Path("/usr/lib/postgresql")
SELECTION = ("-q", "-m", "not one_major")


def main() -> int:
    """Run everything that is there; 0 when all of it passed."""
    ran: list[tuple[str, bool]] = []
    absent: list[str] = []
    for major in MAJORS:
        name = f"PostgreSQL {major}"
        if major == 15 and not (DEBIAN / "15/bin/postgres").exists():
            absent.append(f"{name} (Debian's postgresql-15 is not installed)")
            continue
        ran.append((name, pytest(sys.executable, {"WORKFLOW_PG_TEST_MAJOR": str(major)})))
    for version in PYTHONS:
        if version == sys.version_info[:2]:
            continue
        name = f"Python {version[0]}.{version[1]}"
        python = find_python(version)
        environment = venv(python, version) if python else None
        if environment is None:
            absent.append(f"{name} (no interpreter, or it makes no environment)")
        else:
            ran.append((name, pytest(str(environment), {})))
    print()
    for name, passed in ran:
        print(f"{name}: {'passed' if passed else 'FAILED'}")
    for name in absent:
        print(f"{name}: absent")
    return 0 if all(passed for _, passed in ran) else 1


def pytest(python: str, settings: dict[str, str]) -> bool:
    """Run the suite; say whether it passed."""
    print(f"\n== {python} {settings}", flush=True)
    command = [python, "-m", "pytest", *SELECTION]
    environment = {**os.environ, **settings}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    return done.returncode == 0


def find_python(version: tuple[int, int]) -> Path | None:
    """An interpreter of this version, from PATH or from pyenv."""
    name = f"python{version[0]}.{version[1]}"
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += (pyenv / "versions").glob(f"{version[0]}.{version[1]}.*/bin")
    for folder in folders:
        # A shim of pyenv stands there for versions that are not installed, too.
        if "shims" not in folder.parts and (folder / name).is_file():
            return folder / name
    return None


def venv(python: Path, version: tuple[int, int]) -> Path | None:
    """An environment of this interpreter with everything installed."""
    folder = ROOT / f".venv-{version[0]}.{version[1]}"
    inside = folder / "bin/python"
    ready = folder / "ready"
    if ready.exists() and ready.stat().st_mtime > (ROOT / "pyproject.toml").stat().st_mtime:
        return inside
    commands = (
        [str(python), "-m", "venv", str(folder)],
        [str(inside), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        + ["--editable", f"{ROOT}[dev]"],
    )
    for command in commands:
        if subprocess.run(command, check=False).returncode != 0:
            return None
    ready.touch()
    return inside


if __name__ == "__main__":
    sys.exit(main())
