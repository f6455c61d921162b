"""Rules of the files of sql/: where a function stands, who may call it, its errors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.sql_lint.findings import Finding
from tools.sql_lint.source import File, Project, Statement, name_of, option
from tools.sql_lint.tree import Node

DOORS = "workflow_pg"
HELPERS = "workflow_pg_private"
SEARCH_PATH = ("pg_catalog", "pg_temp")
MOST_LINES = 90
MACHINE = "sql/10_machine/"
VIEWS = "sql/70_views/"
GRANTS = "sql/90_grants.sql"

_ERROR_LEVEL = "21"
_ERRCODE_OPTION = 0
_SQLSTATE = re.compile(r"'[0-9A-Z]{5}'")


def a_file_holds_what_it_is_named_after(
    file: File, project: Project
) -> Iterator[Finding]:
    """`sql/` has one function or view per file, and data definitions none."""
    if file.path.startswith("migrations/"):
        for statement in file.of_kind("CreateFunctionStmt", "ViewStmt"):
            yield _at(file, statement, "functions and views belong in sql/")
        return
    if file.path == GRANTS:
        return
    has_views = file.path.startswith((MACHINE, VIEWS))
    kind = "ViewStmt" if has_views else "CreateFunctionStmt"
    for statement in file.statements:
        if statement.node.kind not in {kind, "CommentStmt"}:
            what = "one view and its comments" if kind == "ViewStmt" else (
                "one function, or its overloads, and their comments"
            )  # fmt: skip
            yield _at(file, statement, f"a file here holds {what}, nothing else")
    for statement in file.of_kind(kind):
        name = _name(statement.node)[1]
        if name != file.stem:
            yield _at(
                file, statement, f"{name} is in {file.path}: name the file after it"
            )
    if not list(file.of_kind(kind)):
        yield Finding(file.path, 1, f"it defines no {file.stem}")


def a_function_can_be_replaced(file: File, project: Project) -> Iterator[Finding]:
    """All of sql/ is applied again and again."""
    for statement in file.of_kind("CreateFunctionStmt"):
        if not statement.node.flag("replace"):
            yield _at(file, statement, "create or replace function")


def a_function_has_a_comment(file: File, project: Project) -> Iterator[Finding]:
    """For SQL callers the comment is the documentation."""
    described = {
        words
        for statement in file.of_kind("CommentStmt")
        if statement.node.text("comment")
        for words in _described(statement.node)
    }
    for statement in file.of_kind("CreateFunctionStmt", "ViewStmt"):
        name = _name(statement.node)
        if name not in described:
            yield _at(file, statement, f"comment on {'.'.join(name)} is missing")


def a_door_runs_as_its_owner(file: File, project: Project) -> Iterator[Finding]:
    """Callers have no rights on tables, and no way to put names before ours."""
    for statement in file.of_kind("CreateFunctionStmt"):
        schema, name = name_of(statement.node)
        is_definer = option(statement.node, "security") == "true"
        path = _search_path(statement.node)
        if schema == DOORS and not (is_definer and path == SEARCH_PATH):
            wanted = f"security definer set search_path = {', '.join(SEARCH_PATH)}"
            yield _at(file, statement, f"{name} is for callers: it needs {wanted}")
        elif schema == HELPERS and (is_definer or path is not None):
            message = f"{name} is a helper: it runs as the function that calls it"
            yield _at(file, statement, f"{message}, with its search_path")
        elif schema not in {DOORS, HELPERS}:
            yield _at(file, statement, f"{name} belongs in {DOORS} or {HELPERS}")


def a_function_is_short(file: File, project: Project) -> Iterator[Finding]:
    """Lists, of cells or of grants, are as long as what they list."""
    is_list = file.path.startswith(("migrations/", MACHINE)) or file.path == GRANTS
    if file.lines > MOST_LINES and not is_list:
        message = f"{file.lines} lines: over {MOST_LINES}, it is two things"
        yield Finding(file.path, 1, message)


def a_refusal_has_a_code(file: File, project: Project) -> Iterator[Finding]:
    """Callers tell refusals apart by SQLSTATE, never by message."""
    for statement in file.of_kind("CreateFunctionStmt"):
        for query in statement.raises:
            node = query.node
            is_raised_again = (
                not {"message", "condname", "options"} & node.fields.keys()
            )
            if node.text("elog_level") != _ERROR_LEVEL or is_raised_again:
                continue
            code = _errcode(node)
            if code is None:
                yield Finding(
                    file.path, query.line, "raise exception without an errcode"
                )
            elif code.startswith("'") and not _SQLSTATE.fullmatch(code):
                message = f"{code} is not a SQLSTATE of five characters"
                yield Finding(file.path, query.line, message)


def _at(file: File, statement: Statement, message: str) -> Finding:
    return Finding(file.path, statement.line, message)


def _name(node: Node) -> tuple[str, str]:
    if node.kind == "CreateFunctionStmt":
        return name_of(node)
    view = node.child("view")
    assert view is not None
    return (view.text("schemaname"), view.text("relname"))


def _described(comment: Node) -> Iterator[tuple[str, ...]]:
    for target in comment.children("object"):
        if target.kind == "ObjectWithArgs":
            yield target.words("objname")
        elif target.kind == "List":
            yield target.words("items")


def _search_path(function: Node) -> tuple[str, ...] | None:
    for setting in function.find("VariableSetStmt"):
        if setting.text("name") == "search_path":
            values = (value.child("sval") for value in setting.children("args"))
            return tuple(value.text("sval") for value in values if value)
    return None


def _errcode(raised: Node) -> str | None:
    for given in raised.children("options"):
        if int(given.text("opt_type") or 0) == _ERRCODE_OPTION:
            expression = given.child("expr")
            return expression.text("query") if expression else None
    return raised.text("condname") or None
