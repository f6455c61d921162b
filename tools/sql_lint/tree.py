"""A parsed SQL statement or PL/pgSQL body as a tree of nodes, each with its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

# The parser leaves out the kind where a field admits one only.
_KIND_OF_FIELD = {
    "argType": "TypeName",
    "collClause": "CollateClause",
    "onConflictClause": "OnConflictClause",
    "rel": "RangeVar",
    "relation": "RangeVar",
    "returnType": "TypeName",
    "typeName": "TypeName",
    "view": "RangeVar",
}


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its kind, as the parser calls it, and its fields."""

    kind: str
    fields: dict[str, Any]

    def text(self, field: str) -> str:
        """A field of text, '' when it is not set."""
        return str(self.fields.get(field, ""))

    def flag(self, field: str) -> bool:
        """A field of truth; the parser leaves out what is false."""
        return bool(self.fields.get(field, False))

    def child(self, field: str) -> Node | None:
        """The node in a field."""
        return next(_nodes(self.fields.get(field), field), None)

    def children(self, *fields: str) -> Iterator[Node]:
        """The nodes in some fields, by default in all."""
        for field in fields or self.fields:
            yield from _nodes(self.fields.get(field), field)

    def words(self, field: str) -> tuple[str, ...]:
        """A field that holds a list of names, such as the parts of a qualified one."""
        return tuple(
            child.text("sval") for child in self.children(field) if child.kind != "List"
        )

    def find(self, *kinds: str) -> Iterator[Node]:
        """This node and all below it that are of these kinds."""
        if self.kind in kinds:
            yield self
        for child in self.children():
            yield from child.find(*kinds)


def _nodes(value: object, field: str) -> Iterator[Node]:
    if isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _nodes(item, field)
    elif isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        kind = next(iter(fields), "")
        if len(fields) == 1 and kind[:1].isupper():
            inner = fields[kind]
            yield Node(kind, inner if isinstance(inner, dict) else {})  # pyright: ignore[reportUnknownArgumentType]
        else:
            yield Node(_KIND_OF_FIELD.get(field, field), fields)
