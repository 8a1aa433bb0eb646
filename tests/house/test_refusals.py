"""Whatever a service may refuse somebody in the chat has its sentence and its mend in every language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from content.messages import LANGUAGES, keys, placeholders

ROOT = Path(__file__).resolve().parents[2]
Place = tuple[str, str]
FOLDERS = ("bot/handlers", "services")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_text("utf-8"))
    for folder in FOLDERS
    for path in (ROOT / folder).glob("*.py")
}


def imported(module: str) -> dict[str, Place]:
    """What the names that a module imports stand for: (module, name)."""
    return {
        each.asname or each.name: (node.module or "", each.name)
        for node in ast.walk(MODULES[module])
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }


def definitions() -> dict[Place, ast.AST]:
    """The functions, and the tables of functions, of all these modules."""
    found: dict[Place, ast.AST] = {}
    for module, tree in MODULES.items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[module, node.name] = node
            elif isinstance(node, ast.AnnAssign | ast.Assign) and node.value is not None:
                targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
                found |= {(module, each.id): node.value for each in targets if isinstance(each, ast.Name)}
            elif isinstance(node, ast.ClassDef):
                methods = [each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
                found |= {(f"{module}.{node.name}", each.name): each for each in methods}
    return found


DEFINED = definitions()
METHODS = [place for place in DEFINED if place[0] not in MODULES]


def heard(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a function whose refusals come out of it: not what stands under a bare `except Refused:`."""
    todo = [node]
    while todo:
        each = todo.pop()
        yield each
        swallowed = isinstance(each, ast.Try) and any(
            isinstance(handler.type, ast.Name) and handler.type.id == "Refused" and handler.name is None
            for handler in each.handlers
        )
        todo += [part for part in ast.iter_child_nodes(each) if not (swallowed and part in each.body)]  # type: ignore[attr-defined]


def called(place: Place) -> Iterator[Place]:
    """What a function names of these modules, and every method of that name of a class that its module knows."""
    module = place[0] if place[0] in MODULES else place[0].rpartition(".")[0]
    names = imported(module)
    known = {".".join(each) for each in names.values()} | {module}
    methods = [each for each in METHODS if each[0] in known or each[0].rpartition(".")[0] in known]
    for node in heard(DEFINED[place]):
        if isinstance(node, ast.Name):
            yield names.get(node.id, (module, node.id))
        elif isinstance(node, ast.Attribute):
            owner = names.get(node.value.id) if isinstance(node.value, ast.Name) else None
            yield from [(".".join(owner), node.attr)] if owner else [each for each in methods if each[1] == node.attr]


def reachable() -> set[Place]:
    """Whatever the handlers of the chat may call, directly or not."""
    seen: set[Place] = set()
    todo = [each for each in DEFINED if each[0].startswith("bot.handlers.")]
    while todo:
        each = todo.pop()
        if each in DEFINED and each not in seen:
            seen.add(each)
            todo += called(each)
    return seen


def refusals(place: Place) -> Iterator[ast.Call]:
    """The refusals that a function makes: Refused(…), Uncovered.of(…)."""
    for node in heard(DEFINED[place]):
        if isinstance(node, ast.Call):
            made = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "of" else node.func
            if isinstance(made, ast.Name) and made.id in ("Refused", "Uncovered"):
                yield node


MADE = {(place, ast.unparse(call)): call for place in sorted(reachable()) for call in refusals(place)}


def test_the_chat_reaches_the_refusals_that_are_known_to_be_there() -> None:
    made = {place for place, _ in MADE}
    assert made >= {("services.infusions", "been"), ("services.readiness", "refuse_uncovered")}
    assert made >= {("services.people", "patient"), ("services.enrolment", "_refuse_language")}
    assert len(MADE) >= 10


def test_every_refusal_that_the_chat_reaches_has_a_code() -> None:
    bare = [where for where, call in MADE.items() if not isinstance(call.func, ast.Attribute)]
    assert not bare, "staff would read these in English: make them by Refused.of, with sentences in content/*/refusals"


def test_every_code_has_its_sentence_and_its_mend_with_its_figures_in_every_language() -> None:
    for where, call in MADE.items():
        code, given = ast.literal_eval(call.args[0]), {each.arg for each in call.keywords}
        for key in (f"refused.{code}", f"mend.{code}"):
            for language in LANGUAGES:
                assert key in keys(language), where
                assert placeholders(language, key) <= given, where


def test_no_sentence_is_left_of_a_refusal_that_is_not_made_any_more() -> None:
    codes = {ast.literal_eval(call.args[0]) for call in MADE.values() if isinstance(call.func, ast.Attribute)}
    assert {key.partition(".")[2] for key in keys("en") if key.startswith(("refused.", "mend."))} == codes
