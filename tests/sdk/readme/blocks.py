"""The code blocks of the README of the SDK that is installed, and of our apps."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

APPS = Path(__file__).with_name("apps")

Block = tuple[str, int]
"""The heading above a block, and its number below it, from 1."""


def readme() -> dict[Block, str]:
    """Every Python block of the README, in its order."""
    text = importlib.metadata.metadata("vercel-workflow")["Description"]
    blocks: dict[Block, str] = {}
    heading, number = "", 0
    pattern = r"^#+ ([^\n]+)$|^```python\n(.*?)^```$"
    for match in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
        if match[1]:
            heading, number = match[1], 0
        else:
            number += 1
            blocks[heading, number] = match[2]
    return blocks


def adapted() -> dict[Block, str]:
    """Every block of our apps."""
    blocks: dict[Block, str] = {}
    pattern = r"^ *# README: ([^\n]+), (\d+)\n(.*?)^ *# end$"
    for path in sorted(APPS.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
            block = (match[1], int(match[2]))
            assert block not in blocks
            blocks[block] = match[3]
    return blocks


def words(code: str) -> list[str]:
    """What code says: neither comments nor ``...``, whatever its lines and blanks."""
    code = re.sub(r"(?m)^ *\.\.\.$|(?m:(?:^| +)#.*$)", "", code)
    return re.findall(r"\w+|[^\w\s]", code)
