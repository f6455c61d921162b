-- Has the time passed for which a hook keeps its token after the end of its run?
--
-- A live run keeps it beyond that time. What is final stays so: no lock is needed.

create or replace function workflow_pg_private.has_let_go(
    p_token  workflow_pg_private.hook_tokens,
    p_now    timestamptz
)
returns boolean
language plpgsql stable
as $$
begin
    return p_token.retained_until is not null
       and p_token.retained_until <= p_now
       and exists (select from workflow_pg.runs as r
                    where r.run_id = p_token.run_id
                      and r.completed_at is not null);
end;
$$;

comment on function workflow_pg_private.has_let_go is
    'Whether the run of the holder is final and the time is over for which its token was retained.';
