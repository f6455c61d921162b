"""docs/guides/script.md: one script starts a run, another waits for it."""

from __future__ import annotations

import re

from tests.docs.apps import App
from tests.docs.blocks import GUIDES, commands, programs

PAGE = GUIDES / "script.md"


def test_the_scripts_do_what_the_page_says(app: App) -> None:
    app.write(programs(PAGE))
    (line,) = [line for line in commands(PAGE) if line.startswith("python ")]
    with app.worker("report:wf"):
        assert app.execute("sh", "-c", line) == "10 rows on 2026-01-31"
        assert re.fullmatch(r"wrun_\w{26}", app.run("nightly.py"))
        assert app.run("blocking.py") == "10 rows on 2026-01-31"
