"""The companion in a real browser: the card opens with no network, a check-in waits for it, signing out forgets both."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from middleground.kernel.context import everything
from middleground.recovery import actions
from middleground.recovery.models import CheckIn
from tests import builders
from tests.faces.ui_look import CHROMIUM

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
KEPT = "async () => { const found = []; for (const name of await caches.keys()) for (const each of await (await caches.open(name)).keys()) found.push(new URL(each.url).pathname); return found; }"
SERVED = "navigator.serviceWorker.ready.then(worker => worker.active.state)"
PAGES = (
    "/me/",
    "/me/check-in/",
    "/me/craving/",
    "/me/craving/edit/",
    "/me/lessons/cravings/",
    "/me/more/",
    "/me/consents/",
    "/me/record/",
    "/me/week/",
    "/me/plan/",
    "/me/built/",
    "/me/return-to-use/",
    "/families/message/",
)


@pytest.fixture
def wrens(clinic, wren):
    user = builders.client_user(clinic, wren)
    actions.set_coping_steps.run(user.actor(), client=wren, steps=["Put on my running shoes"])
    actions.set_support_people.run(user.actor(), client=wren, people=[{"name": "Ana", "phone": "555-0101"}])
    return user


def on_a_phone(live_server, settings, user, visit):
    """Run `visit(page)` in Chromium, signed in, in a thread of its own. Answers what it answers."""
    from django.test import Client

    browser = Client()
    browser.force_login(user)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value

    def run():
        with sync_playwright() as playwright, playwright.chromium.launch(**CHROMIUM) as chromium:
            phone = chromium.new_context(viewport={"width": 360, "height": 780}, base_url=live_server.url)
            phone.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
            return visit(phone.new_page())

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


def kept_once_ready(page: Page) -> list[str]:
    """The addresses kept by the service worker, once it has them all."""
    page.evaluate(SERVED)
    page.wait_for_function(
        "async () => (await caches.keys()).length > 0 && await (await caches.open((await caches.keys())[0])).match('/me/offline/')"
    )
    return page.evaluate(KEPT)


def back_online(page: Page, address: str, shows: str):
    """Go to `address` with the network back. The service worker hears of the network later than the page does, so until
    then it still answers with the page it keeps: look again, as a person would."""
    page.context.set_offline(False)
    for _ in range(60):
        page.goto(address)
        if page.locator(shows).count():
            return
        page.wait_for_timeout(250)


def test_only_the_card_is_kept_it_opens_without_a_network_and_signing_out_forgets_it(live_server, settings, wrens):
    def visit(page: Page):
        page.goto("/me/")
        page.wait_for_load_state("networkidle")
        kept = [path for path in kept_once_ready(page) if not path.startswith("/static/")]
        page.context.set_offline(True)
        page.goto("/me/craving/")
        card = page.inner_text("main")
        page.goto("/me/consents/")
        other = page.inner_text("h1")
        back_online(page, "/me/more/", "form[data-forget]")
        page.click("form[data-forget] button")
        page.wait_for_url("**/account/login/**")
        return sorted(kept), card, other, page.evaluate(KEPT)

    kept, card, other, after = on_a_phone(live_server, settings, wrens, visit)
    assert kept == ["/me/craving/", "/me/offline/"]
    assert "Put on my running shoes" in card and "Ana" in card and "Breathe in for 4" in card
    assert other == "No connection right now" and after == []


def test_a_check_in_without_a_network_waits_on_the_page_and_is_sent_once(live_server, settings, wrens):
    def visit(page: Page):
        page.goto("/me/check-in/")
        page.context.set_offline(True)
        page.check("[name=craving][value='4']", force=True)
        page.click("main .form-actions button")
        waits = page.inner_text("[data-status]")
        storage = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
        page.context.set_offline(False)
        page.wait_for_url("**/me/check-in/*/")
        return waits, storage

    waits, storage = on_a_phone(live_server, settings, wrens, visit)
    assert waits.startswith("No connection") and "craving" not in storage
    with everything("test"):
        kept = CheckIn.objects.get()
        assert kept.craving == 4 and kept.at < kept.received_at


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_and_fit_a_phone(live_server, settings, wrens, scheme):
    def visit(page: Page):
        wrong = []
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for address in PAGES:
            page.goto(address)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append((address, "wider than the window"))
            wrong += [(address, each["id"]) for each in Axe().run(page).response["violations"]]
        return wrong

    assert on_a_phone(live_server, settings, wrens, visit) == []
