"""Python and the catalog describe the same things, in the same words."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, get_args, get_type_hints
from uuid import UUID

import psycopg
import pytest

from workflow_pg import models

ENUMS: dict[str, type[StrEnum]] = {
    "run_status": models.RunStatus,
    "step_status": models.StepStatus,
    "hook_status": models.HookStatus,
    "wait_status": models.WaitStatus,
    "event_type": models.EventType,
    "payload_codec": models.Codec,
    "message_kind": models.MessageKind,
    "severity": models.Severity,
    "key_policy": models.KeyPolicy,
    "key_scope": models.KeyScope,
}
COMPOSITES: dict[str, type] = {
    "appended_event": models.AppendedEvent,
    "append_reply": models.AppendReply,
    "append_outcome": models.AppendOutcome,
    "cancel_outcome": models.CancelOutcome,
    "run_detail": models.Run,
    "step_detail": models.Step,
    "hook_detail": models.Hook,
    "wait_detail": models.Wait,
    "event_detail": models.Event,
    "claimed_message": models.Delivery,
    "stream_detail": models.Stream,
    "stream_write": models.StreamWrite,
    "stream_page": models.StreamPage,
    "finding": models.Finding,
    "import_reply": models.ImportReply,
    "schema_stamp": models.SchemaStamp,
}
FUNCTIONS: dict[str, type] = {
    "why": models.Reason,
    "maintain": models.Maintenance,
    "unwakeable_runs": models.Violation,
    "wake_run": models.Wakening,
    "delete_run": models.Deletion,
    "purge_run": models.Purge,
    "purge_due_runs": models.PurgePage,
    "verify_run": models.Discrepancy,
    "queue_stats": models.QueueStat,
    "list_buried": models.BuriedMessage,
    "requeue_messages": models.Requeued,
    "list_workers": models.WorkerState,
}
# A composite type cannot say what is never null; the table that a reply is read from
# can, and for the rest its comment does.
TABLES: dict[type, str] = {
    models.Run: "workflow_pg.runs",
    models.Step: "workflow_pg.steps",
    models.Hook: "workflow_pg.hooks",
    models.Wait: "workflow_pg.waits",
    models.Event: "workflow_pg.events",
    models.Delivery: "workflow_pg_private.messages",
    models.SchemaStamp: "workflow_pg_private.installation",
}
NULLABLE: dict[type, str] = {
    models.AppendedEvent: "seq event_id correlation_id created_at spec_version facts"
    " codec payload run_status attempt conflicting_run_id",
    models.AppendReply: "seq correlation_id created_at attempt conflicting_run_id",
    models.AppendOutcome: "sqlstate message detail hint seq correlation_id created_at"
    " run_status attempt conflicting_run_id",
    models.CancelOutcome: "run_status seq",
    models.Run: "execution_context encryption_public_key error_code cancel_reason"
    " input output_codec output error_codec error seq cursor",
    models.Step: "input_codec input output_codec output error_codec error seq cursor",
    models.Hook: "token_retention_until metadata_codec metadata cursor",
    models.Wait: "",
    models.Event: "",
    models.Stream: "created_at closed_at",
    models.StreamWrite: "first_index",
    models.StreamPage: "",
    # A message may be without a lease, a delivery never is.
    models.Delivery: "step_name",
    models.Reason: "due_at",
    models.Maintenance: "next_after",
    models.Violation: "",
    models.Wakening: "",
    models.Deletion: "",
    models.Purge: "",
    models.PurgePage: "next_after",
    models.Discrepancy: "expected found",
    models.QueueStat: "oldest_due_at oldest_due_age",
    models.BuriedMessage: "step_id worker_id last_error run_status",
    models.Requeued: "",
    models.WorkerState: "namespace",
    models.Finding: "next_step",
    models.ImportReply: "event_count",
    models.SchemaStamp: "",
}
# What Python makes of the parts of a reply, and what it takes; no function returns it.
WITHOUT_TWIN = {models.StreamChunk, models.NewEvent, models.NewStep, models.NewRun}
NEVER_NULL_IN_REPLIES = {
    (models.Delivery, "lease_token"),
    (models.Delivery, "lease_until"),
}

PYTHON_OF: dict[str, object] = {
    "text": str,
    "text[]": list[str],
    "bytea": bytes,
    "bytea[]": list[bytes],
    "integer": int,
    "bigint": int,
    "boolean": bool,
    "uuid": UUID,
    "interval": timedelta,
    "timestamp with time zone": datetime,
    "jsonb": dict[str, Any],
    **{f"workflow_pg.{name}": enum for name, enum in ENUMS.items()},
}
# What is known of a JSON object beyond its type.
JSON_OF: dict[tuple[str, str], object] = {
    ("run_detail", "attributes"): dict[str, str],
    ("import_reply", "notes"): list[dict[str, Any]],
}


def fields(model: type) -> dict[str, tuple[object, bool]]:
    """Name, type and nullability of the fields of a dataclass, in order."""
    hints = get_type_hints(model)
    found: dict[str, tuple[object, bool]] = {}
    for field in dataclasses.fields(model):
        kinds = [kind for kind in get_args(hints[field.name]) if kind is not type(None)]
        is_optional = type(None) in get_args(hints[field.name])
        found[field.name] = (
            kinds[0] if is_optional else hints[field.name],
            is_optional,
        )
    return found


@pytest.mark.parametrize("name", ENUMS)
def test_labels_are_those_of_the_catalog(conn: psycopg.Connection, name: str) -> None:
    labels = conn.execute(
        "select e.enumlabel::text from pg_enum as e where e.enumtypid = %s::regtype"
        " order by e.enumsortorder",
        (f"workflow_pg.{name}",),
    ).fetchall()
    assert [label for (label,) in labels] == list(ENUMS[name])
    assert [member.name.lower() for member in ENUMS[name]] == list(ENUMS[name])


@pytest.mark.parametrize(("kind", "known"), [("e", ENUMS), ("c", COMPOSITES)])
def test_every_type_has_its_twin(
    conn: psycopg.Connection, kind: str, known: dict[str, type]
) -> None:
    names = conn.execute(
        "select t.typname from pg_type as t"
        "  left join pg_class as c on c.oid = t.typrelid"
        " where t.typnamespace = 'workflow_pg'::regnamespace and t.typtype = %s"
        "   and (c.relkind is null or c.relkind = 'c')",
        (kind,),
    ).fetchall()
    assert {name for (name,) in names} == set(known)


@pytest.mark.parametrize("name", COMPOSITES)
def test_fields_are_the_attributes_of_the_reply(
    conn: psycopg.Connection, name: str
) -> None:
    attributes = conn.execute(
        "select a.attname, format_type(a.atttypid, null) from pg_attribute as a"
        " where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped"
        " order by a.attnum",
        (f"workflow_pg.{name}",),
    ).fetchall()
    found = [(field, kind) for field, (kind, _) in fields(COMPOSITES[name]).items()]
    assert found == [
        (field, JSON_OF.get((name, field), PYTHON_OF[sql])) for field, sql in attributes
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_fields_are_the_columns_of_the_function(
    conn: psycopg.Connection, name: str
) -> None:
    columns = conn.execute(
        "select c.name, format_type(c.type, null) from pg_proc as p,"
        " unnest(p.proargnames, p.proallargtypes, p.proargmodes)"
        "   with ordinality as c (name, type, mode, place)"
        " where p.oid = %s::regproc and c.mode in ('o', 't') order by c.place",
        (f"workflow_pg.{name}",),
    ).fetchall()
    found = [(name, kind) for name, (kind, _) in fields(FUNCTIONS[name]).items()]
    assert found == [(name, PYTHON_OF[sql]) for name, sql in columns]


@pytest.mark.parametrize("model", NULLABLE, ids=lambda model: model.__name__)
def test_a_field_is_optional_when_its_column_may_be_null(
    conn: psycopg.Connection, model: type
) -> None:
    expected = {name: name in NULLABLE[model].split() for name in fields(model)}
    if model in TABLES:
        columns = conn.execute(
            "select a.attname, not a.attnotnull from pg_attribute as a"
            " where a.attrelid = %s::regclass and a.attnum > 0",
            (TABLES[model],),
        ).fetchall()
        expected |= {name: null for name, null in columns if name in expected}
    for other, name in NEVER_NULL_IN_REPLIES:
        if other is model:
            expected[name] = False
    assert {name: null for name, (_, null) in fields(model).items()} == expected


def test_every_model_is_compared() -> None:
    dataclasses_ = {
        value
        for value in vars(models).values()
        if isinstance(value, type) and dataclasses.is_dataclass(value)
    }
    assert dataclasses_ - WITHOUT_TWIN == set(NULLABLE)
    assert dataclasses_ - WITHOUT_TWIN == {*COMPOSITES.values(), *FUNCTIONS.values()}


@pytest.mark.parametrize("model", NULLABLE, ids=lambda model: model.__name__)
def test_models_are_frozen_and_slotted(model: Any) -> None:
    parameters = model.__dataclass_params__
    assert parameters.frozen
    assert "__slots__" in vars(model)
    assert all(field.kw_only for field in dataclasses.fields(model))
