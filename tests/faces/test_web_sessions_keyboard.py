"""A group of twelve documented with the keyboard alone: forty interactions at most (a press or a line typed; Tab only moves)."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page, sync_playwright

from middleground.kernel import clock
from tests.faces.ui_look import CHROMIUM
from tests.program import groups

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
MOST = 40


class Hands:
    """Two hands on a keyboard, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.deeds = page, 0

    def at(self, name: str, value: str = "") -> "Hands":
        here = "([n, v]) => document.activeElement.name === n && (!v || document.activeElement.value === v)"
        for _ in range(200):
            if self.page.evaluate(here, [name, value]):
                return self
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {name} {value}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.deeds += 1

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.deeds += 1


@pytest.fixture
def last_evening(clinic):
    with clock.at(groups.local(clock.today() - timedelta(days=1), 9)):
        group = groups.a_group(clinic)
        return groups.first_session(group), groups.members(clinic, group, 12)


def test_twelve_people_by_keyboard(clinic, last_evening, live_server, client):
    session, people = last_evening
    client.force_login(clinic.people["counselor"])
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    with sync_playwright() as play:
        browser = play.chromium.launch(**CHROMIUM)
        context = browser.new_context()
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/sessions/{session.pk}/")
        hands = Hands(page)
        document(hands, people)
        assert "Signed by Counselor Person" in page.content()
        assert Axe().run(page).response["violations"] == []
        browser.close()
    assert hands.deeds <= MOST
    kept = groups.marks(session)
    assert (kept[people[1].pk], kept[people[2].pk]) == (("late", 45), ("no-show", 0))
    assert len(groups.hashes(session)) == 11


def document(hands: Hands, people: list) -> None:
    """All present but two, one shared text, a line for each person who was there, one signature."""
    hands.at("do", "rest").press("Enter")
    hands.page.wait_for_selector("text=All recorded")
    hands.at(f"mark-{people[1].pk}").press("ArrowRight")
    hands.at(f"minutes-{people[1].pk}").type("45")
    hands.at(f"mark-{people[2].pk}").press(*["ArrowRight"] * 4)
    hands.at("shared").type("Practiced a plan for the evening.")
    for number, person in enumerate(people):
        if number != 2:
            hands.at(f"response-{person.pk}").type(f"{WORDS[number]} was the hard moment; chose step {number}.")
    hands.at("do", "sign").press("Enter")
    hands.page.wait_for_selector("text=Signed by")


WORDS = (
    "Waking early",
    "Payday cash",
    "Old friends calling",
    "Driving past the store",
    "A quarrel at home",
    "Being alone on Sunday",
    "Pain at night",
    "The walk from work",
    "A party next door",
    "Waiting for court news",
    "Boredom after lunch",
    "Praise at work",
)
