"""Every guide is listed, tested, and names commands that there are."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.docs.blocks import GUIDES, README, ROOT, commands
from workflow_pg.cli import main

PAGES = sorted(GUIDES.glob("*.md"))
LINES = [
    line for page in PAGES for line in commands(page) if line.startswith("workflow-pg ")
]


def test_the_readme_lists_every_guide_in_one_line() -> None:
    listed = re.findall(
        r"^\* \[docs/guides/(\S+)\]\(docs/guides/\1\): \S.*$",
        README.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert sorted(listed) == [page.name for page in PAGES]


def test_every_guide_has_a_test() -> None:
    tests = "".join(
        path.read_text() for path in (ROOT / "tests/docs/guides").glob("*.py")
    )
    assert [page.name for page in PAGES if f'"{page.name}"' not in tests] == []


@pytest.mark.parametrize("line", sorted(set(LINES)))
def test_a_command_has_these_words(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, *words = shlex.split(line)
    assert main([*words, "--help"]) == 0
    assert main([*words, "--no-such-option"]) == 2
    complaint = capsys.readouterr().err
    assert complaint.endswith("unrecognized arguments: --no-such-option\n")
