"""Who raises which SQLSTATE, from the files of sql/."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

SQL = Path(__file__).resolve().parents[1] / "sql"
MACHINE = "10_machine"

_SECTION = re.compile(r"(?ms)^### (WF\d{3}) .*?(?=^##|\Z)")
_RAISED = re.compile(r"(?ms)^Raised by: .*?(?=\n\n)")


def with_raisers(text: str) -> str:
    """A page whose sections name every function and view that contains their code."""
    return _SECTION.sub(_section, text)


def _section(section: re.Match[str]) -> str:
    sentence = _raised_by(section[1])
    text, count = _RAISED.subn(lambda _: sentence, section[0])
    if count != 1:
        raise SystemExit(f"section {section[1]} lacks its paragraph 'Raised by: '")
    return text


def _raised_by(code: str) -> str:
    files = [path for path in sorted(SQL.rglob("*.sql")) if _contains(path, code)]
    functions = sorted(f"`{p.stem}`" for p in files if p.parent.name != MACHINE)
    cells = sorted(f"`{p.stem}`" for p in files if p.parent.name == MACHINE)
    parts = [", ".join(functions)] if functions else []
    parts += [f"the cells of {', '.join(cells)}"] if cells else []
    return textwrap.fill(f"Raised by: {', and by '.join(parts)}.", 88)


def _contains(path: Path, code: str) -> bool:
    return f"'{code}'" in path.read_text(encoding="utf-8")
