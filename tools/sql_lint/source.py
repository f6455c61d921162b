"""The SQL files of the project, parsed, with every query inside their functions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pglast.parser import ParseError, parse_plpgsql_json, parse_sql_json

from tools.sql_lint.tree import Node

SCHEMAS = ("workflow_pg", "workflow_pg_private")

_SCHEMA = re.compile(r"\bworkflow_pg(?:_private)?\.(\w+)(\[\])?")
_DECLARATIONS = re.compile(r"\bdeclare\b.*?\bbegin\b", re.DOTALL | re.IGNORECASE)
# How the parser marks what a PL/pgSQL expression is; the rest are whole statements.
_EXPRESSION = 2
_ASSIGNMENTS = (3, 4, 5)


class UnreadableError(Exception):
    """A file cannot be parsed; the message says where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A statement or expression that the server runs, and the line it begins on."""

    node: Node
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of a file, and what the body of a function in it runs."""

    node: Node
    line: int
    queries: tuple[Query, ...]  # the statement itself and those of its body
    raises: tuple[Query, ...]  # PL/pgSQL's RAISE statements


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file, by its path from the top of the project."""

    path: str
    lines: int
    statements: tuple[Statement, ...]

    @property
    def stem(self) -> str:
        """The name of the file without its ending."""
        return Path(self.path).stem

    def of_kind(self, *kinds: str) -> Iterator[Statement]:
        """Its statements of these kinds."""
        return (s for s in self.statements if s.node.kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """All files, and what they define."""

    files: tuple[File, ...]
    relations: frozenset[str]  # tables and views
    functions: frozenset[str]
    types: frozenset[str]
    volatile: frozenset[str]  # those functions that may answer anew at each call


def load(root: Path) -> Project:
    """Parse everything in migrations/ and sql/."""
    paths = [*sorted(root.glob("migrations/*.sql")), *sorted(root.glob("sql/**/*.sql"))]
    parsed = [(path, path.read_text(), _parse(path, root)) for path in paths]
    nodes = [node for _, _, statements in parsed for node, _, _ in statements]
    enums = {n.words("typeName")[-1] for n in nodes if n.kind == "CreateEnumStmt"}
    functions = [node for node in nodes if node.kind == "CreateFunctionStmt"]
    tables = {_relname(n, "relation") for n in nodes if n.kind == "CreateStmt"}
    composites = {
        _relname(n, "typevar") for n in nodes if n.kind == "CompositeTypeStmt"
    }
    return Project(
        files=tuple(
            File(
                path=path.relative_to(root).as_posix(),
                lines=text.count("\n"),
                statements=tuple(
                    _statement(path, root, enums, *statement) for statement in found
                ),
            )
            for path, text, found in parsed
        ),
        relations=frozenset(
            tables | {_relname(n, "view") for n in nodes if n.kind == "ViewStmt"}
        ),
        functions=frozenset(name_of(function)[1] for function in functions),
        types=frozenset(enums | composites | tables),
        volatile=frozenset(
            name_of(function)[1]
            for function in functions
            if option(function, "volatility") in {"", "volatile"}
        ),
    )


def name_of(function: Node) -> tuple[str, str]:
    """Schema and name of a function that is created; the schema may be ''."""
    *schema, name = function.words("funcname")
    return (schema[0] if schema else "", name)


def option(function: Node, name: str) -> str:
    """The text of an option of CREATE FUNCTION or DO, '' when it is not given."""
    for element in function.children("options", "args"):
        if element.text("defname") == name:
            argument = element.child("arg")
            if argument is None:
                return ""
            if argument.kind == "List":
                return "".join(item.text("sval") for item in argument.children("items"))
            return argument.text("sval") or argument.text("boolval").lower()
    return ""


def _relname(node: Node, field: str) -> str:
    relation = node.child(field)
    return relation.text("relname") if relation else ""


def _parse(path: Path, root: Path) -> list[tuple[Node, str, int]]:
    """The statements of a file: node, text, line of its first character."""
    text = path.read_bytes()
    try:
        tree = json.loads(parse_sql_json(text.decode()))
    except ParseError as error:
        raise UnreadableError(f"{path.relative_to(root)}: {error}") from error
    found: list[tuple[Node, str, int]] = []
    for raw in Node("", tree).children("stmts"):
        start = int(raw.text("stmt_location") or 0)
        length = int(raw.text("stmt_len") or len(text) - start)
        own = text[start : start + length].decode()
        # Comments and blank lines before a statement count as its text.
        blank = re.match(r"(?:\s|--[^\n]*\n)*", own)
        skipped = blank.end() if blank else 0
        line = 1 + text[:start].count(b"\n") + own[:skipped].count("\n")
        node = raw.child("stmt")
        assert node is not None
        found.append((node, own[skipped:], line))
    return found


def _statement(
    path: Path, root: Path, enums: set[str], node: Node, text: str, line: int
) -> Statement:
    queries = [Query(node=node, line=line)]
    raises: list[Query] = []
    language = option(node, "language") or "plpgsql"
    if node.kind in {"CreateFunctionStmt", "DoStmt"}:
        body = option(node, "as")
        first = line + text[: text.find(body)].count("\n") if body else line
        try:
            if body and language == "sql":
                queries += _parse_query(body, first)
            elif language == "plpgsql":
                for found in _plpgsql(text, enums):
                    at = first + int(found.text("lineno") or 1) - 1
                    if found.kind == "PLpgSQL_stmt_raise":
                        raises.append(Query(node=found, line=at))
                    queries += _expressions(found, at)
        except ParseError as error:
            where = f"{path.relative_to(root)}:{line}"
            raise UnreadableError(f"{where}: its body: {error}") from error
    return Statement(node=node, line=line, queries=tuple(queries), raises=tuple(raises))


def _plpgsql(text: str, enums: set[str]) -> Iterator[Node]:
    """The statements of a PL/pgSQL body, inner ones too."""
    trees = json.loads(parse_plpgsql_json(_with_known_types(text, enums)))
    for tree in Node("", {"trees": trees}).children():
        for node in _descend(tree):
            if node.kind.startswith("PLpgSQL_stmt"):
                yield node


def _descend(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children():
        yield from _descend(child)


def _with_known_types(text: str, enums: set[str]) -> str:
    """The text with types that the parser can look up, without a server.

    It knows the schema public, and takes every type there for a composite and has no
    array of it. Queries are left as they are: the parser does not look into them.
    """

    def replace(found: re.Match[str]) -> str:
        if found[2]:
            return "text[]"
        return "text" if found[1] in enums else f"public.{found[1]}"

    start = text.find("$$")
    head, body = (text[:start], text[start:]) if start >= 0 else (text, "")
    return _SCHEMA.sub(replace, head) + _DECLARATIONS.sub(
        lambda found: _SCHEMA.sub(replace, found[0]), body
    )


def _expressions(statement: Node, line: int) -> Iterator[Query]:
    """What one PL/pgSQL statement runs itself, not what statements inside it run."""
    for child in statement.children():
        if child.kind.startswith("PLpgSQL_stmt"):
            continue
        if child.kind == "PLpgSQL_expr":
            yield from _parse_query(_as_statement(child), line)
        else:
            yield from _expressions(child, line)


def _as_statement(expression: Node) -> str:
    query = expression.text("query")
    mode = int(expression.text("parseMode") or 0)
    if mode == _EXPRESSION:
        return f"select {query}"
    if mode in _ASSIGNMENTS:
        _, _, value = query.partition(":=" if ":=" in query else "=")
        return f"select {value}"
    return query


def _parse_query(text: str, line: int) -> Iterator[Query]:
    for raw in Node("", json.loads(parse_sql_json(text))).children("stmts"):
        node = raw.child("stmt")
        if node is not None:
            yield Query(node=node, line=line)
