"""What docs/errors.md says of each SQLSTATE, from the files of sql/.

Each section of the page has three paragraphs that are written here: who raises the
code, which functions of the API say that they do, and which keys its DETAIL can have. A
table of all keys follows the sections. The rest of the page is written by hand.
"""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from pathlib import Path

from tools.docs_text import table
from tools.refusals import MACHINE, Refusal, contains, refusals, sources

BEGIN = "<!-- keys: written by tools/docs.py from sql/ -->"
END = "<!-- end of keys -->"

# What is in a DETAIL, by its key.
KEYS = {
    "argument": "which argument is wrong, in words: `run id` is `p_run_id`",
    "bytes": "how many bytes there are",
    "conflicting_run_id": "the run that holds what is asked for",
    "count": "how many there would be",
    "entity": "run, step, hook, wait, message, stream or dedup_key",
    "epoch": "the epoch that the database is in now",
    "event": "type of the event that was to be written",
    "expected": "the epoch, or the number, that the caller named",
    "id": "of the entity",
    "is_same_start": "whether the run has the workflow and the input of this start",
    "expired_at": "when the payloads of the run were purged",
    "key": "the attribute",
    "lease_until": "when the lease of the message ends",
    "length": "how many elements the array has",
    "limit": "the most that is allowed",
    "name": "of the stream",
    "newest_seq": "number of the newest write of the writer",
    "place": "of the entry in its array, from 1",
    "retried_as": "the newest run that was started to do the work again",
    "retry_after": "whole seconds to wait, rounded up",
    "run_id": "the run",
    "run_ids": "runs that were named, where one or all of them were needed",
    "run_status": "of the run; null when there is no such run",
    "seq": "number of the write, as the caller gave it",
    "spec_version": "as the caller gave it",
    "status": "of the entity; null when there is no such entity",
    "token": "of the hook that was looked for",
    "units": "how many UTF-16 units there are",
    "value": "what was given, at most 60 characters of it",
    "worker_id": "who holds the message",
    "writer": "of the stream, as the caller gave it",
}

_SECTION = re.compile(r"(?ms)^### (WF\d{3}) .*?(?=^##|\Z)")
_WRITTEN = re.compile(
    r"(?ms)^Raised by: .*?(?=\n\n)(?:\n\nFunctions: .*?(?=\n\n))?"
    r"(?:\n\nDETAIL: .*?(?=\n\n))?"
)
_RAISES = re.compile(r"(?ms)^raises\s+(.*?)\s*(?:\$\$;|\Z)")
_CODE = re.compile(r"\bWF\d{3}\b")


def errors(text: str) -> str:
    """The page with what is written here as it should be, and the rest as it was."""
    found = refusals()
    text = _SECTION.sub(lambda section: _section(section, found), text)
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"docs/errors.md lacks the lines {BEGIN} and {END}")
    return "\n\n".join([before + BEGIN, _keys(found), END + after])


def _section(section: re.Match[str], found: list[Refusal]) -> str:
    code = section[1]
    parts = [_raised_by(code), _functions(code), _detail(code, found)]
    text, count = _WRITTEN.subn(lambda _: "\n\n".join(parts), section[0])
    if count != 1:
        raise SystemExit(f"section {code} lacks its paragraph 'Raised by: '")
    return text


def _raised_by(code: str) -> str:
    files = [path for path in sources() if contains(path, code)]
    functions = sorted(f"`{p.stem}`" for p in files if p.parent.name != MACHINE)
    cells = sorted(f"`{p.stem}`" for p in files if p.parent.name == MACHINE)
    parts = [", ".join(functions)] if functions else []
    parts += [f"the cells of {', '.join(cells)}"] if cells else []
    return _filled(f"Raised by: {', and by '.join(parts)}.")


def _functions(code: str) -> str:
    names = sorted(path.stem for path in sources() if code in raised(path))
    return _filled(f"Functions: {', '.join(f'`{name}`' for name in names)}.")


def _detail(code: str, found: list[Refusal]) -> str:
    keys = {key for refusal in found if code in refusal.codes for key in refusal.keys}
    return _filled(f"DETAIL: {', '.join(f'`{key}`' for key in sorted(keys))}.")


def _keys(found: list[Refusal]) -> str:
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for refusal in found:
        for key in refusal.keys:
            codes[key] |= refusal.codes
    if odd := codes.keys() ^ KEYS.keys():
        raise SystemExit(
            "tools/docs_errors.py has to say what each key of a DETAIL means, and of no"
            f" other: {', '.join(sorted(odd))}"
        )
    rows = [
        [f"`{key}`", ", ".join(sorted(codes[key])), KEYS[key]] for key in sorted(KEYS)
    ]
    return table(["key", "with", "what it is"], rows)


def raised(path: Path) -> set[str]:
    """The codes that a function of the API says it raises, by its comment."""
    text = path.read_text(encoding="utf-8").partition("comment on function")[2]
    if not text.lstrip().startswith("workflow_pg."):
        return set()
    return {code for part in _RAISES.findall(text) for code in _CODE.findall(part)}


def _filled(text: str) -> str:
    return textwrap.fill(text, 88, break_long_words=False, break_on_hyphens=False)
