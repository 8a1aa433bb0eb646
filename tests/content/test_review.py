"""The document that a clinician signs holds every sentence, line and question that a patient can read."""

from __future__ import annotations

import logging
from html import escape

import pytest

from content.crisis_lines import regions
from content.instruments import load
from content.messages import keys, shipped, use
from content.pages import page
from content.review import review
from content.review_pdf import review_pdf


def test_everything_a_patient_reads_is_in_it() -> None:
    document = review(load())
    said = {each["key"] for each in document["messages"]}
    assert said == {
        key for key in keys("en") if key.startswith(("patient.", "crisis.", "command_patient.", "command_stranger."))
    }
    assert [each["region"] for each in document["crisis_lines"]] == list(regions())
    assert all(each["source"].startswith("https://") for each in document["crisis_lines"])
    html = page("review", clinic="Example Clinic", **document)
    for key in said:
        assert str(escape(shipped("es", key))).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in html
    for instrument in load().values():
        for item in instrument.items:
            assert str(escape(item.texts["en"])).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in html


def test_a_clinics_own_wording_is_marked() -> None:
    use({("en", "patient.agree"): "Yes, go on"})
    try:
        (agree,) = [each for each in review({}, "ES")["messages"] if each["key"] == "patient.agree"]
    finally:
        use({})
    assert (agree["en"], agree["own"]) == ("Yes, go on", ["en"])


@pytest.mark.parametrize(("paper", "size"), [("a4", b"[0 0 595.28 841.89]"), ("letter", b"[0 0 612.00 792.00]")])
def test_it_can_be_a_pdf_in_which_no_letter_is_missing(
    paper: str, size: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        pdf = review_pdf(review(load()), clinic="Clínica Ñandú", paper=paper)
    assert pdf.startswith(b"%PDF-")
    assert size in pdf
    assert pdf.count(b"/Type /Page\n") > 5
    assert caplog.messages == []  # the library names there what a font cannot show
