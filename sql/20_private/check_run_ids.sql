-- Are these ids that one call can be about?

create or replace function workflow_pg_private.check_run_ids(
    p_run_ids  text[],
    p_most     integer
)
returns void
language plpgsql immutable
as $$
declare
    v_length constant integer := coalesce(cardinality(p_run_ids), 0);
begin
    if v_length not between 1 and p_most then
        perform workflow_pg_private.refuse(
            'WF400', format('%s run ids in one call: 1 to %s are allowed', v_length, p_most),
            jsonb_build_object('argument', 'run ids', 'length', v_length, 'limit', p_most));
    elsif (select count(distinct u.run_id) from unnest(p_run_ids) as u (run_id)) < v_length then
        perform workflow_pg_private.refuse(
            'WF400', 'a run id is null or is there twice: each run once is needed',
            jsonb_build_object('argument', 'run ids'));
    end if;
end;
$$;

comment on function workflow_pg_private.check_run_ids is
    'Raises WF400 unless there are 1 to p_most ids, all different and none null.';
