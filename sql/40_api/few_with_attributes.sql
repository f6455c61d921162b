-- The runs that may have all of some attributes, if they are few.
--
-- A pair that few runs have names them all, through its index. Pairs that many runs have
-- are met soon on the way from the newest run down. Which way it is, the database sees by
-- counting a little, and not by what it remembers of how values are spread.

create or replace function workflow_pg_private.few_with_attributes(p_attributes jsonb)
returns text[]
language plpgsql stable
as $$
declare
    c_few constant integer := 1000;
    v_run_ids      text[];
begin
    select n.run_ids
      into v_run_ids
      from jsonb_each_text(p_attributes) as w
     cross join lateral (
           select array(select a.run_id
                          from workflow_pg.run_attributes as a
                         where a.key = w.key
                           and a.value = w.value
                         -- The order of the index, which this keeps the planner to.
                         order by a.run_id
                         limit c_few)) as n (run_ids)
     order by cardinality(n.run_ids)
     limit 1;

    return case when cardinality(v_run_ids) < c_few then v_run_ids end;
end;
$$;

comment on function workflow_pg_private.few_with_attributes is
    'The runs with the rarest of some pairs, a JSON object of texts; null when even those are 1000 or more, or there are no pairs.';
