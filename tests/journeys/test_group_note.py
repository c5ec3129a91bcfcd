"""A counselor writes up yesterday's group with the keyboard alone: everyone's mark, one shared note, a line each, one signature."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import product

from .hands import JOURNEY, Hands
from .story import now

pytestmark = JOURNEY

MOST = 40  # deeds for a group of twelve: a key that decides something, or a field typed; Tab only moves
MOMENTS = ("waking early", "payday", "an old friend calling", "driving past the store", "a quarrel at home", "a lonely Sunday",
           "pain at night", "the walk from work", "a party next door", "waiting for news", "boredom after lunch", "praise at work",
           "a free afternoon", "the first snow", "a birthday")  # fmt: skip
COUNSELORS = ("cora", "counselor2")


class Keyboard:
    """Ten fingers, counted."""

    def __init__(self, hands: Hands) -> None:
        self.page, self.deeds = hands.page, 0

    def at(self, name: str, value: str = "") -> "Keyboard":
        """Move with Tab until the field, or the button, of that name has the focus."""
        here = "([n, v]) => document.activeElement.name === n && (!v || document.activeElement.value === v)"
        for _ in range(250):
            if self.page.evaluate(here, [name, value]):
                return self
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {name} {value}")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.deeds += 1

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.deeds += 1


def an_unwritten_group(opens: Callable[..., Hands]) -> Hands:
    """At the desk of whoever has a group of the last working day still to write, with that session open."""
    for username, ago in product(COUNSELORS, (1, 2)):
        hands = opens(username)
        hands.goes(f"/day/?on={now() - timedelta(days=ago):%Y-%m-%d}")
        for address in {each.get_attribute("href") for each in hands.page.locator('main a[href^="/sessions/"]').all()}:
            hands.goes(str(address))
            if hands.page.locator('button[value="rest"]').count() and len(seats(hands)) > 6:
                return hands
    raise AssertionError("the demo has no group left to write")


def seats(hands: Hands) -> list[str]:
    """The ids of those expected, from the fields of their lines."""
    fields = hands.page.locator('main [name^="response-"]').all()
    return [str(each.get_attribute("name")).removeprefix("response-") for each in fields]


def test_a_group_is_written_by_keyboard_in_forty_deeds(opens: Callable[..., Hands]) -> None:
    hands = an_unwritten_group(opens)
    people, keys = seats(hands), Keyboard(hands)
    hands.looks()
    keys.at("do", "rest").press("Enter")
    hands.reads("All recorded")
    keys.at(f"mark-{people[0]}").press("ArrowRight")
    keys.at(f"minutes-{people[0]}").type("45")
    keys.at("shared").type("Practiced a plan for the evening in pairs, then a round.")
    for who, moment in zip(people, MOMENTS, strict=False):
        keys.at(f"response-{who}").type(f"Spoke of {moment} and chose a next step for it.")
    keys.at("do", "sign").press("Enter")
    hands.page.get_by_text(re.compile("Signed by")).first.wait_for()
    hands.looks()
    assert keys.deeds <= MOST
