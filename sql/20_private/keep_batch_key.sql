-- Keep the dedup key of a batch that has written something.
--
-- What was rejected is kept with it. Were it decided anew, a repeat could append what the
-- first try has not.

create or replace function workflow_pg_private.keep_batch_key(
    p_dedup_key  text,
    p_digest     bytea,
    p_entries    workflow_pg_private.batch_entry[]
)
returns void
language plpgsql volatile
as $$
begin
    insert into workflow_pg_private.append_keys (run_id, dedup_key, seq, digest, rejected)
    select o.run_id, p_dedup_key, min(o.seq), p_digest,
           jsonb_agg(to_jsonb(o) order by o.place) filter (where o.status <> 200)
      from workflow_pg_private.batch_outcomes(p_entries) as o
     group by o.run_id
    having min(o.seq) is not null;
end;
$$;

comment on function workflow_pg_private.keep_batch_key is
    'Keep a key with the position of the first event and the outcomes of what was rejected.';
