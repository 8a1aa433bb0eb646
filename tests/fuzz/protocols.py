"""Whatever stands in a protocol file: it is a protocol, which written out reads the same again, or its problems."""

from __future__ import annotations

import contextlib
import random
import sys
import tomllib

import atheris
import tomlkit

from tests.fuzz.mutating import mutated

with atheris.instrument_imports(include=["rules", "tomllib", "services.protocols"]):
    from rules.protocol import Problem, ProtocolError, parse, warnings
    from services.protocols import written


def one(data: bytes) -> None:
    """Read bytes as a protocol file."""
    text = data.decode("utf-8", "replace")
    try:
        protocol = parse(text, "fuzz.toml")
    except ProtocolError as error:
        _are_told(error.problems, text)
        return
    warnings(protocol)
    assert parse(written(protocol), "again.toml") == protocol


def _are_told(problems: tuple[Problem, ...], text: str) -> None:
    lines = text.count("\n") + 1
    assert problems
    assert all(problem.mend and 1 <= problem.line <= lines for problem in problems), problems


def mutate(data: bytes, most: int, seed: int) -> bytes:
    """Another file out of one; at times out of its bytes."""
    chance = random.Random(seed)
    with contextlib.suppress(ValueError, TypeError, RecursionError):
        if chance.random() < 0.7:
            return tomlkit.dumps(mutated(tomllib.loads(data.decode()), chance)).encode()[:most]
    return atheris.Mutate(data, most)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one, custom_mutator=mutate)
    atheris.Fuzz()
