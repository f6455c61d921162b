"""Calls go one way through the package, and SQL is written in one place."""

from __future__ import annotations

import re

from tests.catalog.layers import PACKAGE, ROOT, imports, modules, texts

# Left never imports right; a module may import the ones that are listed for it.
LAYERS: dict[str, set[str]] = {
    "models": set(),
    "errors": set(),
    "dsn": set(),
    "scanner": {"errors"},
    "codec": {"errors", "scanner"},
    "rows": {"models"},
    "calls": {"models", "errors", "rows"},
    "reach": {"dsn", "errors", "migrate"},
    "database": {"calls", "dsn", "errors", "reach"},
    "listener": set(),
    "topics": {"calls"},
    "watcher": {"database", "errors", "listener", "topics"},
    "storage": {"calls", "database", "models", "watcher"},
    "queue": {"calls", "database", "models"},
    "operations": {"calls", "database", "models"},
    "stamp": {"errors", "migrate", "models"},
    "schema": {"calls", "database", "errors", "migrate", "models", "stamp"},
    "world": {
        "database",
        "models",
        "operations",
        "queue",
        "schema",
        "storage",
        "watcher",
    },
    "sync": {"calls", "database", "errors", "migrate", "models", "reach", "stamp"},
    "health": {"codec", "errors", "models", "world"},
    "importing": {"calls", "codec", "errors", "models", "world"},
    "migrate": {"dsn", "errors"},
    "embedded": {"errors", "migrate"},
}

SQL = re.compile(
    r"^\s*(select\s|insert\s+into\s|update\s+\w+[.\w]*\s+(as\s|set\s)|delete\s+from\s"
    r"|with\s+\w+\s+as\s*\(|(create|alter|drop)\s+(table|function|schema|database|role)"
    r"|(un)?listen\s|notify\s|grant\s|revoke\s|set\s+(role|local)\s|begin;|commit;)",
    re.IGNORECASE,
)


def layer(module: str) -> str:
    """The layer of a module: the second part of its name."""
    return [*module.split("."), ""][1]


def test_every_import_follows_the_arrow() -> None:
    wrong: list[str] = []
    for name, tree in modules().items():
        allowed = LAYERS.get(layer(name))
        if allowed is None:
            continue
        path = ROOT / name.replace(".", "/")
        found = {layer(m) for m in imports(name, tree, is_package=path.is_dir())}
        beyond = found - allowed - {layer(name), ""}
        wrong += [f"{name} imports {other}" for other in sorted(beyond)]
    assert wrong == []


def test_every_layer_is_there() -> None:
    there = {path.stem for path in PACKAGE.iterdir()}
    assert LAYERS.keys() - there == set()


def test_sql_is_written_in_calls_and_in_the_migrator() -> None:
    strays = [
        f"{name}, line {line}: {text.strip()[:60]}"
        for name, tree in modules().items()
        if layer(name) not in {"calls", "migrate"}
        and name != "workflow_pg.testing.calls"
        for line, text in texts(tree)
        if SQL.match(text)
    ]
    assert strays == [], "move them to workflow_pg/calls"


def test_the_pattern_finds_sql() -> None:
    tree = modules()["workflow_pg.migrate.calls"]
    assert any(SQL.match(text) for _, text in texts(tree))
    assert any(
        SQL.match(text) for _, text in texts(modules()["workflow_pg.calls.queue"])
    )
