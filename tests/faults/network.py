"""The network between an engine and Telegram's stand-in: it relays, resets what is open, or swallows everything."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator

AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset


class Network:
    """Connections to one server. Make one with `between`."""

    def __init__(self, host: str, port: int) -> None:
        self.url = ""
        self.resets = 0
        self._to = (host, port)
        self._works = asyncio.Event()
        self._works.set()
        self._breaks = False
        self._open: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()

    def reset(self) -> None:
        """From now on every connection is reset, those that are open too."""
        self._breaks = True
        for writer in [*self._open]:
            self._cut(writer)

    def fall_silent(self) -> None:
        """Whatever is open stays open, and nothing comes through any more, in either direction."""
        self._works.clear()

    def recover(self) -> None:
        """New connections work again; what was swallowed is lost, and its connections stay as they are."""
        self._breaks, self._works = False, asyncio.Event()
        self._works.set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its beginning to its end."""
        if self._breaks:
            self._cut(writer)
            return
        there_reader, there_writer = await asyncio.open_connection(*self._to)
        self._open |= {writer, there_writer}
        works = self._works
        for source, sink in ((reader, there_writer), (there_reader, writer)):
            task = asyncio.create_task(self._relay(source, sink, works))
            self._relays.add(task)
            task.add_done_callback(self._relays.discard)

    async def close(self) -> None:
        """End all of it."""
        for task in [*self._relays]:
            task.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)
        for writer in self._open:
            writer.transport.abort()

    async def _relay(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, works: asyncio.Event) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if not works.is_set():
                    await asyncio.Event().wait()
                sink.write(data)
                await sink.drain()
            sink.close()

    def _cut(self, writer: asyncio.StreamWriter) -> None:
        self.resets += 1
        with contextlib.suppress(OSError):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        writer.transport.abort()
        self._open.discard(writer)


@contextlib.asynccontextmanager
async def between(host: str, port: int) -> AsyncIterator[Network]:
    """A network in front of a server; `url` leads through it."""
    network = Network(host, port)
    server = await asyncio.start_server(network.connected, "127.0.0.1", 0)
    network.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield network
    finally:
        server.close()
        await network.close()
