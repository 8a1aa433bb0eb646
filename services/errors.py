"""What a person asked for and cannot have: one sentence, and the mend."""

from __future__ import annotations


class Refused(Exception):
    """The request makes no sense as things stand: `str()` is one sentence, `mend` what to do instead."""

    def __init__(self, sentence: str, mend: str) -> None:
        super().__init__(sentence)
        self.mend = mend
