"""Run attributes."""

# The README is not typed strictly.
# pyright: basic

from vercel.workflow import Workflows, start

from tests.sdk.readme.apps.business import charged

wf = Workflows()

# README: Run attributes, 1
from vercel.workflow import remove_attributes, set_attributes


@wf.workflow
async def renew_subscription(customer_id: str) -> None:
    await set_attributes(customer=customer_id, phase="charging")
    await charge_customer(customer_id)
    await set_attributes(phase="done")
    await remove_attributes("customer")


# end


@wf.step
async def charge_customer(customer_id: str) -> None:
    """Charge, and set an attribute in the step."""
    charged.append(customer_id)
    await set_attributes({"charged.by": "bank"})
    await remove_attributes("charged.by", "never.set")


async def main() -> None:
    """Read the attributes back."""
    # README: Run attributes, 2
    run = await start(renew_subscription, "cus_123")
    await run.return_value()

    assert await run.attributes() == {"phase": "done"}
    # end


@wf.workflow
async def greedy(key: str, value: str) -> str:
    """Set what is too long, and say what one is told."""
    try:
        await set_attributes({key: value})
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "set"
