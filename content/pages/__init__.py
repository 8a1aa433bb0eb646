"""The documents that are printed or read in a browser, each a template beside this file; whole in themselves."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def page(name: str, **values: object) -> str:
    """The HTML of a template `NAME.html`, with everything in it escaped. Raises UndefinedError for what is missing."""
    return _ENVIRONMENT.get_template(f"{name}.html").render(**values)
