"""The look in a real browser: no accessibility violations, nothing wider than a phone, drafts kept, keys answered."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template import Context, Template
from playwright.sync_api import BrowserContext

from middleground.faces.ui import sampler
from tests.faces.ui_look import in_browser, styleguide

FORM = """{% extends "ui/staff.html" %}{% load ui %}{% block heading %}Note{% endblock %}{% block content %}
<form class="form" method="post" action="/saved/" data-draft-url="/draft/">{% csrf_token %}
{% field form.name %}<button class="button primary">Save</button></form>
{% endblock %}"""


def note_page() -> dict[str, str]:
    html = Template(FORM).render(Context({"form": sampler.SampleForm(), "csrf_token": "abc", "search_url": "/search/"}))
    return {"/": html, "/saved/": "<p>saved</p>"}


@pytest.mark.journey
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_style_guide_is_accessible_and_fits(width, scheme):
    frames = ("staff", "client", "public")

    def visit(context: BrowserContext) -> list[tuple[str, object]]:
        found = []
        for frame in frames:
            page = context.new_page()
            page.on("console", lambda said, frame=frame, found=found: found.append((frame, said.text)))
            page.goto(f"http://clinic.test/{frame}")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append((frame, "wider than the window"))
            found += [(frame, each["id"]) for each in Axe().run(page).response["violations"]]
        return found

    pages = {f"/{frame}": styleguide(frame) for frame in frames}
    assert in_browser(pages, visit, viewport={"width": width, "height": 800}, color_scheme=scheme) == []


@pytest.mark.journey
@pytest.mark.parametrize(("frame", "least"), [("staff", 24), ("client", 44)])
def test_targets_are_large_enough_for_a_finger(frame, least):
    """Source: WCAG 2.2, 2.5.8 (24 px) and 2.5.5 (44 px); links within a sentence are exempt."""
    measure = """() => [...document.querySelectorAll(
            'button, .button, summary, nav a, .choices label, .big-links a, select, textarea')]
        .filter(each => each.checkVisibility() && !each.closest('dialog, details.chart, .chart, .crumbs'))
        .map(each => [each.textContent.trim().slice(0, 30), Math.round(each.getBoundingClientRect().height)])"""

    def visit(context: BrowserContext) -> list[list[object]]:
        page = context.new_page()
        page.goto("http://clinic.test/")
        return page.evaluate(measure)

    sizes = in_browser({"/": styleguide(frame)}, visit, viewport={"width": 360, "height": 800})
    assert sizes and [each for each in sizes if each[1] < least] == []


@pytest.mark.journey
def test_a_draft_is_kept_on_the_server_soon_after_typing_stops():
    def visit(context: BrowserContext) -> tuple[str, str]:
        page = context.new_page()
        sent = []
        page.route("**/draft/", lambda route: (sent.append(route.request.post_data), route.fulfill(status=204)))
        page.goto("http://clinic.test/")
        page.get_by_label("Name the client uses").fill("Wren")
        page.get_by_text("Saved ").wait_for()
        return sent[0], page.get_by_text("Saved ").inner_text()

    body, status = in_browser(note_page(), visit)
    assert "Wren" in body and "abc" in body
    assert status.startswith("Saved ")


@pytest.mark.journey
def test_a_lost_connection_is_said_and_leaving_is_warned_of():
    def visit(context: BrowserContext) -> str:
        page = context.new_page()
        page.route("**/draft/", lambda route: route.abort())
        page.goto("http://clinic.test/")
        page.get_by_label("Name the client uses").press_sequentially("Wren")
        page.get_by_text("Not saved yet").wait_for()
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.goto("http://clinic.test/saved/")
        return asked[0]

    assert in_browser(note_page(), visit) == "beforeunload"


@pytest.mark.journey
def test_a_form_is_sent_once_however_often_it_is_pressed():
    def visit(context: BrowserContext) -> int:
        page = context.new_page()
        posts = []
        page.on(
            "request",
            lambda request: posts.append(request.url) if request.method == "POST" and "saved" in request.url else None,
        )
        page.goto("http://clinic.test/")
        page.evaluate(
            "() => { const b = document.querySelector('form .primary'); b.form.noValidate = true; b.click(); b.click(); b.click(); }"
        )
        page.wait_for_url("**/saved/")
        return len(posts)

    assert in_browser(note_page(), visit) == 1


@pytest.mark.journey
def test_slash_finds_the_search_box_and_question_mark_the_help():
    def visit(context: BrowserContext) -> tuple[str, bool, bool]:
        page = context.new_page()
        page.goto("http://clinic.test/")
        page.keyboard.press("/")
        focused = page.evaluate("document.activeElement.type")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("?")
        opened = page.get_by_role("dialog").is_visible()
        page.get_by_label("Use single-key shortcuts").uncheck()
        page.get_by_role("button", name="Close").click()
        page.keyboard.press("?")
        return focused, opened, page.get_by_role("dialog").is_visible()

    assert in_browser(note_page(), visit, viewport={"width": 1280, "height": 800}) == ("search", True, False)


@pytest.mark.journey
def test_without_scripts_the_menu_still_opens():
    def visit(context: BrowserContext) -> bool:
        page = context.new_page()
        page.goto("http://clinic.test/")
        page.get_by_text("Menu", exact=True).click()
        return page.get_by_role("link", name="Timetable").is_visible()

    assert in_browser(
        {"/": styleguide("staff")}, visit, java_script_enabled=False, viewport={"width": 360, "height": 800}
    )


FRAGMENT = """{% extends "ui/staff.html" %}{% block content %}
<button hx-get="/refused/" hx-target="#there">Refused</button><button hx-get="/broken/" hx-target="#there">Broken</button>
<div id="there">before</div>{% endblock %}"""


@pytest.mark.journey
def test_a_refused_fragment_is_shown_and_a_broken_one_is_said():
    def visit(context: BrowserContext) -> tuple[str, str]:
        page = context.new_page()
        page.route(
            "**/refused/", lambda route: route.fulfill(status=422, body="Needs a reason", content_type="text/html")
        )
        page.route("**/broken/", lambda route: route.fulfill(status=500, body="oops", content_type="text/html"))
        page.goto("http://clinic.test/")
        page.get_by_role("button", name="Refused").click()
        page.get_by_text("Needs a reason").wait_for()
        page.get_by_role("button", name="Broken").click()
        page.get_by_text("That did not go through").wait_for()
        return page.locator("#there").inner_text(), page.locator("#messages").get_attribute("aria-live")

    assert in_browser({"/": Template(FRAGMENT).render(Context())}, visit) == ("Needs a reason", "polite")
