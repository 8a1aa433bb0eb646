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
asks = ["a] # [", "b"]

[[slot]]
name = "y"
[slot.inner]
deep = 1

[thresholds] # with a comment
phq9_rise = 5
a.b = 6
[escalation.red]
steps = [           # each on a line of its own
  { to = "primary [1]", after = "0s" },
  # { to = "nobody" },
  { to = "backup", after = "5m" },
]
repeat = "2m"
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
        (("slot", 1, "name"), 16),
        (("slot", 1, "inner", "deep"), 18),
        (("thresholds", "phq9_rise"), 21),
        (("thresholds", "a", "b"), 22),
        (("slot", 1, "missing"), 15),
        (("quiet_hours", 0), 7),
        (("escalation", "red", "steps"), 24),
        (("escalation", "red", "steps", 0), 25),
        (("escalation", "red", "steps", 1, "after"), 27),
        (("escalation", "red", "repeat"), 29),
        (("nowhere",), 1),
        ((), 1),
    ],
)
def test_a_key_is_found(path: Path, line: int) -> None:
    assert line_of(lines_of(TEXT), path) == line


def test_a_key_inside_a_text_is_none() -> None:
    assert lines_of(TEXT)[("slot",)] == 11
