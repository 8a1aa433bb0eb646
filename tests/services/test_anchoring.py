"""Anchors outside the database: whatever is done to the audit, it is found, and where."""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from services import anchoring, auditing, backups
from services.anchoring import AnchorFile, Behind
from services.clinic import Clinic
from services.errors import Refused
from store import audit
from store.database import Transaction
from store.schema import audit as table
from store.schema import audit_head
from tests.databases import KEY
from tests.store.rows import Undone, lay_guards_down

STREAMS = ("clinic", "patient:a", "patient:b", "patient:c")
ROWS = 12
WAYS = int(os.environ.get("TAMPER_WAYS", "120"))


async def record(tx: Transaction, stream: str, number: int, now: datetime) -> None:
    at = now + timedelta(seconds=number)
    detail = {"n": number}
    await audit.record(tx, stream=stream, actor="cli", action=f"did-{number}", subject="P-1", now=at, detail=detail)


@pytest.fixture
async def anchored(clinic: Clinic, now: datetime, tmp_path: Path) -> tuple[Clinic, AnchorFile]:
    """Four chains of twelve rows, anchored twice on the way and at the end."""
    file = AnchorFile(tmp_path / "fortnight.anchors")
    for number in range(ROWS):
        async with clinic.database.transaction() as tx:
            for stream in STREAMS:
                await record(tx, stream, number, now)
        if number in (3, 8, ROWS - 1):
            await file.add(clinic, now + timedelta(seconds=number))
    return clinic, file


async def found(tx: Transaction, path: Path) -> dict[str, int]:
    """Where each stream breaks."""
    against = [anchoring.read(path).hashes]
    places = {stream: await auditing.breaks(tx, stream, against) for stream in await auditing.all_streams(tx, against)}
    return {stream: seq for stream, seq in places.items() if seq is not None}


async def make_anew(tx: Transaction, stream: str, rows: list[dict[str, Any]]) -> None:
    """Write a stream as somebody does who has the key: every number and hash is right."""
    await tx.execute(delete(table).where(table.c.stream == stream))
    before = audit.GENESIS
    for seq, row in enumerate(rows, 1):
        values = {**row, "seq": seq}
        before = values["mac"] = audit.chain_mac(await tx.keyring.chain_key(tx), before, values)
        await tx.execute(insert(table), values)
    end = {"seq": len(rows), "mac": before}
    await tx.execute(update(audit_head).where(audit_head.c.stream == stream).values(**end))


async def tamper(tx: Transaction, dice: random.Random, now: datetime) -> str:
    """One of the ways in which somebody could change what is on record; says which."""
    stream, seq, other = dice.choice(STREAMS), dice.randint(1, ROWS), dice.randint(1, ROWS - 1)
    other += other >= seq
    here = (table.c.stream == stream) & (table.c.seq == seq)
    rows = [row._asdict() for row in await tx.rows(select(table).where(table.c.stream == stream).order_by("seq"))]
    way = dice.choice(["change", "remove", "swap", "cut", "cut-with-head", "anew", "anew-shorter", "head", "all-gone"])
    match way:
        case "change":
            column, value = dice.choice(
                [("actor", "staff:x"), ("action", "other"), ("subject", "P-2"), ("detail", {"n": -1}),
                 ("mac", f"{dice.getrandbits(256):064x}"), ("at", now - timedelta(days=1))]
            )  # fmt: skip
            await tx.execute(update(table).where(here).values({column: value}))
        case "remove":
            await tx.execute(delete(table).where(here))
        case "swap":
            for number, to in ((seq, 900), (other, seq), (900, other)):
                row = (table.c.stream == stream) & (table.c.seq == number)
                await tx.execute(update(table).where(row).values(seq=to))
        case "cut" | "cut-with-head":
            await tx.execute(delete(table).where(table.c.stream == stream, table.c.seq >= seq))
            if way == "cut-with-head":
                end = {"seq": seq - 1, "mac": rows[seq - 2]["mac"] if seq > 1 else audit.GENESIS}
                await tx.execute(update(audit_head).where(audit_head.c.stream == stream).values(**end))
        case "anew":
            rows[seq - 1]["actor"] = "staff:somebody-else"
            await make_anew(tx, stream, rows)
        case "anew-shorter":
            await make_anew(tx, stream, rows[: seq - 1] + rows[seq:])
        case "head":
            await tx.execute(delete(audit_head).where(audit_head.c.stream == stream))
        case "all-gone":
            await tx.execute(delete(table).where(table.c.stream == stream))
            await tx.execute(delete(audit_head).where(audit_head.c.stream == stream))
    return f"{way} {stream} {seq}"


