"""docs/transactions.md: its programs run as they stand, its promises name tests."""

from __future__ import annotations

import re

import psycopg

from tests.docs.apps import App
from tests.docs.blocks import ROOT, fenced

PAGE = ROOT / "docs/transactions.md"

SHOP = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from vercel.workflow import SandboxPolicy, Workflows

wf = Workflows(
    sandbox_policy=SandboxPolicy(passthrough_modules=frozenset({"sqlalchemy"}))
)

class Base(DeclarativeBase):
    pass

class Order(Base):
    __tablename__ = "orders"
    number: Mapped[str] = mapped_column(primary_key=True)
    cents: Mapped[int]

@wf.workflow
async def fulfil(number: str, cents: int) -> str:
    return f"{number} for {cents}"
"""
PSYCOPG = """
async def main():
    dsn = os.environ["WORKFLOW_PG_DSN"]
    async with await psycopg.AsyncConnection.connect(dsn) as conn:
        print(await order(conn, "A1", 100))
        await conn.commit()
        await order(conn, "A2", 200)
        await conn.rollback()

asyncio.run(main())
"""
SQLALCHEMY = """
async def main():
    async def connect():
        return await psycopg.AsyncConnection.connect(os.environ["WORKFLOW_PG_DSN"])

    engine = create_async_engine("postgresql+psycopg://", async_creator=connect)
    async with AsyncSession(engine) as session:
        print(await place(session, "B1", 100))
    await engine.dispose()

asyncio.run(main())
"""
DJANGO = """
told = conninfo_to_dict(os.environ["WORKFLOW_PG_DSN"])
keys = {"NAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user",
        "PASSWORD": "password"}
settings.configure(DATABASES={"default": {
    "ENGINE": "django.db.backends.postgresql",
    **{name: told[key] for name, key in keys.items()}}})
django.setup()
print(place_in_django("C1", 100))
"""
ONCE = """
async def main():
    print(await place_once("D1", 100))
    print(await place_once("D1", 100))

asyncio.run(main())
"""
WAIT = """
from vercel.workflow import get_run

print(asyncio.run(get_run("RUN").return_value()))
"""
USE = "import asyncio, os\nfrom workflow_pg.sdk import use_postgres\nuse_postgres()\n"


def test_the_programs_do_what_they_say(app: App, conn: psycopg.Connection) -> None:
    conn.execute("create table orders (number text primary key, cents integer)")
    with_psycopg, with_sqlalchemy, with_django, once = fenced(PAGE, "python")
    app.write(
        {
            "shop.py": SHOP,
            "with_psycopg.py": "import os\n" + with_psycopg + PSYCOPG,
            "with_sqlalchemy.py": USE
            + "import psycopg\nfrom sqlalchemy.ext.asyncio import create_async_engine\n"
            + with_sqlalchemy
            + SQLALCHEMY,
            "with_django.py": USE
            + "import django\nfrom django.conf import settings\n"
            + "from psycopg.conninfo import conninfo_to_dict\n"
            + with_django
            + DJANGO,
            "once.py": USE + once + ONCE,
        }
    )
    names = ("with_psycopg.py", "with_sqlalchemy.py", "with_django.py")
    started = {app.run(name) for name in names}
    first, again = app.run("once.py").split()
    assert first == again
    assert ids(conn) == {*started, first}
    numbers = conn.execute("select number from orders order by number").fetchall()
    assert [number for (number,) in numbers] == ["A1", "B1", "C1"]
    with app.worker("shop:wf"):
        app.write({"wait.py": USE + WAIT.replace("RUN", first)})
        assert app.run("wait.py") == "D1 for 100"


def test_the_statement_starts_once(conn: psycopg.Connection) -> None:
    (statement,) = fenced(PAGE, "sql")
    (first,) = conn.execute(statement.encode()).fetchall()
    (again,) = conn.execute(statement.encode()).fetchall()
    assert first == (again[0], True)
    assert again[1] is False


def test_every_promise_names_tests_that_exist() -> None:
    text = PAGE.read_text(encoding="utf-8")
    promised = text.partition("## Promised")[2].partition("## What to know")[0]
    promises = re.split(r"\n\n(?=\*\*)", promised.strip())
    assert len(promises) == 5
    for promise in promises:
        shown = promise.partition("Shown by:")[2]
        tests = re.findall(r"`(tests/[^`]+)`", shown)
        assert tests, promise
        assert all((ROOT / test).exists() for test in tests)


def ids(conn: psycopg.Connection) -> set[str]:
    """The runs that are there."""
    return {row[0] for row in conn.execute("select run_id from workflow_pg.runs")}
