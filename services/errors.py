"""What a person asked for and cannot have: one sentence, and the mend."""

from __future__ import annotations

from typing import Self

from content.messages import say


class Refused(Exception):
    """The request makes no sense as things stand: `str()` is one sentence, `mend` what to do instead, at the desk.

    What staff may read in the chat has a `code` and `figures`, too: of these their language makes the same.
    """

    def __init__(self, sentence: str, mend: str) -> None:
        super().__init__(sentence)
        self.mend = mend
        self.code, self.figures = "", dict[str, str]()

    @classmethod
    def of(cls, code: str, mend: str, **figures: str) -> Self:
        """A refusal of a code in content/*/refusals.toml; `mend` is what the command line says of it."""
        refused = cls(say("en", f"refused.{code}", **figures), mend)
        refused.code, refused.figures = code, figures
        return refused
