"""The developer page: who asks, what is withheld, and that nothing is fetched from anywhere else."""

import re
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sandbox.explorer import STATIC, explorer_routes
from tests.browser import Browser, browser
from tests.sandbox.explorer_site import DENIAL, PATIENCE_S, PERSONAS, TOKEN, Site

PRESSES = 4


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    site.may_issue.set()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        site.origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(site.app(), log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield site
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as window:
        yield window


def ask_as(window: Browser, site: Site, persona: str) -> None:
    """Open the page anew and pick a persona, once the editor stands."""
    window.open(site.origin)
    window.wait_for("document.querySelector('.graphiql-query-editor .view-line')")
    window.click(f"#persona option[value='{persona}']")
    window.wait_for("document.querySelector('#token-state.signed, #token-state.failed')")
    window.wait_for("document.querySelector('.graphiql-query-editor .view-line')")


def run_query(window: Browser, site: Site, operation: str | None = None) -> str:
    """Press the run button and return the response as shown, which is the answer to what this press sent.

    `operation`: what a tab asks that was opened just now. GraphiQL sends the former tab's name until it has read the
    new text, a tenth of a second later: then the button is pressed once more.
    """
    for _ in range(PRESSES):
        number = press(window, site)
        shown = "document.querySelector('.graphiql-response .view-lines').innerText"
        text: str = window.wait_for(f"{shown}.includes('\"answer-{number}\"') && {shown}")
        if operation in (None, site.queries[number - 1][0]):
            return text.replace("\xa0", " ")
    raise AssertionError(f"{operation} was not sent: {site.queries[-PRESSES:]}")


def press(window: Browser, site: Site) -> int:
    """Press the run button until the site is sent something: the number of the answer."""
    before = len(site.queries)
    for _ in range(PRESSES):  # one that comes before the editors stand does nothing
        window.click(".graphiql-execute-button")
        if sent_since(site, before):
            return len(site.queries)
    raise AssertionError("the button sent nothing")


def sent_since(site: Site, before: int) -> bool:
    """Tell whether the site is sent something more, waited for."""
    deadline = time.monotonic() + PATIENCE_S
    while len(site.queries) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    return len(site.queries) > before


def test_page_is_locked_to_its_own_origin() -> None:
    page = TestClient(Starlette(routes=explorer_routes(PERSONAS))).get("/")
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page.text, re.DOTALL)
    directives = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert [body for _, body in scripts] == [""]
    assert (directives["default-src"], directives["connect-src"]) == ("'self'", "'self'")
    assert "script-src" not in directives
    assert "worker-src" not in directives


def test_built_files_are_cached_for_good_and_locked_like_the_page() -> None:
    client = TestClient(Starlette(routes=explorer_routes(PERSONAS)))
    for file in sorted((STATIC / "assets").iterdir()):
        answer = client.get(f"/explorer/static/assets/{file.name}")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-security-policy"].startswith("default-src 'self'; ")
    assert client.get("/explorer/static/icon.svg").headers["cache-control"] == "no-cache"
    assert client.get("/explorer/static/assets/absent.js").status_code == 404


def test_personas_are_given_as_they_are() -> None:
    answer = TestClient(Starlette(routes=explorer_routes(PERSONAS))).get("/sandbox/personas.json")
    assert answer.json() == PERSONAS


@pytest.mark.servers
def test_persona_brings_its_examples_as_tabs(window: Browser, site: Site) -> None:
    ask_as(window, site, "graduate")
    tabs = window.run("return [...document.querySelectorAll('.graphiql-tab-button')].map(tab => tab.innerText)")
    assert tabs == ["MyRecord", "Page"]


@pytest.mark.servers
def test_query_carries_the_token_and_the_chosen_purpose(window: Browser, site: Site) -> None:
    ask_as(window, site, "exam-office")
    run_query(window, site)
    assert site.queries[-1] == ("Learner", f"Bearer {TOKEN}", "admission-priority")
    window.click("#purpose option:nth-of-type(2)")
    run_query(window, site)
    window.wait_for("document.querySelector('#denials')")
    assert site.tokens_for[-1] == {"persona": "exam-office", "purpose": "examination"}
    assert site.queries[-1] == ("Learner", f"Bearer {TOKEN}", "examination")


