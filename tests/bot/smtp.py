"""A mail server of a few lines, for tests of the second channel: it takes every message and keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """What it got, and the apprise URL that leads to it; `refuses` when it takes no message."""

    url: str = ""
    refuses: bool = False
    mails: list[EmailMessage] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """The bodies, as text."""
        bodies = [mail.get_body(("plain", "html")) for mail in self.mails]
        return [body.get_content() for body in bodies if body is not None]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""
        writer.write(b"220 mail.example.org\r\n")
        while line := (await reader.readline()).upper():
            if line.startswith(b"DATA") and not self.refuses:
                writer.write(b"354 go on\r\n")
                raw = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(message_from_bytes(raw[:-5], policy=policy.default))  # type: ignore[arg-type]
            writer.write(b"554 no\r\n" if self.refuses and line.startswith(b"DATA") else b"250 fine\r\n")
            if line.startswith(b"QUIT"):
                break
        writer.close()


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """A mail server while it is entered."""
    mails = MailServer()
    server = await asyncio.start_server(mails.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mails.url = f"mailto://127.0.0.1:{port}/?mode=insecure&from=fortnight@example.org&to=oncall@example.org"
    async with server:
        yield mails