async def test_tampering_at_random_is_always_found_and_its_stream_named(
    anchored: tuple[Clinic, AnchorFile], now: datetime
) -> None:
    clinic, file = anchored
    dice = random.Random(20261125)
    for _ in range(WAYS):
        try:
            async with clinic.database.transaction() as tx:
                await lay_guards_down(tx)
                done = await tamper(tx, dice, now)
                places = await found(tx, file.path)
                assert list(places) == [done.split()[1]], done
                raise Undone
        except Undone:
            continue
    async with clinic.database.reading() as tx:
        assert await found(tx, file.path) == {}


async def test_without_its_anchors_a_chain_made_anew_would_hold(anchored: tuple[Clinic, AnchorFile]) -> None:
    clinic, file = anchored
    async with clinic.database.transaction() as tx:
        await lay_guards_down(tx)
        rows = [row._asdict() for row in await tx.rows(select(table).where(table.c.stream == "clinic"))]
        await make_anew(tx, "clinic", rows[:5])
        assert await audit.first_break(tx, "clinic") is None
        assert await found(tx, file.path) == {"clinic": 6}


async def test_only_ends_that_have_moved_are_added_and_a_new_process_goes_on_with_the_links(
    anchored: tuple[Clinic, AnchorFile], now: datetime
) -> None:
    clinic, file = anchored
    lines = file.path.read_text().count("\n")
    last = anchoring.read(file.path).links[-1]
    assert await AnchorFile(file.path).add(clinic, now) == last
    assert file.path.read_text().count("\n") == lines
    async with clinic.database.transaction() as tx:
        await record(tx, "clinic", 99, now)
    assert await AnchorFile(file.path).add(clinic, now) == anchoring.read(file.path).links[-1] != last
    assert "patient" not in file.path.read_text().split("\n")[-2]


@pytest.mark.parametrize("harm", ["changed", "taken out", "put in another order"])
async def test_anchors_that_were_changed_say_so(anchored: tuple[Clinic, AnchorFile], harm: str, now: datetime) -> None:
    clinic, file = anchored
    one, two, three = file.path.read_text().split("\n")[:-1]
    text = {"changed": [one.replace("did", "x").replace('"at":"2026', '"at":"2025'), two], "taken out": [two, three]}
    file.path.write_text("\n".join(text.get(harm, [two, one])) + "\n")
    with pytest.raises(Refused, match="line 1"):
        await AnchorFile(file.path).add(clinic, now)


async def test_a_line_that_a_crash_cut_short_is_passed_over(anchored: tuple[Clinic, AnchorFile], now: datetime) -> None:
    clinic, file = anchored
    whole = anchoring.read(file.path)
    with file.path.open("a") as opened:
        opened.write('{"at": "20')
    assert anchoring.read(file.path) == whole
    async with clinic.database.transaction() as tx:
        await record(tx, "clinic", 99, now)
    assert await file.add(clinic, now) == anchoring.read(file.path).links[-1]


async def test_a_database_with_less_than_was_anchored_is_said_to_be_behind(
    anchored: tuple[Clinic, AnchorFile], now: datetime
) -> None:
    clinic, file = anchored
    async with clinic.database.transaction() as tx:
        await lay_guards_down(tx)
        await tx.execute(delete(table).where(table.c.stream == "clinic", table.c.seq > 5))
        await tx.execute(update(audit_head).where(audit_head.c.stream == "clinic").values(seq=5))
    with pytest.raises(Behind):
        await AnchorFile(file.path).add(clinic, now)


async def test_a_backup_holds_the_ends_too(anchored: tuple[Clinic, AnchorFile], now: datetime, tmp_path: Path) -> None:
    clinic, _ = anchored
    path = tmp_path / "x.backup"
    await backups.take(clinic.database, path, now)
    heads = anchoring.of_heads(backups.heads_in(path, KEY))
    assert set(heads) == set(STREAMS)
    async with clinic.database.transaction() as tx:
        await lay_guards_down(tx)
        rows = [row._asdict() for row in await tx.rows(select(table).where(table.c.stream == "patient:a"))]
        await make_anew(tx, "patient:a", rows[1:])
        assert await auditing.breaks(tx, "patient:a", [heads]) == ROWS
