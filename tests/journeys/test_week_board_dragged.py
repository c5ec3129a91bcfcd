"""A group of the week dragged on the board: by mouse, and by a finger that holds it first; what it breaks is seen before the drop."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from .hands import JOURNEY, Hands
from .test_coordinator_week import rows

pytestmark = JOURNEY

QUARTERS = 6  # how far a group is dragged


@pytest.fixture
def iris(opens: Callable[..., Hands]) -> Iterator[Hands]:
    yield opens("iris")


STILL = """() => new Promise((done) => { let last = scrollY, since = 0;
    const look = () => { since = scrollY === last ? since + 1 : 0; last = scrollY; since > 15 ? done() : requestAnimationFrame(look); };
    look(); })"""


def middle(hands: Hands, block: Locator) -> tuple[float, float]:
    """Where a hand takes a group, scrolled to the middle of the window."""
    hands.page.evaluate(STILL)  # a flick of before has run out
    block.evaluate("each => each.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = block.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 40)


def a_day_over(hands: Hands, block: Locator) -> float:
    """The middle of the first day with groups that isn't this group's."""
    own = block.evaluate("each => each.closest('[data-day]').dataset.day")
    box = hands.page.locator(f'.board-lane:not([data-day="{own}"]):has([data-group])').first.bounding_box()
    assert box
    return box["x"] + box["width"] / 2


def quarter(hands: Hands) -> float:
    return float(
        hands.page.locator(".board-lane").first.evaluate("each => parseFloat(getComputedStyle(each).gridAutoRows)")
    )


def told(hands: Hands) -> str:
    """What the drop would break, once the board has heard it."""
    said = hands.page.locator("[data-said]", has_text=re.compile(r"break|booked"))
    said.wait_for()
    return said.inner_text()


def test_a_group_is_dragged_by_mouse_seen_dropped_and_taken_back(iris: Hands, demo: Path) -> None:
    """To another time, which says what it would break before anything is dropped; Escape leaves it; an empty Sunday takes it."""
    iris.goes("/week/")
    moves, mouse = rows(demo, "timetable_proposal"), iris.page.mouse
    block = iris.page.locator("[data-group]").first
    name, at = block.get_attribute("data-name"), block.get_attribute("data-start")
    x, y = middle(iris, block)
    mouse.move(x, y)
    mouse.down()
    mouse.move(a_day_over(iris, block), y + QUARTERS * quarter(iris), steps=8)
    ghost = iris.page.locator(".ghost")
    assert name in ghost.inner_text() and "lifted" in str(block.get_attribute("class"))
    told(iris)
    iris.looks()
    assert rows(demo, "timetable_proposal") == moves
    iris.page.locator("[data-leave]").focus()
    iris.page.keyboard.press("Escape")
    mouse.up()
    assert ghost.count() == 0 and rows(demo, "timetable_proposal") == moves
    sunday = iris.page.locator('[data-day="6"]').bounding_box()
    x, y = middle(iris, block)
    assert sunday
    mouse.move(x, y)
    mouse.down()
    mouse.move(sunday["x"] + sunday["width"] / 2, y + quarter(iris), steps=8)
    assert not told(iris).startswith("It can't")
    with iris.page.expect_navigation(wait_until="domcontentloaded"):
        mouse.up()
    iris.reads(f"{name} is moved. Those it touches have been told.")
    moved = iris.page.locator(f'[data-day="6"] [data-group][data-name="{name}"]')
    assert int(str(moved.get_attribute("data-start"))) == int(str(at)) + 15
    iris.presses("Undo this move")
    iris.reads(re.compile("Taken back"))
    assert iris.page.locator('[data-day="6"] [data-group]').count() == 0


class Finger:
    """One finger on the glass, as the screen reports it: the browser makes pointers and scrolling of it."""

    def __init__(self, hands: Hands) -> None:
        self.page, self.screen = hands.page, hands.page.context.new_cdp_session(hands.page)

    def _sends(self, sort: str, *points: tuple[float, float]) -> None:
        told = {"type": sort, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        self.screen.send("Input.dispatchTouchEvent", told)

    def down(self, x: float, y: float) -> None:
        self.at = (x, y)
        self._sends("touchStart", self.at)

    def slides(self, x: float, y: float, steps: int = 12) -> None:
        begun = self.at
        for n in range(1, steps + 1):
            self.at = (begun[0] + (x - begun[0]) * n / steps, begun[1] + (y - begun[1]) * n / steps)
            self._sends("touchMove", self.at)
            self.page.wait_for_timeout(16)

    def up(self) -> None:
        self._sends("touchEnd")


def test_a_finger_drags_a_held_group_and_scrolls_with_one_not_held(opens: Callable[..., Hands], demo: Path) -> None:
    """A tablet: a quick finger scrolls the page as anywhere; held first, the group goes along straight down."""
    tablet = {"viewport": {"width": 1180, "height": 820}, "has_touch": True}
    iris = opens("iris", **tablet)
    iris.goes("/week/")
    finger, moves = Finger(iris), rows(demo, "timetable_proposal")
    block = iris.page.locator("[data-group]").first
    x, y = middle(iris, block)
    before = iris.page.evaluate("scrollY")
    finger.down(x, y)
    finger.slides(x, y - 200)
    finger.up()
    iris.page.wait_for_function("was => scrollY > was + 50", arg=before)
    assert iris.page.locator(".ghost").count() == 0 and iris.page.locator("[data-move]").is_hidden()
    x, y = middle(iris, block)
    finger.down(x, y)
    iris.page.locator(".lifted").wait_for()
    stood = iris.page.evaluate("scrollY")
    finger.slides(x, y + QUARTERS * quarter(iris))
    assert iris.page.evaluate("scrollY") == stood, "the page stands still under the group"
    told(iris)
    now_at = int(str(block.get_attribute("data-start"))) + QUARTERS * 15
    assert f"{now_at // 60 % 12 or 12}:{now_at % 60:02d}" in iris.page.locator(".ghost").inner_text()
    iris.looks()
    finger.slides(x, 815, steps=20)
    iris.page.wait_for_function("was => scrollY > was", arg=stood)  # at the edge of the screen the page goes along
    iris.page.locator("[data-leave]").evaluate("each => each.click()")
    finger.up()
    assert iris.page.locator(".ghost").count() == 0 and rows(demo, "timetable_proposal") == moves
    sunday = iris.page.locator('[data-day="6"]').bounding_box()
    x, y = middle(iris, block)
    assert sunday
    finger.down(x, y)
    iris.page.locator(".lifted").wait_for()
    finger.slides(sunday["x"] + sunday["width"] / 2, y)
    told(iris)
    with iris.page.expect_navigation(wait_until="domcontentloaded"):
        finger.up()
    iris.reads(re.compile("is moved. Those it touches have been told."))
    iris.presses("Undo this move")
    iris.reads(re.compile("Taken back"))
