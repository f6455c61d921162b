-- Which deployments a claim looks at.

create or replace function workflow_pg_private.claimable_deployments(p_deployment_id text)
returns text[]
language plpgsql stable
as $$
begin
    if p_deployment_id <> '*' then
        return array[p_deployment_id];
    end if;

    return array(select distinct m.deployment_id from workflow_pg_private.messages as m);
end;
$$;

comment on function workflow_pg_private.claimable_deployments is
    'p_deployment_id alone; for * every deployment that has a message.';
