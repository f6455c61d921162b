-- Is this a start key, with a rule for its life that can be kept?

create or replace function workflow_pg_private.check_start_key(
    p_start_key  text,
    p_policy     workflow_pg.key_policy,
    p_scope      workflow_pg.key_scope,
    p_ttl        interval,
    p_digest     bytea
)
returns void
language plpgsql immutable
as $$
begin
    perform workflow_pg_private.check_text('start key', p_start_key, 1024);

    if p_policy is null or p_scope is null then
        perform workflow_pg_private.refuse(
            'WF400',
            case when p_policy is null then 'a start key needs a policy: return or refuse'
                 else 'a start key needs a scope: live, kept or timed' end,
            jsonb_build_object('argument', case when p_policy is null then 'policy' else 'scope' end));
    elsif p_scope = 'timed' and (p_ttl > '0 seconds' and p_ttl <= '1000 days') is not true then
        perform workflow_pg_private.refuse(
            'WF400', format('ttl %s of a start key is out of range: scope timed needs one of more than 0 and at most 1000 days',
                            coalesce(p_ttl::text, 'null')),
            jsonb_build_object('argument', 'ttl'));
    elsif p_scope <> 'timed' and p_ttl is not null then
        perform workflow_pg_private.refuse(
            'WF400', format('a start key of scope %s has no ttl: leave it out, or say scope timed', p_scope),
            jsonb_build_object('argument', 'ttl'));
    elsif p_digest is null then
        perform workflow_pg_private.refuse(
            'WF400', 'a start needs a workflow name and an input, and an input digest is 32 bytes',
            jsonb_build_object('argument', 'input'));
    end if;
end;
$$;

comment on function workflow_pg_private.check_start_key is
    'Raises WF400 unless the key is 1 to 1024 bytes, policy and scope are there, a ttl with scope timed only, and there is something that the key can stand for.';
