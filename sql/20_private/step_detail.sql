-- A step with the payloads of its events, or null.

create or replace function workflow_pg_private.step_detail(
    p_run_id   text,
    p_step_id  text,
    p_input    boolean,
    p_outcome  boolean
)
returns workflow_pg.step_detail
language plpgsql stable
as $$
declare
    v_detail workflow_pg.step_detail;
begin
    select s.run_id, s.step_id, s.step_name, s.status, s.attempt, s.spec_version::integer,
           s.created_at, s.updated_at, s.started_at, s.completed_at, s.retry_after,
           c.codec, case when p_input then c.payload end,
           case when s.status = 'completed' then o.codec end,
           case when s.status = 'completed' and p_outcome then o.payload end,
           e.codec, case when p_outcome then e.payload end,
           null::bigint, null::text
      into v_detail
      from workflow_pg.steps as s
      left join workflow_pg.events as c on c.run_id = s.run_id and c.seq = s.input_seq
      left join workflow_pg.events as o on o.run_id = s.run_id and o.seq = s.outcome_seq
      left join workflow_pg.events as e on e.run_id = s.run_id and e.seq = s.error_seq
     where s.run_id = p_run_id
       and s.step_id = p_step_id;

    return v_detail;
end;
$$;

comment on function workflow_pg_private.step_detail is
    'The step, with its input, its result and its newest error if asked for; null when there is no such step.';
