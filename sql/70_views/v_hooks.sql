-- Every hook, without the token that would let a reader resume it.

create or replace view workflow_pg.v_hooks as
select h.run_id,
       h.hook_id,
       h.status,
       h.is_webhook,
       h.is_system,
       h.spec_version,
       h.created_at,
       h.disposed_at
  from workflow_pg.hooks as h;

comment on view workflow_pg.v_hooks is
    'One row per hook that a run has tried to create, without its token and metadata. Fast by run_id.';
comment on column workflow_pg.v_hooks.run_id is 'The run.';
comment on column workflow_pg.v_hooks.hook_id is 'Correlation id of the hook, unique in its run only.';
comment on column workflow_pg.v_hooks.status is 'live, disposed, or conflict: another hook had its token.';
comment on column workflow_pg.v_hooks.is_webhook is 'Whether a public web address may resume it.';
comment on column workflow_pg.v_hooks.is_system is 'Whether it belongs to the SDK and not to the workflow''s author.';
comment on column workflow_pg.v_hooks.spec_version is 'Protocol version of the event that created it.';
comment on column workflow_pg.v_hooks.created_at is 'Time of hook_created or hook_conflict.';
comment on column workflow_pg.v_hooks.disposed_at is 'When it gave its token back; null while it is live.';
