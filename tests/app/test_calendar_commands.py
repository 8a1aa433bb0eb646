"""`fortnight rota import` and `export`: a file, an address, and back into another clinic's rota."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.app.conftest import CommandLine


def ics(summary: str = "S-1") -> str:
    start = datetime.now(UTC) - timedelta(days=1)
    times = f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDTEND:{start + timedelta(days=60):%Y%m%dT%H%M%SZ}"
    event = f"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:{summary}\r\n{times}\r\nEND:VEVENT"
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{event}\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def staffed(fortnight: CommandLine) -> CommandLine:
    """A clinic with a clinician, and a calendar beside it."""
    fortnight.of("staff", "add", "--name", "Clinician One", "--role", "clinician")
    (fortnight.folder / "on-call.ics").write_text(ics())
    return fortnight


@pytest.fixture
def address() -> Iterator[str]:
    """A server with a calendar at /calendar, and nothing elsewhere."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/calendar" else 404)
            self.end_headers()
            self.wfile.write(ics().encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_file_becomes_shifts_and_says_the_gaps_that_are_left(staffed: CommandLine) -> None:
    taken = staffed.of("rota", "import", str(staffed.folder / "on-call.ics"))
    assert taken == {"calendar": "imported", "added": 1, "removed": 0, "kept": 0, "skipped": [], "gaps": []}
    (shift,) = staffed.of("rota", "show")["shifts"]
    assert (shift["staff"], shift["calendar"]) == ("S-1", "imported")


def test_an_address_is_fetched_and_what_it_refuses_is_not_told(staffed: CommandLine, address: str) -> None:
    assert staffed.of("rota", "import", f"{address}/calendar")["added"] == 1
    complaint = staffed.refused("rota", "import", f"{address}/secret-token")
    assert "secret-token" not in str(complaint)
    assert "gave no calendar" in complaint["error"]


def test_what_cannot_be_read_is_refused(staffed: CommandLine) -> None:
    assert "cannot be read" in staffed.refused("rota", "import", "missing.ics")["error"]
    other = staffed.folder / "other.ics"
    other.write_text(ics("Team meeting"))
    assert "no level" in staffed.refused("rota", "import", str(other), "--staff", "S-1", "--level", "third")["error"]
    assert "--skip" in staffed.refused("rota", "import", str(other))["mend"]
    assert staffed.of("rota", "import", str(other), "--staff", "S-1", "--level", "backup")["added"] == 1


def test_ones_own_shifts_go_out_and_come_back(staffed: CommandLine) -> None:
    staffed.of("rota", "import", str(staffed.folder / "on-call.ics"))
    shown = staffed.run("rota", "export", "--staff", "S-1")
    assert shown.out.startswith("BEGIN:VCALENDAR")
    (staffed.folder / "own.ics").write_text(shown.out)
    taken = staffed.of("rota", "import", str(staffed.folder / "own.ics"), "--staff", "S-1", "--calendar", "own")
    assert taken["added"] == 1
    (before, after) = staffed.of("rota", "show")["shifts"]
    assert (before["from"], before["to"], after["calendar"]) == (after["from"], after["to"], "own")
