"""docs/guides/django.md: a view starts a run, a command executes it."""

from __future__ import annotations

import psycopg

from tests.docs.apps import App
from tests.docs.blocks import GUIDES, commands, programs

PAGE = GUIDES / "django.md"

CLIENT = """
import os, time

os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"

import django

django.setup()

from django.db import IntegrityError
from django.test import Client
from orders.models import Order

client = Client()
run = client.post("/orders/A17").json()["run"]
try:
    client.post("/orders/A17")
except IntegrityError:
    print("refused")
while client.get(f"/runs/{run}").json()["status"] != "completed":
    time.sleep(0.1)
print(Order.objects.get().state)
"""


def test_the_project_does_what_the_page_says(
    app: App, conn: psycopg.Connection
) -> None:
    packages = ("shop", "orders", "orders/management", "orders/management/commands")
    app.write({f"{package}/__init__.py": "" for package in packages})
    app.write({**programs(PAGE), "client.py": CLIENT})
    lines = [line.split() for line in commands(PAGE) if line.startswith("python ")]
    *migrations, worker = lines
    for line in migrations:
        app.execute(*line)
    with app.serving(*worker[1:]):
        assert app.run("client.py").split() == ["refused", "shipped"]
    # The order that was refused left no run.
    runs = conn.execute("select count(*) from workflow_pg.runs").fetchone()
    assert runs == (1,)
