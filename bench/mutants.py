"""Breaks the rules that decide in every small way, one at a time, and counts how often their tests notice.

    python -m bench.mutants [--show] [FILE ...]

The changes are cosmic-ray's. Each is tried in a fork that has pytest loaded and the rules not, so that one takes about
a second; it counts as noticed when a test fails or does not end. Changes of annotations and texts alone are not tried.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib.machinery
import io
import os
import signal
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parents[1]
TESTS = {
    "rules/worsening.py": "tests/rules/test_worsening.py",
    "rules/tier.py": "tests/rules/test_tier.py",
    "rules/screening/frames.py": "tests/rules/screening/test_frames.py",
}
QUIET = ("-x", "-q", "-n0", "--noconftest", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header")
SKIPPED = ("VariableInserter", "VariableReplacer", "_Is", "_IsNot")  # need telling of what; alike for small numbers
LONGEST = 60  # seconds


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Every change of a source, with the name of the operator that made it."""
    seen = {_meaning(source)}
    for name in sorted(each for each in operator_names() if not each.endswith(SKIPPED)):
        occurrence = 0
        while changed := mutate_code(source, get_operator(name)(), occurrence):
            occurrence += 1
            meaning = _meaning(changed)
            if meaning not in seen:
                seen.add(meaning)
                yield name, changed


def _meaning(source: str) -> str:
    """A source without its annotations."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(tree)


def is_noticed(path: Path, changed: str, test: str) -> bool:
    """Whether the tests fail with the file changed so."""
    child = os.fork()
    if child == 0:
        signal.alarm(LONGEST)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        _change(path, changed)
        os._exit(int(pytest.main([*QUIET, str(ROOT / test)])))
    return os.waitpid(child, 0)[1] != 0


def _change(path: Path, changed: str) -> None:
    original = importlib.machinery.SourceFileLoader.get_code

    def get_code(self: importlib.machinery.SourceFileLoader, fullname: str) -> types.CodeType | None:
        return compile(changed, str(path), "exec") if Path(self.path) == path else original(self, fullname)

    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign]


def changed_line(source: str, changed: str) -> str:
    """The first line that is not as it was."""
    pairs = zip(source.splitlines(), changed.splitlines(), strict=False)
    return next((f"{at}: {other.strip()}" for at, (one, other) in enumerate(pairs, 1) if one != other), "")


def main() -> None:
    """Print for each file how many changes its tests notice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print what no test notices")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="try each N-th change only, for a quick look")
    parser.add_argument("files", nargs="*", help=f"of {', '.join(TESTS)}; all of them if none is given")
    asked = parser.parse_args()
    sys.dont_write_bytecode = True
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(["--markers", "--noconftest"])  # loads the plugins, which each fork then has
    for name in asked.files or TESTS:
        source = (ROOT / name).read_text("utf-8")
        if is_noticed(ROOT / name, source, TESTS[name]):
            raise SystemExit(f"{TESTS[name]} fails as it is: mend that first")
        tried = list(mutants(source))[:: asked.every]
        left = [each for each in tried if not is_noticed(ROOT / name, each[1], TESTS[name])]
        print(f"{name}: {len(tried) - len(left)} of {len(tried)} noticed, {1 - len(left) / len(tried):.1%}", flush=True)
        for kind, changed in left if asked.show else ():
            print(f"  {kind} {changed_line(source, changed)}")


if __name__ == "__main__":
    main()
