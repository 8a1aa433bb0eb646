"""Identities: unique, and in the order in which they were made."""

from __future__ import annotations

from store.ids import new_id


def test_later_ids_sort_later_even_in_a_burst() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert ids == sorted(set(ids))
    assert all(len(each) == 32 for each in ids)
