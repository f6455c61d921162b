"""Hooks: an approval by a link in a mail."""

# The README is not typed strictly.
# pyright: basic

from tests.sdk.readme.apps.business import BASE_URL, links

# README: Hooks, 1
from dataclasses import dataclass

from vercel.workflow import BaseHook, Workflows

wf = Workflows()


@dataclass
class Approval(BaseHook):
    approved: bool


@wf.workflow
async def wait_for_approval() -> bool:
    async with Approval.wait() as hook:
        await send_approval_email(hook.token)
        approval = await hook
        return approval.approved


@wf.step
async def send_approval_email(token: str) -> None:
    # Send an email with a generated link with the token,
    # which, when clicked, will resume the hook, see below.
    link = f"{BASE_URL}/approve?token={token}"
    links.append(link)


# end
