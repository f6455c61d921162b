"""Measures the throughput on the oldest and on the newest Python of this machine.

    python -m bench [options of bench.throughput]

Pythons are found, and environments for them made, as `make test-majors` does it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.test_majors import PYTHONS, ROOT, find_python, make_environment


def main() -> int:
    """Measure on both; 0 when all went well."""
    pythons = [inside for version in PYTHONS if (inside := environment(version))]
    status = 0
    for python in dict.fromkeys([pythons[0], pythons[-1]]):
        done = subprocess.run(
            [str(python), "-m", "bench.throughput", *sys.argv[1:]],
            cwd=ROOT,
            check=False,
        )
        status = status or done.returncode
        print(flush=True)
    return status


def environment(version: tuple[int, int]) -> Path | None:
    """An interpreter of this version with everything installed, if there is one."""
    if version == sys.version_info[:2]:
        return Path(sys.executable)
    python = find_python(version)
    return make_environment(python, version) if python else None


if __name__ == "__main__":
    sys.exit(main())
