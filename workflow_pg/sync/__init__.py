"""The World for programs that block: the same facades, written from the async ones.

`SyncWorld` is made here and loaded from `workflow_pg`. All but the pool, in `database`,
and the waiting of readers, in `watcher`, is written by `make sync`.
"""