@pytest.mark.servers
def test_an_example_is_asked_for_its_own_purpose_and_a_purpose_that_is_picked_stays(
    window: Browser, site: Site
) -> None:
    ask_as(window, site, "exam-office")
    window.click(".graphiql-tab:nth-of-type(2) .graphiql-tab-button")
    window.wait_for("document.querySelector('#purpose').value === 'examination'")
    run_query(window, site, "Candidate")
    assert site.queries[-1] == ("Candidate", f"Bearer {TOKEN}", "examination")
    window.click("#purpose option:nth-of-type(1)")
    run_query(window, site)
    window.wait_for("document.querySelector('#purpose').value === 'admission-priority'")
    assert site.queries[-1] == ("Candidate", f"Bearer {TOKEN}", "admission-priority")


@pytest.mark.servers
def test_what_was_pressed_goes_for_the_purpose_of_then_though_its_token_comes_later(
    window: Browser, site: Site
) -> None:
    ask_as(window, site, "exam-office")
    site.may_issue.clear()
    window.click("#purpose option:nth-of-type(2)")
    before = len(site.queries)
    window.click(".graphiql-execute-button")
    window.click("#purpose option:nth-of-type(1)")
    site.may_issue.set()
    assert sent_since(site, before)
    assert site.queries[before] == ("Learner", f"Bearer {TOKEN}", "examination")


@pytest.mark.servers
def test_nobody_asks_without_token_and_purpose(window: Browser, site: Site) -> None:
    window.open(site.origin)
    window.wait_for("document.querySelector('.graphiql-query-editor .view-line')")
    run_query(window, site)
    assert site.queries[-1] == ("WhatCanBeAsked", None, None)


@pytest.mark.servers
def test_denial_says_what_is_withheld_by_which_law_and_how_to_obtain_it(window: Browser, site: Site) -> None:
    ask_as(window, site, "exam-office")
    assert '"Nguyễn Thị Thể"' in run_query(window, site)
    panel: str = window.wait_for("document.querySelector('#denials')?.innerText")
    for part in ("coordinate", "code", "rule", "citation", "obtain", "message"):
        assert str(DENIAL[part]) in panel
    assert "3 records" in panel


@pytest.mark.servers
def test_no_panel_where_nothing_was_withheld(window: Browser, site: Site) -> None:
    ask_as(window, site, "graduate")
    run_query(window, site)
    window.wait_for("document.querySelector('#denials')")
    window.click(".graphiql-tab:nth-of-type(2) .graphiql-tab-button")
    window.wait_for("!document.querySelector('#denials')")
    response = run_query(window, site, "Page")
    assert ('"Bình"' in response, '"Cúc"' in response) == (True, False)  # its variables were sent
    assert window.run("return document.querySelector('#denials')") is None


@pytest.mark.servers
def test_token_and_queries_stay_out_of_url_and_storage(window: Browser, site: Site) -> None:
    ask_as(window, site, "exam-office")
    run_query(window, site)
    kept = window.run("return JSON.stringify([location.href, {...localStorage}, {...sessionStorage}, document.cookie])")
    assert TOKEN not in kept
    assert "Learner" not in kept


@pytest.mark.servers
def test_refused_token_is_said(window: Browser, site: Site) -> None:
    ask_as(window, site, "stranger")
    state = window.run("return document.querySelector('#token-state').innerText")
    assert state == "the sandbox issued no token (HTTP 403)"


@pytest.mark.servers
def test_nothing_is_asked_of_another_origin(tmp_path_factory: pytest.TempPathFactory, site: Site) -> None:
    with browser(tmp_path_factory.mktemp("browser")) as window:
        ask_as(window, site, "exam-office")
        run_query(window, site)
        for plugin in ("Documentation Explorer", "GraphiQL Explorer", "History"):
            window.click(f"[aria-label='Show {plugin}']")
        window.click("[aria-label^='Prettify query']")
        window.wait_for("document.querySelectorAll('.graphiql-query-editor .view-line').length > 5")
        errors = window.console_errors()
        asked = window.asked()
    urls = {each.url for each in asked} | window.asked_on_behalf_of(site.origin)
    workers = {name for url in urls for name in re.findall(r"(\w+)\.worker-", url)}
    assert [url for url in urls if not url.startswith(f"{site.origin}/")] == []
    assert [each for each in asked if each.failure or (each.status or 200) >= 400] == []
    assert workers >= {"graphql", "json"}  # the log does see workers
    assert errors == []
