"""Files and functions stay small, and every module says what it is for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("app", "bot", "jobs", "sandbox", "services", "store", "rules", "content")
LONGEST_FILE, LONGEST_FUNCTION = 400, 40
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in (*FILES, *TESTS)}
    long = [f"{_name(path)} has {length} lines" for path, length in lengths.items() if length > LONGEST_FILE]
    assert not long, "each of these is two modules"


def test_no_function_is_longer_than_40_lines() -> None:
    long = [
        f"{_name(path)}: {function} has {length} lines"
        for path in FILES
        for function, length in _functions(path)
        if length > LONGEST_FUNCTION
    ]
    assert not long, "take these apart"


def test_every_module_opens_with_the_sentence_that_says_what_it_is_for() -> None:
    said = {path: ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "" for path in FILES}
    silent = [_name(path) for path, text in said.items() if not text.split("\n")[0].endswith((".", "?", ":"))]
    assert not silent, "write a whole sentence at the top of these"


def test_whatever_others_call_says_what_it_does() -> None:
    silent = [f"{_name(path)}: {node.name}" for path in FILES for node in _public(path) if not ast.get_docstring(node)]
    assert not silent, "a public function or class needs its docstring"


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def _public(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
