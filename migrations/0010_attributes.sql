-- 0010  attributes
--
-- Adds     tables run_attributes and attribute_writes.
-- Locks    none: every object is new.
-- Safe     before the code that uses it (expand).
-- Undo     none. Migrations only go forward.

-- Beside the runs and not in them: the row of a run is written by each of its events.
create table workflow_pg.run_attributes (
    run_id  text collate "C"  not null,
    key     text collate "C"  not null,
    value   text collate "C"  not null,

    constraint run_attributes_pkey
        primary key (run_id, key)
);

comment on table workflow_pg.run_attributes is
    'What people and programs have noted about runs, at most 64 pairs each: the fold of run_created and attr_set.';
comment on column workflow_pg.run_attributes.run_id is
    'The run.';
comment on column workflow_pg.run_attributes.key is
    'Name, 1 to 256 UTF-16 units; one that begins with $ belongs to a framework.';
comment on column workflow_pg.run_attributes.value is
    'Plain text, at most 256 bytes. An attribute that is deleted has no row.';

create index run_attributes_key_value_run_id_idx
    on workflow_pg.run_attributes (key, value, run_id);
comment on index workflow_pg.run_attributes_key_value_run_id_idx is
    'For lists of the runs that have an attribute.';

create table workflow_pg_private.attribute_writes (
    run_id          text collate "C"  not null,
    correlation_id  text collate "C"  not null,
    seq             bigint            not null,

    constraint attribute_writes_pkey
        primary key (run_id, correlation_id)
);

comment on table workflow_pg_private.attribute_writes is
    'Which calls of a workflow''s body have set attributes, so that another replay cannot make one of them again.';
comment on column workflow_pg_private.attribute_writes.run_id is
    'The run.';
comment on column workflow_pg_private.attribute_writes.correlation_id is
    'Id of the call, drawn by the SDK; unique in its run only.';
comment on column workflow_pg_private.attribute_writes.seq is
    'Position of its attr_set.';
