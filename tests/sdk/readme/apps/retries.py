"""Step retries: when a step is tried again."""

# The README is not typed strictly.
# pyright: basic

from datetime import datetime, timedelta, timezone

from vercel.workflow import Workflows

from tests.sdk.readme.apps.business import http

wf = Workflows()

# README: Step retries, 1
from vercel.workflow import FatalError, RetryableError


@wf.step(max_retries=5)
async def charge_customer(customer_id: str) -> None:
    if not customer_id:
        # Retrying cannot help, so fail the step on this attempt.
        raise FatalError("no customer")
    response = await http.post(...)
    if response.status_code == 429:
        # Retry, but not before the API says we may.
        raise RetryableError("rate limited", retry_after="10s")


# end


@wf.workflow
async def renew_subscription(customer_id: str) -> str:
    """Charge."""
    await charge_customer(customer_id)
    return "charged"


@wf.step(max_retries=1)
async def rate_limited(spelling: str) -> None:
    """Ask to be tried again in every way there is."""
    # A step runs outside the sandbox, where time passes.
    moment = datetime.now(timezone.utc) + timedelta(seconds=1.5)
    ways = {"text": "1s", "number": 1.5, "timedelta": timedelta(seconds=1.5)}
    match spelling:
        case "default":
            raise RetryableError("rate limited")
        case "datetime":
            raise RetryableError("rate limited", retry_after=moment)
        case _:
            raise RetryableError("rate limited", retry_after=ways[spelling])


@wf.workflow
async def limited(spelling: str) -> str:
    """Never get through."""
    try:
        await rate_limited(spelling)
    except FatalError as error:
        return str(error)
    return "not limited"
