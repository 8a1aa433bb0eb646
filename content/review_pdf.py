"""All that patients read as a PDF, to print and to sign: the same document as the page, A4 or Letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
from fpdf import FPDF, FontFace

FONT, SIZE = "DejaVu", 8.5  # matplotlib brings the font, which has all that Spanish needs, and a box to tick
FACES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
BOX = "☐"
INK, DIM, SHADE, LINE = (29, 43, 51), (93, 109, 118), (240, 243, 244), (213, 221, 225)
ROOM = 45  # mm that a heading wants below it, else it begins a page
LEAD = (
    "For the clinician who signs off the wording. What stands in {braces} is filled in when it is sent. “(own)” marks "
    "the clinic's own wording. Tick what may be used, strike what may not, and write beside it what should stand there."
)
MESSAGES = {"": 7, "Key": 45, "English": 64, "Español": 64}  # columns and how wide they are to each other
ITEMS = {"": 7, "Item": 27, "English": 73, "Español": 73}
LINES = {"": 7, "Region": 18, "Emergency": 26, "English": 42, "Español": 42, "Source": 37, "Checked": 22}


def review_pdf(document: Mapping[str, Any], *, clinic: str, paper: str = "a4") -> bytes:
    """The document that `content.review.review` gives, as a PDF."""
    pdf = _Paper(clinic, paper)
    pdf.heading("What patients read", 16)
    pdf.words(f"{clinic}. {LEAD}")
    pdf.heading("Crisis lines", 12)
    pdf.words(
        "Each line of your region must be called once: note the day in config.toml, as clinic.crisis_lines_checked_on."
    )
    pdf.grid(LINES, [_line(each) for each in document["crisis_lines"]])
    pdf.heading("Messages", 12)
    pdf.grid(MESSAGES, [_message(each) for each in document["messages"]])
    pdf.heading("Instruments", 12)
    for instrument in document["instruments"]:
        pdf.heading(f"{instrument['title']['en']} ({instrument['id']})", 10)
        pdf.words(_about(instrument))
        pdf.grid(ITEMS, _items(instrument))
    pdf.signature()
    return bytes(pdf.output())


class _Paper(FPDF):
    """Pages in the clinic's name, numbered."""

    def __init__(self, clinic: str, paper: str) -> None:
        super().__init__(format=paper)
        for style, file in FACES.items():
            self.add_font(FONT, style, Path(matplotlib.get_data_path()) / "fonts" / "ttf" / file)
        self.clinic = clinic
        self.set_title(f"What patients read: {clinic}")
        self.set_lang("en")
        self.set_margins(15, 15)
        self.set_auto_page_break(True, margin=18)
        self.set_draw_color(*LINE)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-13)
        self._face(7, DIM)
        self.cell(0, 5, f"{self.clinic} · what patients read", new_x="LMARGIN")
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")

    def heading(self, text: str, size: float) -> None:
        """A heading, on the page of what it heads."""
        if self.will_page_break(ROOM):
            self.add_page()
        self.ln(3)
        self._face(size, INK, "B")
        self.multi_cell(0, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(1)

    def words(self, text: str) -> None:
        """A paragraph."""
        self._face(SIZE, DIM)
        self.multi_cell(0, 4.2, text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(1.5)

    def grid(self, columns: Mapping[str, int], rows: Sequence[Sequence[str]]) -> None:
        """A table whose head comes again on each page, and whose rows stay whole."""
        self._face(SIZE, INK)
        head = FontFace(emphasis="BOLD", fill_color=SHADE)
        with self.table(
            col_widths=tuple(columns.values()),
            headings_style=head,
            borders_layout="HORIZONTAL_LINES",
            text_align="LEFT",
            v_align="TOP",
            line_height=4.2,
            padding=(1.1, 2, 1.1, 1),
        ) as table:
            for cells in ([*columns], *rows):
                row = table.row()
                for cell in cells:
                    row.cell(cell)

    def signature(self) -> None:
        """Where whoever has read all of it signs."""
        if self.will_page_break(30):
            self.add_page()
        self.ln(18)
        self.set_draw_color(*INK)
        self.line(self.l_margin, self.get_y(), self.l_margin + 80, self.get_y())
        self.ln(1)
        self.words("Name, date, signature")

    def _face(self, size: float, colour: tuple[int, int, int], style: str = "") -> None:
        self.set_font(FONT, style, size)
        self.set_text_color(*colour)


def _line(lines: Mapping[str, Any]) -> list[str]:
    said = ["\n".join(lines[language]) for language in ("en", "es")]
    checked = str(lines["checked_on"] or "not yet")
    return [BOX, lines["region"], lines["emergency"] or "", *said, lines["source"], checked]


def _message(message: Mapping[str, Any]) -> list[str]:
    marks = {language: " (own)" if language in message["own"] else "" for language in ("en", "es")}
    marks |= dict.fromkeys(message["hard"], " (own, hard to read)")
    return [BOX, message["key"], *(f"{message[language]}{mark}" for language, mark in marks.items())]


def _about(instrument: Mapping[str, Any]) -> str:
    bands = f"; bands from {', '.join(map(str, instrument['bands']))}" if instrument["bands"] else ""
    scored = f"Scored as a sum{bands}." if instrument["scoring"] == "sum" else ""
    said = (instrument["licence"], instrument["credit"], f"Source: {instrument['source']}.", scored)
    return " ".join(filter(None, said))


def _items(instrument: Mapping[str, Any]) -> list[list[str]]:
    recall = instrument["recall"]
    first = [[BOX, "recall", recall["en"], recall["es"]]] if recall.get("en") else []
    return [*first, *(_item(each) for each in instrument["items"])]


def _item(item: Mapping[str, Any]) -> list[str]:
    def said(language: str) -> str:
        low_high = " … ".join(map(str, item["scale"] or ()))
        return f"{item['text'][language]}\n" + (
            low_high or " · ".join(f"{each['value']} {each[language]}" for each in item["choices"])
        )

    return [BOX, f"{item['id']}{', optional' if item['optional'] else ''}", said("en"), said("es")]
