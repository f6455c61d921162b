"""A server that refuses each connection: `python -m tests.world.refusing SQLSTATE`.

In a process of its own, because the driver lets no other thread run while it pings.
Prints its port.
"""

from __future__ import annotations

import socketserver
import sys

PROTOCOL_3 = 3 << 16


class Refusal(socketserver.StreamRequestHandler):
    """Reads what a client begins with, and answers with an error."""

    def handle(self) -> None:
        """Answer one client."""
        while True:
            length = int.from_bytes(self.rfile.read(4))
            if int.from_bytes(self.rfile.read(length - 4)[:4]) == PROTOCOL_3:
                break
            self.wfile.write(b"N")  # neither TLS nor GSSAPI
        fields = f"SFATAL\0VFATAL\0C{sys.argv[1]}\0Mtold in any language\0\0".encode()
        self.wfile.write(b"E" + (len(fields) + 4).to_bytes(4) + fields)


if __name__ == "__main__":
    with socketserver.TCPServer(("127.0.0.1", 0), Refusal) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()
