-- Which history this is, for whoever has read a log and is about to add to it.
--
-- A restore to an earlier time and the promotion of a standby both begin a new timeline.
-- What was read before may be of a log that is longer than the one that is here now.

create or replace function workflow_pg.epoch(p_expected text default null)
returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_epoch text;
begin
    -- The timeline of what is being written, not of the last checkpoint: that one is late.
    select concat_ws('-',
                     s.system_identifier,
                     case when pg_catalog.pg_is_in_recovery() then 'standby'
                          else left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 8)
                     end,
                     d.oid,
                     'workflow_pg.events'::pg_catalog.regclass::pg_catalog.oid)
      into v_epoch
      from pg_catalog.pg_control_system() as s
      join pg_catalog.pg_database as d
        on d.datname = pg_catalog.current_database();

    if v_epoch <> p_expected then
        perform workflow_pg_private.refuse(
            'WF409', 'the database has been restored or failed over: what was read before may not be in it',
            jsonb_build_object('epoch', v_epoch, 'expected', p_expected),
            'Drop what you hold, read again, and go on in the epoch of the detail.');
    end if;

    return v_epoch;
end;
$$;

comment on function workflow_pg.epoch is
$$The history that this database has: another text after a restore or a failover.

Made of system identifier, timeline, and the identities of database and log; compare it only.
A worker adds `where workflow_pg.epoch('...') is not null` to its calls: then each of them
is refused as a whole where the history is another one than that of its deliveries.

p_expected  the epoch that the caller has read in; null to ask
raises      WF409 it is another one, with detail.epoch$$;
