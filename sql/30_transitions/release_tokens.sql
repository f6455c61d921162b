-- Free, between two run ids, the tokens whose time after the end of their run is over.

create or replace function workflow_pg_private.release_tokens(
    p_after  text,
    p_until  text,
    p_now    timestamptz
)
returns integer
language plpgsql volatile
as $$
declare
    v_over workflow_pg_private.hook_tokens[];
begin
    v_over := array(
        select t
          from workflow_pg_private.hook_tokens as t
         where t.retained_until is not null
           and t.run_id > p_after
           and (p_until is null or t.run_id <= p_until)
           and workflow_pg_private.has_let_go(t, p_now)
         order by t.token
           for update of t skip locked);

    perform workflow_pg_private.let_go(o) from unnest(v_over) as o;
    return cardinality(v_over);
end;
$$;

comment on function workflow_pg_private.release_tokens is
    'Free tokens that were retained long enough, with p_after < run_id <= p_until. Returns how many.';
