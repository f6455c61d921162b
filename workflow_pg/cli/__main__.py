"""`python -m workflow_pg.cli`: the command where no script is installed."""

from __future__ import annotations

import sys

from workflow_pg.cli import main

if __name__ == "__main__":
    sys.exit(main())
