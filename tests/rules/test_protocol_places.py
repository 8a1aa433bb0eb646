"""A key of a TOML text is found on its line."""

from __future__ import annotations

import pytest

from rules.protocol.places import Path, line_of, lines_of

TEXT = '''\
id = "a"          # a = comment
# title = "not a key"
"quoted key" = 1
text = """
slot = "inside a text"
"""
quiet_hours = [
  "21:00",
]

[[slot]]
name = "x"

[[slot]]
name = "y"
[slot.inner]
deep = 1

[thresholds] # with a comment
phq9_rise = 5
a.b = 6
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("id",), 1),
        (("quoted key",), 3),
        (("text",), 4),
        (("quiet_hours",), 7),
        (("slot", 0), 11),
        (("slot", 0, "name"), 12),
        (("slot", 1, "name"), 15),
        (("slot", 1, "inner", "deep"), 17),
        (("thresholds", "phq9_rise"), 20),
        (("thresholds", "a", "b"), 21),
        (("slot", 1, "missing"), 14),
        (("quiet_hours", 0), 7),
        (("nowhere",), 1),
        ((), 1),
    ],
)
def test_a_key_is_found(path: Path, line: int) -> None:
    assert line_of(lines_of(TEXT), path) == line


def test_a_key_inside_a_text_is_none() -> None:
    assert lines_of(TEXT)[("slot",)] == 11
