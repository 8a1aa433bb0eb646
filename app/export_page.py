"""The export of a patient as a page that anybody can read, with nothing on it that was not escaped."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader

_PAGES = Environment(loader=PackageLoader("app", "pages"), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def page(document: dict[str, Any]) -> str:
    """One HTML page of an export, whole in itself: no script, no address is asked for anything."""
    return _PAGES.get_template("export.html").render(document=document)
