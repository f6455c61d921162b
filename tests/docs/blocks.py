"""The code blocks of a page, as a reader would copy them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
GUIDES = ROOT / "docs/guides"


def fenced(page: Path, language: str) -> list[str]:
    """The blocks between fences of a language, in their order."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def programs(page: Path) -> dict[str, str]:
    """The blocks that are files, by the first name in the paragraph before each."""
    text = page.read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for block in re.finditer(r"^```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        *_, paragraph = text[: block.start()].strip().split("\n\n")
        if name := re.search(r"`([\w/@.-]+\.(?:py|ini|service))`", paragraph):
            found[name[1]] = block[1]
    return found


def commands(page: Path) -> list[str]:
    """The indented lines of a page, without the comments at their ends."""
    lines = re.findall(r"^    (\S.*)$", _without_fences(page), re.MULTILINE)
    return [line.partition("  #")[0].strip() for line in lines]


def _without_fences(page: Path) -> str:
    text = page.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
