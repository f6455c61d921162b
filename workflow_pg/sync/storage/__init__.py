# Written by `make sync` from workflow_pg/storage/__init__.py: edit that one.
"""The facades of what is stored: runs, steps, hooks, waits and the log.

A write is one event and the move it stands for, in one transaction: after a refusal
nothing was written. What the arguments common to most writes mean:

* ``codec``: how to read the payload; the database checks that ``json`` is JSON.
* ``spec_version``: protocol version of the writer, 2 to 7.
* ``dedup_key``: 1 to 255 bytes, unique in the run, drawn before the first try: a
  repeat of the call with the same key returns the first reply and writes nothing.
* ``lease_token``: of the delivery the caller is handling: while it is held the run is
  not woken, because its holder sees to it.
* ``wake``: False when the caller wakes the run itself.
* ``connection``: the caller's own, whose transaction the call joins.
"""
