-- A ULID: 48 bits of milliseconds, 80 random bits, Crockford's base 32.
--
-- For run ids that no client has drawn. Format: github.com/ulid/spec.

create or replace function workflow_pg_private.new_ulid()
returns text
language plpgsql volatile
as $$
declare
    c_alphabet constant text   := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    v_random   constant bytea  := decode(replace(gen_random_uuid()::text
                                              || gen_random_uuid()::text, '-', ''), 'hex');
    v_millis            bigint := floor(extract(epoch from clock_timestamp()) * 1000)::bigint;
    v_ulid              text   := '';
begin
    for i in 1..10 loop
        v_ulid   := substr(c_alphabet, (v_millis % 32)::integer + 1, 1) || v_ulid;
        v_millis := v_millis / 32;
    end loop;

    -- The low five bits of sixteen bytes; of a UUID's, only byte 6 (its version) is not random there.
    for i in 0..15 loop
        v_ulid := v_ulid
               || substr(c_alphabet, get_byte(v_random, i + (i >= 6)::integer) % 32 + 1, 1);
    end loop;

    return v_ulid;
end;
$$;

comment on function workflow_pg_private.new_ulid is
    'A new ULID of 26 characters, dated by the wall clock.';
