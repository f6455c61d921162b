-- Which names the messages of some deployments ask for.
--
-- From one name to the next in both indexes, so it costs what the names are and not what
-- the messages are.

create or replace function workflow_pg_private.claimable_names(p_deployments text[])
returns text[]
language plpgsql stable
as $$
declare
    v_names text[];
begin
    with recursive places as (
        select d.deployment_id, null::text collate "C" as pending, null::text collate "C" as leased, true as is_first
          from unnest(p_deployments) as d (deployment_id)
         union all
        select p.deployment_id,
               case when p.is_first or p.pending is not null then (
                   select m.serves
                     from workflow_pg_private.messages as m
                    where m.deployment_id = p.deployment_id
                      and m.lease_token is null
                      and m.buried_at is null
                      and m.serves > coalesce(p.pending, '')
                    order by m.serves
                    limit 1) end,
               case when p.is_first or p.leased is not null then (
                   select m.serves
                     from workflow_pg_private.messages as m
                    where m.deployment_id = p.deployment_id
                      and m.lease_token is not null
                      and m.serves > coalesce(p.leased, '')
                    order by m.serves
                    limit 1) end,
               false
          from places as p
         where p.is_first
            or p.pending is not null
            or p.leased is not null
    )
    select coalesce(array_agg(distinct n.name), '{}')
      into v_names
      from places as p
     cross join lateral unnest(array[p.pending, p.leased]) as n (name)
     where n.name is not null;

    return v_names;
end;
$$;

comment on function workflow_pg_private.claimable_names is
    'Names of the workflows and steps that pending or leased messages of the deployments are for.';
