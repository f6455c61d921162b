-- How many bytes the payloads of a run have. Their lengths are known without reading them.

create or replace function workflow_pg_private.wire_run_bytes(p_run_id text)
returns bigint
language plpgsql stable
as $$
begin
    return (
        select sum(octet_length(e.payload))
          from workflow_pg.runs as r
          join workflow_pg.events as e on e.run_id = r.run_id and e.seq in (1, r.outcome_seq)
         where r.run_id = p_run_id);
end;
$$;

comment on function workflow_pg_private.wire_run_bytes is
    'Bytes of the input and of the outcome of a run; null when there are none.';
