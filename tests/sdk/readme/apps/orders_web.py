"""Hooks: the web server of the approval by the id of an order."""

# The README is not typed strictly.
# pyright: basic

import fastapi

from tests.sdk.readme.apps.orders import Approval

app = fastapi.FastAPI()

# README: Hooks, 4
from vercel.workflow import get_hook_by_token


@app.get("/approve")
async def approve(order_id: str):
    hook = await get_hook_by_token(f"order:{order_id}")
    if hook.metadata["order"] == order_id:
        await Approval(approved=True).resume(hook)


# end
