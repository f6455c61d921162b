-- Was this refusal caused by our own first try, which has just been committed?
--
-- Then the caller is not told "conflict" but "repeat": the next try finds the key.

create or replace function workflow_pg_private.refuse_open_repeat(
    p_run_id     text,
    p_dedup_key  text,
    p_digest     bytea
)
returns void
language plpgsql volatile
as $$
begin
    perform
       from workflow_pg_private.append_keys as k
      where k.run_id = p_run_id
        and k.dedup_key = p_dedup_key
        and k.digest = p_digest;

    if found then
        raise exception using
            errcode = '40001',
            message = format('another call with dedup key %L of run %s has just been made', p_dedup_key, p_run_id),
            hint    = 'Repeat the call: it returns the reply of the other.';
    end if;
end;
$$;

comment on function workflow_pg_private.refuse_open_repeat is
    'Raises 40001 when the dedup key of the call has been used by the same call meanwhile.';
