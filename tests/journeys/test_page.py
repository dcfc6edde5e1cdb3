"""A developer opens the page, takes a persona and asks, in a real browser that may not leave the machine."""

import contextlib
from pathlib import Path

import pytest

from tests.browser import Browser, browser
from tests.journeys.callers import Callers

pytestmark = pytest.mark.servers


def ask(window: Browser, shown: str) -> None:
    """Press the button until the answer is shown: on a busy machine a press may come before the page is ready."""
    for patience_s in (10, 10, 20):
        window.click(".graphiql-execute-button")
        with contextlib.suppress(AssertionError):
            window.wait_for(shown, patience_s)
            return
    raise AssertionError(f"`{shown}` stayed false")


def test_the_page_asks_as_a_persona_and_shows_denials(served: Callers, tmp_path: Path) -> None:
    with browser(tmp_path) as window:
        window.open(served.url)
        window.wait_for("document.querySelector('#persona option[value=\"dept-hanoi\"]') !== null")
        window.click("#persona option[value='dept-hanoi']")
        window.wait_for("document.querySelector('#token-state.signed') !== null")
        # the persona's examples come into the editor after the token: what is pressed before asks something else
        window.wait_for("document.querySelector('.graphiql-query-editor')?.innerText.includes('sectorCode') ?? false")
        ask(window, "document.querySelector('.result-window')?.innerText.includes('sectorCode') ?? false")
        window.click("#persona option[value='employer']")
        window.wait_for("document.querySelector('#token-state.signed')?.innerText.includes('Doanh nghiệp') ?? false")
        ask(window, "document.querySelector('#denials')?.innerText.includes('CONSENT_REQUIRED') ?? false")
        window.screenshot(tmp_path / "page.png")
        outside = [asked.url for asked in window.asked() if not asked.url.startswith((served.url, "data:", "blob:"))]
    assert outside == []
