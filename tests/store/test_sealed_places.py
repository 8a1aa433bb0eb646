"""Whatever is sealed can be found again by its table, column and row: rotation depends on it."""

from __future__ import annotations

import re
from pathlib import Path

from store.rotation import SEALED

STORE = Path(__file__).resolve().parents[2] / "store"
PLACE = re.compile(r'f"(\w+)\.(\w+):\{[\w.]+\}"')


def test_every_place_in_the_store_is_a_column_that_a_rotation_goes_through() -> None:
    named = {match for path in STORE.glob("*.py") for match in PLACE.findall(path.read_text("utf-8"))}
    assert named == {(table.name, column) for table, column in SEALED}
    assert all("id" in table.c for table, _ in SEALED)
