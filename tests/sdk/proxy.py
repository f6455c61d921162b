"""A TCP proxy before PostgreSQL that cuts a connection at a chosen moment.

The bytes it looks at are those of the wire protocol: with prepared statements off,
the text of each statement is in them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from psycopg.conninfo import conninfo_to_dict, make_conninfo


@dataclass(slots=True)
class Cut:
    """Where to cut, once: at a statement's request, or at the reply to it."""

    marker: bytes
    at_reply: bool
    is_done: bool = False


class Proxy:
    """Forwards connections; `cut` is what it does to one of them."""

    def __init__(self, dsn: str) -> None:
        target = conninfo_to_dict(dsn)
        self._host = str(target["host"])
        self._port = int(str(target["port"]))
        self._dsn = dsn
        self.cut: Cut | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._streams: list[asyncio.StreamWriter] = []

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[str]:
        """The DSN that leads through the proxy, while the block runs."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            yield make_conninfo(self._dsn, host="127.0.0.1", port=port)
        finally:
            server.close()
            for stream in self._streams:
                stream.transport.abort()
            await asyncio.gather(*self._serving)

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        # In a task of our own, so that none is left behind when the proxy closes.
        self._serving.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        there, back = await asyncio.open_connection(self._host, self._port)
        self._streams += (writer, back)
        cutting = asyncio.Event()

        async def requests() -> None:
            while data := await reader.read(65536):
                cut = self.cut
                if cut and not cut.is_done and cut.marker in data:
                    cut.is_done = True
                    if not cut.at_reply:
                        return
                    cutting.set()
                back.write(data)
                await back.drain()

        async def replies() -> None:
            while data := await there.read(65536):
                if cutting.is_set():
                    return
                writer.write(data)
                await writer.drain()

        pumps = [asyncio.create_task(requests()), asyncio.create_task(replies())]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for stream in (writer, back):
                # Cut, not closed in good order: so a network fails.
                stream.transport.abort()
