"""Reading what people type: how urgent a free text is, and why."""

from rules.screening.compiling import RuleSet
from rules.screening.compiling import compile_rules as compile  # noqa: A004
from rules.screening.screening import screen
from rules.screening.values import Screening

__all__ = ["RuleSet", "Screening", "compile", "screen"]
