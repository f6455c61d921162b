"""Every statement this package sends, beside those of the migrator.

Each calls one function of schema workflow_pg, by name and with named arguments, in
FROM: as ``select (f(...)).*`` PostgreSQL would run it once per column.
"""
