-- The one place that raises a refusal, so that all have one shape.

create or replace function workflow_pg_private.refuse(
    p_sqlstate  text,
    p_message   text,
    p_detail    jsonb,
    p_hint      text default null
)
returns void
language plpgsql immutable
as $$
begin
    if p_hint is null then
        raise exception using errcode = p_sqlstate,
                              message = p_message,
                              detail  = p_detail::text;
    end if;

    raise exception using errcode = p_sqlstate,
                          message = p_message,
                          detail  = p_detail::text,
                          hint    = p_hint;
end;
$$;

comment on function workflow_pg_private.refuse is
$$Refuse the call: never returns.

p_sqlstate  WFnnn, see docs/errors.md
p_message   one sentence for people
p_detail    a JSON object for programs, sent as DETAIL
p_hint      the next step, if there is one$$;
