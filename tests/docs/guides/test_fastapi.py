"""docs/guides/fastapi.md: a server that produces, and a worker apart from it."""

from __future__ import annotations

from tests.docs.apps import App
from tests.docs.blocks import GUIDES, programs
from tests.docs.web import CALL

CLIENT = """
import asyncio
from api import app
from web import call

async def main():
    code, answer = await call(app, "POST", "/orders/A17")
    assert code == 202
    assert await call(app, "POST", "/orders/A17") == (202, answer)
    approval = ("POST", "/orders/A17/approval", "by=Grace")
    while (code := (await call(app, *approval))[0]) != 204:
        assert code == 404
        await asyncio.sleep(0.1)
    while (told := await call(app, "GET", f"/runs/{answer['run']}")) != DONE:
        assert told[0] == 200
        await asyncio.sleep(0.1)
    missing = "wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    assert (await call(app, "GET", f"/runs/{missing}"))[0] == 404
    print(await call(app, "POST", "/orders/B4/approval", "by=Grace"))

DONE = (200, {"status": "completed"})
asyncio.run(main())
"""


def test_the_server_and_the_worker_do_what_the_page_says(app: App) -> None:
    app.write({**programs(GUIDES / "fastapi.md"), "web.py": CALL, "client.py": CLIENT})
    with app.worker("shop:wf"):
        told = app.run("client.py")
    assert told == "(404, {'detail': 'nobody waits for this approval'})"
