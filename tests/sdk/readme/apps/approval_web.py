"""Hooks: the web server that the link of the mail leads to."""

# The README is not typed strictly.
# pyright: basic

# README: Hooks, 2
import fastapi

from tests.sdk.readme.apps.approval import Approval

app = fastapi.FastAPI()


@app.get("/approve")
async def approve(token: str):
    await Approval(approved=True).resume(token)
    return "approved"


# end
