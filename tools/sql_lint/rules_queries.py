"""Rules of what functions run: it can be distributed, and writes where it may."""

from __future__ import annotations

from collections.abc import Iterator

from tools.sql_lint.findings import Finding
from tools.sql_lint.source import SCHEMAS, File, Project, Query, name_of
from tools.sql_lint.tree import Node

ENTITIES = frozenset(
    {"runs", "steps", "hooks", "waits", "hook_tokens"}
    | {"run_attributes", "attribute_writes"}
)
ENTITY_WRITERS = "sql/30_transitions/"
EVENT_WRITERS = frozenset(
    ("workflow_pg_private", name)
    for name in ("emit_event", "emit_events", "emit_imported")
)
LOG_ERASER = ("workflow_pg_private", "erase_run")
PAYLOAD_ERASER = ("workflow_pg_private", "erase_payloads")

_VOLATILE = frozenset(
    {"clock_timestamp", "gen_random_uuid", "nextval", "random", "timeofday", "uuidv7"}
)
_IMMUTABLE = frozenset({"abs", "length", "lower", "upper"})
_WRITES = ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt")


def no_volatile_function_in_a_write(file: File, project: Project) -> Iterator[Finding]:
    """Servers that share the rows would each draw a value of their own."""
    volatile = _VOLATILE | project.volatile
    for query in _queries(file):
        for write in query.node.find("UpdateStmt", "DeleteStmt", "MergeStmt"):
            for name in _called(
                write, "targetList", "whereClause", "fromClause", "usingClause",
                "mergeWhenClauses", "joinCondition",
            ):  # fmt: skip
                if name[-1] in volatile:
                    what = write.kind.removesuffix("Stmt").upper()
                    message = f"volatile {name[-1]}() in {what}: put it in a variable"
                    yield Finding(file.path, query.line, message)


def no_function_in_on_conflict(file: File, project: Project) -> Iterator[Finding]:
    """Only what depends on the row alone: `excluded`, CASE, COALESCE, arithmetic."""
    for query in _queries(file):
        for clause in query.node.find("OnConflictClause"):
            names = [n[-1] for n in _called(clause, "targetList", "whereClause")]
            names += [
                value.text("op").removeprefix("SVFOP_").lower()
                for value in clause.find("SQLValueFunction")
            ]
            for name in names:
                if name not in _IMMUTABLE:
                    message = f"{name}() in ON CONFLICT: put it in a variable"
                    yield Finding(file.path, query.line, message)


def every_object_has_its_schema(file: File, project: Project) -> Iterator[Finding]:
    """No search path decides what a function means."""
    for query in _queries(file):
        local = {c.text("ctename") for c in query.node.find("CommonTableExpr")}
        # `for update of` names aliases.
        for locking in query.node.find("LockingClause"):
            local |= {alias.text("relname") for alias in locking.find("RangeVar")}
        for relation in query.node.find("RangeVar"):
            name = relation.text("relname")
            if not relation.text("schemaname") and name not in local:
                yield Finding(file.path, query.line, f"{name} has no schema in front")
        for name in _called(query.node):
            if len(name) == 1 and name[0] in project.functions:
                message = f"{name[0]}() has no schema in front"
                yield Finding(file.path, query.line, message)
        for type_ in query.node.find("TypeName"):
            words = type_.words("names")
            if len(words) == 1 and words[0] in project.types:
                message = f"type {words[0]} has no schema in front"
                yield Finding(file.path, query.line, message)


def only_transitions_write_entities(file: File, project: Project) -> Iterator[Finding]:
    """Whoever looks for what moves an entity finds all of it in one directory."""
    if file.path.startswith(("migrations/", ENTITY_WRITERS)):
        return
    for query, table in _written(file):
        if table in ENTITIES:
            message = f"{table} is written outside {ENTITY_WRITERS}"
            yield Finding(file.path, query.line, message)


def only_emit_event_writes_events(file: File, project: Project) -> Iterator[Finding]:
    """The log is the truth: three functions append to it, and nothing changes it.

    One appends an event, one those of a batch, one the log of a run that is imported.
    A fourth takes the log of a run away, with its run, and a fifth the payloads of a
    log.
    """
    if file.path.startswith("migrations/"):
        return
    writers = {
        name_of(statement.node) for statement in file.of_kind("CreateFunctionStmt")
    }
    for query in _queries(file):
        for write in query.node.find(*_WRITES):
            is_append = write.kind == "InsertStmt" and writers <= EVENT_WRITERS
            is_end = write.kind == "DeleteStmt" and writers == {LOG_ERASER}
            is_end |= write.kind == "UpdateStmt" and writers == {PAYLOAD_ERASER}
            if _target(write) == "events" and not (is_append or is_end):
                names = ", ".join(sorted(name for _, name in EVENT_WRITERS))
                message = f"only {names} write events, by insert"
                yield Finding(file.path, query.line, message)


def _queries(file: File) -> Iterator[Query]:
    for statement in file.statements:
        for query in statement.queries:
            # The definition of a function is no query; its body follows it.
            if query.node.kind not in {"CreateFunctionStmt", "DoStmt", "CommentStmt"}:
                yield query


def _called(node: Node, *fields: str) -> Iterator[tuple[str, ...]]:
    """The names of the functions that are called in some fields of a node."""
    for child in node.children(*fields):
        for call in child.find("FuncCall"):
            yield call.words("funcname")


def _target(write: Node) -> str:
    relation = write.child("relation")
    if relation is None or relation.text("schemaname") not in SCHEMAS:
        return ""
    return relation.text("relname")


def _written(file: File) -> Iterator[tuple[Query, str]]:
    for query in _queries(file):
        for write in query.node.find(*_WRITES):
            yield query, _target(write)
