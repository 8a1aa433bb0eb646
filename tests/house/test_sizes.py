"""Files and functions stay small, and every module says what it is for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("app", "bot", "jobs", "sandbox", "services", "store", "rules", "content")
LONGEST_FILE, LONGEST_FUNCTION = 400, 40
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [*FILES, *TESTS], ids=_name)
def test_a_file_is_at_most_400_lines_long(path: Path) -> None:
    length = len(path.read_text("utf-8").splitlines())
    assert length <= LONGEST_FILE, f"{length} lines: this is two modules"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_function_is_at_most_40_lines_long(path: Path) -> None:
    long = [f"{name} has {length}" for name, length in _functions(path) if length > LONGEST_FUNCTION]
    assert not long, "take it apart"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_module_opens_with_the_sentence_that_says_what_it_is_for(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert said, "write one sentence at the top"
    first = said.splitlines()[0]
    assert first.endswith((".", "?", ":")), f"{first!r} is no whole sentence"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_what_others_call_says_what_it_does(path: Path) -> None:
    silent = [name for name, node in _public(path) if not ast.get_docstring(node)]
    assert not silent, "a public function or class needs its docstring"


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def _public(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
