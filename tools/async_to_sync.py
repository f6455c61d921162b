"""Writes the blocking twin of `workflow_pg.World` from its source.

    python -m tools.async_to_sync            writes workflow_pg/sync/
    python -m tools.async_to_sync --check    writes nothing; 1 when it is not current

The facades are written once, async. Here `async` and `await` are taken out of their
text, token by token, so that docstrings and comments stay; the types that differ are
exchanged, and imports lead to the twins. What cannot be had that way, the pool and the
waiting of readers, is written by hand: a file of workflow_pg/sync/ that lacks the
header of this tool is left alone.
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "workflow_pg"
TWINS = f"{PACKAGE}.sync"
SOURCE = ROOT / PACKAGE
TARGET = SOURCE / "sync"

# What is written here, modules or packages; and what has a twin written by hand.
WRITTEN = ("operations", "queue", "schema", "storage", "world")
BY_HAND = ("database", "watcher")

NAMES = {
    "AsyncConnection": "Connection",
    "AsyncGenerator": "Generator",
    "AsyncIterator": "Iterator",
    "World": "SyncWorld",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "aclosing": "closing",
    "anext": "next",
}
# Of docstrings, each exactly once in all of them.
PHRASES = {
    "A World belongs to one event loop.": "Threads may share a World.",
    "use it as an async context manager": "use it as a context manager",
    "(``contextlib.aclosing``)": "(``contextlib.closing``)",
    "a reader holds no connection,": "a reader has one connection,",
}

# Whatever is written already: ruff would look which modules are there.
_OPTIONS = ("--config", f"lint.isort.known-first-party = ['{PACKAGE}']")
_HEADER = "# Written by `make sync` from {}: edit that one.\n"
_IS_WRITTEN = re.compile(r"# Written by `make sync` from ")


class CannotWrite(Exception):
    """The source has something that has no blocking form; the sentence says what."""


def wanted() -> dict[Path, str]:
    """Every file that is written here, as it should be, by its path."""
    sources = sorted(path for path in _sources() if not _is_by_hand(_twin(path)))
    texts = {path: _read(path) for path in sources}
    for phrase in PHRASES:
        count = sum(text.count(phrase) for text in texts.values())
        if count != 1:
            raise CannotWrite(
                f"{phrase!r} is {count} times in the sources and not once: change"
                " PHRASES of tools/async_to_sync.py with the docstring"
            )
    return {
        _twin(path): _formatted(
            blocking(text, path.relative_to(ROOT).as_posix()), _twin(path)
        )
        for path, text in texts.items()
    }


def blocking(text: str, name: str) -> str:
    """The blocking twin of the text of a module, not formatted yet.

    Args:
        text: The module.
        name: Its path, for the header and for errors.

    Raises:
        CannotWrite: It uses asyncio, which has no blocking form.
    """
    lines = text.splitlines(keepends=True)
    for row, begin, end, new in sorted(_edits(text, name), reverse=True):
        line = lines[row - 1]
        lines[row - 1] = line[:begin] + new + line[end:]
    done = "".join(lines)
    for phrase, other in PHRASES.items():
        done = done.replace(phrase, other)
    return _HEADER.format(name) + done


def stale(files: dict[Path, str]) -> list[Path]:
    """The files that are missing or say something else, and those without a source."""
    there = {path for path in TARGET.rglob("*.py") if _is_written(path)}
    differ = {p for p, text in files.items() if p not in there or _read(p) != text}
    return sorted(differ | (there - files.keys()))


def main(argv: Sequence[str] | None = None) -> int:
    """Write the twin, or say which of its files are not current."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; 1 when one is not current"
    )
    check: bool = parser.parse_args(argv).check
    try:
        files = wanted()
    except CannotWrite as error:
        print(error, file=sys.stderr)
        return 1
    found = stale(files)
    for path in found:
        name = path.relative_to(ROOT)
        if check:
            print(f"{name} is not current: run `make sync`", file=sys.stderr)
        elif path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
            print(f"wrote {name}")
        else:
            path.unlink()
            print(f"removed {name}")
    return 1 if check and found else 0


def _sources() -> Iterator[Path]:
    for name in WRITTEN:
        if (SOURCE / name).is_dir():
            yield from (SOURCE / name).rglob("*.py")
        else:
            yield SOURCE / f"{name}.py"


Edit = tuple[int, int, int, str]
"""Line, first and last column, and what is to be there."""


def _edits(text: str, name: str) -> Iterator[Edit]:
    tokens = [
        token
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in {tokenize.NL, tokenize.COMMENT}
    ]
    brackets = _brackets(tokens)
    for place, token in enumerate(tokens):
        row, begin = token.start
        end = token.end[1]
        word = token.string
        if token.type == tokenize.STRING and word.strip("\"'") in NAMES:
            yield row, begin, end, f'"{NAMES[word[1:-1]]}"'
        if token.type != tokenize.NAME:
            continue
        if word == "asyncio":
            raise CannotWrite(
                f"{name}, line {row}: asyncio has no blocking form; write the twin of"
                f" this module by hand, at its place in {PACKAGE}/sync/"
            )
        if word in {"async", "await"}:
            yield row, begin, tokens[place + 1].start[1], ""
        elif word == "Awaitable" and tokens[place + 1].string == "[":
            closing = tokens[brackets[place + 1]]
            yield row, begin, tokens[place + 1].end[1], ""
            yield closing.start[0], closing.start[1], closing.end[1], ""
        elif word in NAMES:
            yield row, begin, end, NAMES[word]
            if word == "AsyncGenerator" and tokens[place + 1].string == "[":
                closing = tokens[brackets[place + 1]]
                yield closing.start[0], closing.start[1], closing.start[1], ", None"
        elif word == PACKAGE:
            yield from _import(tokens, place)


def _import(tokens: Sequence[tokenize.TokenInfo], place: int) -> Iterator[Edit]:
    """Lead `workflow_pg.queue`, or `from workflow_pg import schema`, to the twin."""
    row, begin = tokens[place].start
    end = tokens[place].end[1]
    following = tokens[place + 2].string
    if following in {*WRITTEN, *BY_HAND}:
        yield row, begin, end, TWINS


def _brackets(tokens: Iterable[tokenize.TokenInfo]) -> dict[int, int]:
    """Where the bracket of each opening one is."""
    found: dict[int, int] = {}
    is_open: list[int] = []
    for place, token in enumerate(tokens):
        if token.type == tokenize.OP and token.string in "([{":
            is_open.append(place)
        elif token.type == tokenize.OP and token.string in ")]}":
            found[is_open.pop()] = place
    return found


def _formatted(text: str, path: Path) -> str:
    """As `make fmt` would have it, without the imports that are not needed now."""
    for command in (["check", "--fix-only", "--select=F401,I"], ["format"]):
        done = subprocess.run(
            ["ruff", *command, "--quiet", *_OPTIONS, f"--stdin-filename={path}", "-"],
            executable=Path(sys.executable).with_name("ruff"),
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise CannotWrite(f"{path.relative_to(ROOT)}: {done.stderr.strip()}")
        text = done.stdout
    return text


def _twin(source: Path) -> Path:
    return TARGET / source.relative_to(SOURCE)


def _is_written(path: Path) -> bool:
    return _IS_WRITTEN.match(_read(path)) is not None


def _is_by_hand(path: Path) -> bool:
    return path.exists() and not _is_written(path)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
