-- How many bytes the payloads of a step have. Their lengths are known without reading them.

create or replace function workflow_pg_private.wire_step_bytes(
    p_run_id   text,
    p_step_id  text
)
returns bigint
language plpgsql stable
as $$
begin
    return (
        select sum(octet_length(e.payload))
          from workflow_pg.steps as s
          join workflow_pg.events as e
            on e.run_id = s.run_id and e.seq in (s.input_seq, s.outcome_seq, s.error_seq)
         where s.run_id = p_run_id
           and s.step_id = p_step_id);
end;
$$;

comment on function workflow_pg_private.wire_step_bytes is
    'Bytes of the input, the result and the newest error of a step; null when there are none.';
