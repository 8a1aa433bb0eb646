"""A mapping that is read when somebody first looks into it, so that what is broken stops only those who need it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

V = TypeVar("V")


class Late(Mapping[str, V]):
    """What `read` returns, asked for once; whatever it raises comes out of each look until it succeeds."""

    def __init__(self, read: Callable[[], Mapping[str, V]]) -> None:
        self._read = read
        self._found: Mapping[str, V] | None = None

    def __getitem__(self, key: str) -> V:
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Mapping[str, V]:
        if self._found is None:
            self._found = self._read()
        return self._found
