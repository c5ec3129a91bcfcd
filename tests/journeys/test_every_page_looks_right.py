"""Every page of every role in Chromium: fits a phone, says nothing on the console, and axe finds nothing (once a page)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import ViewportSize

from middleground.kernel.who import ROLES

from .hands import JOURNEY, PHONE_SIZE, Hands

pytestmark = JOURNEY

DESIGNED = (200, 403, 404)
WIDE: ViewportSize = {"width": 1280, "height": 900}
LOOKED_AT: set[str] = set()  # pages that axe has seen, whoever opened them first


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of(role: str, pages: dict[str, dict], opens: Callable[..., Hands]) -> None:
    mine = pages[role]
    assert mine["pages"], f"{role} has no pages"
    hands = opens(mine["username"])
    wrong = []
    for name, address in mine["pages"]:
        hands.page.set_viewport_size(PHONE_SIZE)
        answer = hands.goes(address)
        wrong += hands.faults(with_axe=False)
        if answer is None or answer.status not in DESIGNED:
            wrong.append(f"{address}: {answer and answer.status}")
        elif answer.status == 200 and name not in LOOKED_AT:
            LOOKED_AT.add(name)
            hands.page.set_viewport_size(WIDE)
            wrong += hands.faults()
    assert wrong == []
