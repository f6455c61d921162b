"""The README on hooks: tokens, metadata, payloads, and web servers that resume."""

from __future__ import annotations

import fastapi
import httpx2
import pydantic
import pytest
from vercel.workflow import HookNotFoundError, get_hook_by_token, start

from tests.crew import Crew, resume, soon
from tests.sdk.readme.apps import (
    approval,
    approval_web,
    business,
    orders,
    orders_web,
)
from tests.sdk.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRIES = [approval.wf, orders.wf]


async def click(app: fastapi.FastAPI, link: str) -> None:
    """Follow a link to a web server."""
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport) as client:
        answer = await client.get(link)
    assert answer.status_code == 200, answer.text


async def test_a_link_in_a_mail_resumes_the_hook(crew: Crew) -> None:
    run = await start(approval.wait_for_approval)
    await until(lambda: business.links)
    (link,) = business.links
    token = link.removeprefix(f"{business.BASE_URL}/approve?token=")
    hook = await get_hook_by_token(token)
    assert (hook.run_id, hook.token, hook.metadata) == (run.run_id, token, None)
    assert len(token) == 21
    await click(approval_web.app, link)
    assert await crew.result(run) is True
    with pytest.raises(HookNotFoundError):
        await get_hook_by_token(token)


async def test_a_payload_may_say_no(crew: Crew) -> None:
    run = await start(approval.wait_for_approval)
    await until(lambda: business.links)
    token = business.links[0].rpartition("=")[2]
    await resume(approval.Approval(approved=False), token)
    assert await crew.result(run) is False


async def test_a_custom_token_leads_to_the_metadata(crew: Crew) -> None:
    run = await start(orders.wait_for_approval, "A17")
    hook = await soon(get_hook_by_token, "order:A17")
    assert (hook.run_id, hook.metadata) == (run.run_id, {"order": "A17"})
    await click(orders_web.app, f"{business.BASE_URL}/approve?order_id=A17")
    assert await crew.result(run) is True
    payloads = crew.session.value(
        "select string_agg(convert_from(payload, 'UTF8'), '') from workflow_pg.events"
        " where run_id = %s and event_type = 'hook_received'",
        run.run_id,
    )
    assert "A17" not in payloads


@pytest.mark.parametrize("token", ["order:nobody", "order:done"])
async def test_a_token_that_no_live_hook_holds_is_not_found(
    crew: Crew, token: str
) -> None:
    run = await start(orders.wait_for_approval, "done")
    hook = await soon(resume, orders.Approval(approved=True), "order:done")
    assert await crew.result(run) is True
    log = crew.session.log(run.run_id)
    with pytest.raises(HookNotFoundError):
        await get_hook_by_token(token)
    with pytest.raises(HookNotFoundError):
        await resume(orders.Approval(approved=True), token)
    with pytest.raises(HookNotFoundError):
        await resume(orders.Approval(approved=True), hook)
    # Not of all tables: the worker lives, and writes that into one of them.
    assert crew.session.log(run.run_id) == log


async def test_payloads_are_models_too(crew: Crew) -> None:
    run = await start(orders.follow, "parcel")
    await soon(resume, orders.Delivery(place="depot"), "parcel")
    await resume(orders.Delivery(place="road", carriers=["Ann", "Bo"]), "parcel")
    await resume(orders.Delivery(place="home"), "parcel")
    assert await crew.result(run) == ["depot", "road Ann Bo", "home"]


async def test_a_payload_is_a_dataclass_or_a_model() -> None:
    class Neither(orders.BaseHook):
        pass

    with pytest.raises(TypeError, match="only supports pydantic models or dataclasses"):
        await resume(Neither(), "order:1")
    with pytest.raises(pydantic.ValidationError):
        orders.Delivery.model_validate({"place": None})
