"""What is printed for people: numbers with their nouns, and why a file could not be read or written."""

from __future__ import annotations

import errno

import pytest

from app.cli.printing import counted, why_not


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 check-ins"), (1, "1 check-in"), (2, "2 check-ins"), (44, "44 check-ins")]
)
def test_one_is_one_and_all_else_are_many(number: int, said: str) -> None:
    assert counted(number, "check-in") == said
    assert counted(number, "is", "are") == f"{number} {'is' if number == 1 else 'are'}"


def test_why_a_file_could_not_be_read_or_written_is_said_in_words() -> None:
    assert why_not(FileNotFoundError()) == "there is no such file"
    assert why_not(PermissionError(errno.EACCES, "Permission denied")) == "this user may not"
    assert why_not(OSError(errno.ENOSPC, "No space left on device")) == "No space left on device"
    assert why_not(OSError()) == "OSError"
