-- Every row that the log of a run decides about, as it stands.

create or replace function workflow_pg_private.rows_of_run(p_run_id text)
returns table (entity text, entity_id text, found jsonb)
language plpgsql stable
as $$
begin
    return query
    select 'run', r.run_id, to_jsonb(r)
      from workflow_pg.runs as r
     where r.run_id = p_run_id
     union all
    select 'step', s.step_id, to_jsonb(s)
      from workflow_pg.steps as s
     where s.run_id = p_run_id
     union all
    select 'hook', h.hook_id, to_jsonb(h)
      from workflow_pg.hooks as h
     where h.run_id = p_run_id
     union all
    select 'token', t.token, to_jsonb(t)
      from workflow_pg_private.hook_tokens as t
     where t.run_id = p_run_id
       and not workflow_pg_private.has_let_go(t, workflow_pg_private.clock())
     union all
    select 'wait', w.wait_id, to_jsonb(w)
      from workflow_pg.waits as w
     where w.run_id = p_run_id
     union all
    select 'attribute', a.key, to_jsonb(a)
      from workflow_pg.run_attributes as a
     where a.run_id = p_run_id
     union all
    select 'attribute write', w.correlation_id, to_jsonb(w)
      from workflow_pg_private.attribute_writes as w
     where w.run_id = p_run_id;
end;
$$;

comment on function workflow_pg_private.rows_of_run is
    'The rows of a run beside its log: entity, its id, and all columns as JSON. Tokens are read by run, without an index: for operators, not for programs in a hurry.';
