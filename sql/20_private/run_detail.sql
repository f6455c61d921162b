-- A run with the payloads of its events, or null.
--
-- Two index probes of events at most; a payload nobody asked for is not even fetched
-- from its TOAST table.

create or replace function workflow_pg_private.run_detail(
    p_run_id   text,
    p_input    boolean,
    p_outcome  boolean
)
returns workflow_pg.run_detail
language plpgsql stable
as $$
declare
    v_detail workflow_pg.run_detail;
begin
    select r.run_id, r.status, r.workflow_name, r.deployment_id, r.queue_name, r.spec_version::integer, r.last_seq,
           r.created_at, r.started_at, r.completed_at, r.expired_at,
           c.facts -> 'executionContext', c.facts ->> 'encryptionPublicKey',
           o.facts ->> 'errorCode', o.facts ->> 'cancelReason',
           workflow_pg_private.attributes_of(r.run_id),
           c.codec, case when p_input then c.payload end,
           case when r.status = 'completed' then o.codec end,
           case when r.status = 'completed' and p_outcome then o.payload end,
           case when r.status = 'failed' then o.codec end,
           case when r.status = 'failed' and p_outcome then o.payload end,
           null::bigint, null::text
      into v_detail
      from workflow_pg.runs as r
      left join workflow_pg.events as c on c.run_id = r.run_id and c.seq = 1
      left join workflow_pg.events as o on o.run_id = r.run_id and o.seq = r.outcome_seq
     where r.run_id = p_run_id;

    return v_detail;
end;
$$;

comment on function workflow_pg_private.run_detail is
    'The run, with its input and its outcome if asked for; null when there is no such run.';
