"""Calls a web application as a server does, without one."""

from __future__ import annotations

CALL = """
import asyncio, json

async def call(app, method, path, query=""):
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": "", "headers": [], "server": ("app", 80), "client": ("me", 1),
    }
    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(body or "null")
"""
"""A module with `call`: the status and the JSON that an ASGI application answers."""
