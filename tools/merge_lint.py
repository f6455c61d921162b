"""Finds what an unfinished merge has left in files that git tracks.

python -m tools.merge_lint
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# A line of seven equals signs may be a heading; no conflict has it alone.
MARKER = r"^(<{7}|\|{7}|>{7})( |$)"


def leftovers(root: Path) -> list[str]:
    """The markers of conflicts below a directory, as ``file:line:text``.

    Raises:
        SystemExit: It is no working tree of git's.
    """
    done = subprocess.run(
        # The tree may belong to another user than the one who checks it.
        ["git", "-c", "safe.directory=*", "grep", "--untracked", "-nIE", MARKER],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    # 1 is how git says that there is none.
    if done.returncode not in (0, 1):
        sys.exit(f"merge_lint: {done.stderr.strip()}")
    return done.stdout.splitlines()


def main() -> int:
    """Print what was found; 1 when that is anything."""
    if not (ROOT / ".git").exists():
        print("merge_lint: this is no clone: nothing to look at")
        return 0
    found = leftovers(ROOT)
    for line in found:
        print(f"{line}: a conflict that is not resolved")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
