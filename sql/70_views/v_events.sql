-- The log, without payloads and tokens.
--
-- Facts are let through by name: one that is new, and may be secret, stays inside.

create or replace view workflow_pg.v_events as
select e.run_id,
       e.seq,
       'evnt_' || lpad(e.seq::text, 26, '0') as event_id,
       e.event_type,
       e.correlation_id,
       e.created_at,
       e.spec_version,
       (select jsonb_object_agg(f.key, f.value)
          from jsonb_each(e.facts) as f
         where f.key in ('workflowName', 'deploymentId', 'retryOf', 'errorCode', 'cancelReason',
                         'attributes', 'allowReservedAttributes', 'changes', 'writer',
                         'stepName', 'attempt', 'retryAfter', 'resumeAt',
                         'isWebhook', 'isSystem', 'conflictingRunId')) as facts,
       e.codec,
       octet_length(e.payload) as payload_bytes
  from workflow_pg.events as e;

comment on view workflow_pg.v_events is
    'One row per event, without its payload and without the token of a hook. Fast by run_id, in the order of seq.';
comment on column workflow_pg.v_events.run_id is 'The run.';
comment on column workflow_pg.v_events.seq is 'Position in the log of the run: 1, 2, 3, ... without gaps.';
comment on column workflow_pg.v_events.event_id is 'evnt_ and seq as 26 digits.';
comment on column workflow_pg.v_events.event_type is 'What happened.';
comment on column workflow_pg.v_events.correlation_id is 'The step, hook or wait, or the call that sets attributes; null for events of the run itself.';
comment on column workflow_pg.v_events.created_at is 'When the database accepted it.';
comment on column workflow_pg.v_events.spec_version is 'Protocol version of the writer.';
comment on column workflow_pg.v_events.facts is 'Names, times, attempts, reasons and attributes; null when there is none.';
comment on column workflow_pg.v_events.codec is 'How its payload is to be read: opaque, cbor or json.';
comment on column workflow_pg.v_events.payload_bytes is 'Size of its payload; null when it has none.';
