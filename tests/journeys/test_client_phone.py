"""A client's own phone over a day: today, the week, a check-in in seconds, the card without a network, plan, consents, Spanish."""

import re
from collections.abc import Callable, Iterator

import pytest

from .hands import JOURNEY, Hands

pytestmark = JOURNEY

TAPS = 3  # from the first page: open, one answer, send


@pytest.fixture(scope="module")
def client_name(pages: dict[str, dict]) -> str:
    return pages["client"]["username"]


@pytest.fixture
def phone(opens: Callable[..., Hands], client_name: str) -> Iterator[Hands]:
    yield opens(client_name, phone=True)


def test_today_and_the_week(phone: Hands) -> None:
    phone.goes("/me/")
    phone.looks()
    phone.follows("Week", "nav")
    phone.looks()
    assert phone.page.locator("main li, main article").count() > 0


def test_a_check_in_takes_three_taps(phone: Hands) -> None:
    phone.goes("/me/")
    phone.taps(phone.page.locator('main a[href="/me/check-in/"]').first)
    phone.page.wait_for_url("**/me/check-in/")
    phone.taps(phone.page.locator('label:has(input[name="craving"][value="3"])'))
    phone.taps(phone.page.get_by_role("button", name="Send", exact=True))
    phone.page.wait_for_url(re.compile(r"/me/check-in/\d+/"))
    assert phone.tapped == TAPS
    phone.looks()


def test_the_craving_card_opens_without_a_network(phone: Hands) -> None:
    phone.goes("/me/craving/")
    phone.looks()
    phone.page.wait_for_function("navigator.serviceWorker.ready.then(() => !!navigator.serviceWorker.controller)")
    phone.goes("/me/craving/")
    phone.page.wait_for_function("caches.match('/me/craving/').then(kept => !!kept)")
    phone.page.context.set_offline(True)
    phone.goes("/me/craving/")
    phone.reads("988", "main")
    phone.reads("You can ride this out", "main")  # the window, its worker and what it keeps end with this test


def test_lessons_plan_and_consents(phone: Hands) -> None:
    phone.goes("/me/lessons/")
    phone.looks()
    phone.follows(re.compile("."), "main")
    assert re.search(r"/me/lessons/[\w-]+/$", phone.page.url)
    phone.looks()
    for address in ("/me/plan/", "/me/consents/", "/me/record/", "/me/built/"):
        phone.goes(address)
        phone.looks()


def test_telling_of_a_return_to_use(phone: Hands) -> None:
    phone.goes("/me/return-to-use/")
    phone.looks()
    phone.reads("Thank you for coming here")
    phone.answers(context="A hard evening.")
    phone.presses("Tell my team")
    phone.looks()
    phone.goes("/me/built/")
    phone.reads(re.compile("I went on from there"))


def test_everything_in_spanish(phone: Hands) -> None:
    phone.goes("/me/more/")
    phone.presses("Español", "body")
    assert phone.page.locator("html").get_attribute("lang") == "es"
    for address, words in (("/me/", "Hola"), ("/me/check-in/", "¿Cómo"), ("/me/craving/", "988")):
        phone.goes(address)
        phone.reads(re.compile(words), "main")
        phone.looks()
