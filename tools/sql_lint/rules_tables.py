"""Rules of tables: they can be spread over servers by run, and merged into one log."""

from __future__ import annotations

from collections.abc import Iterator

from tools.sql_lint.findings import Finding
from tools.sql_lint.source import File, Project, Statement
from tools.sql_lint.tree import Node

DISTRIBUTED_BY = "run_id"
# What is unique across runs is distributed by that value.
KEYS_OF_OTHERS = {
    "hook_tokens": "token",
    "start_keys": "start_key",
    "workers": "worker_id",
}
# One row per file, or one at all: never distributed.
LEDGER = frozenset({"installation", "migrations", "repeatables"})

_UNIQUE = {"CONSTR_PRIMARY", "CONSTR_UNIQUE"}
_SERIAL = {"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"}
_BANNED_TYPES = {
    "bpchar": "text",
    "json": "jsonb",
    "timestamp": "timestamptz",
    "timetz": "timestamptz",
    "varchar": "text and a check",
}


def run_id_is_the_first_column(file: File, project: Project) -> Iterator[Finding]:
    """Every table of runs begins with the column it is distributed by."""
    for statement, table, name in _tables(file):
        if name in LEDGER:
            continue
        wanted = KEYS_OF_OTHERS.get(name, DISTRIBUTED_BY)
        columns = [
            c.text("colname") for c in table.children("tableElts") if _is_column(c)
        ]
        if columns[:1] != [wanted] and name not in KEYS_OF_OTHERS:
            yield _at(file, statement, f"the first column of {name} must be {wanted}")
        elif wanted not in columns:
            yield _at(file, statement, f"{name} has no column {wanted}, its key")


def run_id_is_in_every_key(file: File, project: Project) -> Iterator[Finding]:
    """A key without the distribution column cannot be kept unique over servers."""
    for statement, name, keys in _keys(file):
        wanted = KEYS_OF_OTHERS.get(name, DISTRIBUTED_BY)
        if name not in LEDGER and wanted not in keys:
            listed = ", ".join(keys)
            yield _at(file, statement, f"the key ({listed}) of {name} lacks {wanted}")


def no_reference_between_tables(file: File, project: Project) -> Iterator[Finding]:
    """A foreign key ties tables to one server and costs a lookup at every write."""
    for statement in file.statements:
        for constraint in statement.node.find("Constraint"):
            kind = constraint.text("contype")
            if kind == "CONSTR_FOREIGN":
                yield _at(file, statement, "foreign keys are not used here")
            elif kind == "CONSTR_EXCLUSION":
                yield _at(file, statement, "exclusion constraints are not used here")


def no_trigger(file: File, project: Project) -> Iterator[Finding]:
    """What a table does by itself, nobody reads in the function that writes it."""
    for statement in file.of_kind("CreateTrigStmt", "CreateEventTrigStmt", "RuleStmt"):
        yield _at(file, statement, "triggers and rules are not used here")


def no_sequence(file: File, project: Project) -> Iterator[Finding]:
    """Order is per run, by seq: each server would number a range of its own."""
    for statement in file.statements:
        node = statement.node
        has_identity = any(
            constraint.text("contype") == "CONSTR_IDENTITY"
            for constraint in node.find("Constraint")
        )
        types = {type_.words("names")[-1] for type_ in node.find("TypeName")}
        if node.kind == "CreateSeqStmt" or has_identity or types & _SERIAL:
            yield _at(
                file, statement, "sequences, serial and identity are not used here"
            )


def ids_are_text_collate_c(file: File, project: Project) -> Iterator[Finding]:
    """Ids compare by byte, as they do on every server and in every client."""
    keys = {(name, key) for _, name, listed in _keys(file) for key in listed}
    for statement, table, name in _tables(file):
        for column in table.children("tableElts"):
            if not _is_column(column) or _type(column) != "text":
                continue
            column_name = column.text("colname")
            is_id = column_name.endswith("_id") or (name, column_name) in keys
            collation = column.child("collClause")
            is_c = collation is not None and collation.words("collname")[-1] == "C"
            if is_id and not is_c:
                yield _at(file, statement, f'{name}.{column_name} lacks collate "C"')


def types_are_the_ones_in_use(file: File, project: Project) -> Iterator[Finding]:
    """One type for each purpose."""
    for statement, table, name in _tables(file):
        for column in table.children("tableElts"):
            if _is_column(column) and (better := _BANNED_TYPES.get(_type(column))):
                where = f"{name}.{column.text('colname')}"
                yield _at(
                    file, statement, f"{where}: use {better}, not {_type(column)}"
                )


def no_temporary_table(file: File, project: Project) -> Iterator[Finding]:
    """State of a session does not survive a pooler."""
    for statement in file.statements:
        for query in statement.queries:
            for relation in query.node.find("RangeVar"):
                if relation.text("relpersistence") == "t":
                    message = "temporary tables are not used here"
                    yield Finding(file.path, query.line, message)


def _at(file: File, statement: Statement, message: str) -> Finding:
    return Finding(file.path, statement.line, message)


def _is_column(node: Node) -> bool:
    return node.kind == "ColumnDef"


def _type(column: Node) -> str:
    type_ = column.child("typeName")
    return type_.words("names")[-1] if type_ else ""


def _tables(file: File) -> Iterator[tuple[Statement, Node, str]]:
    for statement in file.of_kind("CreateStmt"):
        relation = statement.node.child("relation")
        assert relation is not None
        yield statement, statement.node, relation.text("relname")


def _keys(file: File) -> Iterator[tuple[Statement, str, tuple[str, ...]]]:
    """Every primary key, unique constraint and unique index: table and columns."""
    for statement in file.of_kind("CreateStmt", "AlterTableStmt", "IndexStmt"):
        node = statement.node
        relation = node.child("relation")
        table = relation.text("relname") if relation else ""
        if node.kind == "IndexStmt":
            if node.flag("unique"):
                names = (part.text("name") for part in node.children("indexParams"))
                yield statement, table, tuple(names)
            continue
        for column in node.find("ColumnDef"):
            for constraint in column.children("constraints"):
                if constraint.text("contype") in _UNIQUE:
                    yield statement, table, (column.text("colname"),)
        for constraint in node.find("Constraint"):
            if constraint.text("contype") in _UNIQUE and constraint.words("keys"):
                yield statement, table, constraint.words("keys")
