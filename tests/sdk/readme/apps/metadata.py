"""Step retries: what a step knows of itself."""

# The README is not typed strictly.
# pyright: basic

from vercel.workflow import RetryableError, Workflows

from tests.sdk.readme.apps import business

wf = Workflows()

# README: Step retries, 2
from datetime import datetime, timezone

from vercel.workflow import get_step_metadata


@wf.step
async def charge_customer(customer_id: str) -> None:
    info = get_step_metadata()
    elapsed = datetime.now(timezone.utc) - info.step_started_at
    business.elapsed.append(elapsed)
    business.charged.append(f"{info.run_id} {info.step_id} {info.attempt}")
    if info.attempt == 1:
        raise RetryableError(f"not charged: {customer_id}")


# end


@wf.workflow
async def renew_subscription(customer_id: str) -> None:
    """Charge at the second attempt."""
    await charge_customer(customer_id)
