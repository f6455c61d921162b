"""Basic Workflow."""

# The README is not typed strictly.
# pyright: basic

# README: Basic Workflow, 1
from vercel.workflow import Workflows, sleep, start

from tests.sdk.readme.apps import business

wf = Workflows()


@wf.step
async def charge_customer(customer_id: str) -> None:
    business.charged.append(customer_id)


@wf.workflow
async def renew_subscription(customer_id: str) -> None:
    await sleep("1h")
    await charge_customer(customer_id)


async def main() -> None:
    run = await start(renew_subscription, "cus_123")
    assert run.run_id.startswith("wrun_")


# end
