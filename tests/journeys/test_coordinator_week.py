"""A coordinator's week: a new client placed and a sick call repaired, by keyboard and on a phone; two coordinators at once; a
solve that was killed. Deeds are counted, not seconds: a key that decides something, or a line typed; Tab is counted apart."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests import demo_home

from .hands import JOURNEY, Hands
from .newcomers import FAMILY
from .story import now
from .test_group_note import Keyboard

pytestmark = JOURNEY

PLACED = 12  # deeds to place a new client: with all the Tabs well under two minutes
REPAIRED = 8
TABS = 120
TAPS = 8
NEXT = "**/planner/proposals/*/"


class Fingers(Keyboard):
    """Ten fingers on a keyboard and nothing else; Tabs are counted too."""

    def __init__(self, hands: Hands) -> None:
        super().__init__(hands)
        self.tabs = 0

    def to(self, words: str, tag: str = "a, button, summary") -> "Fingers":
        """Tab, from wherever the focus is, to the first control that says this."""
        here = """([words, tag]) => { const at = document.activeElement;
            return at.matches(tag) && at.closest('main') && new RegExp(words).test(at.innerText.trim()) }"""
        for _ in range(TABS):
            if self.page.evaluate(here, [words, tag]):
                return self
            self.page.keyboard.press("Tab")
            self.tabs += 1
        raise AssertionError(f"Tab never reaches {words}")

    def opens(self, key: str = "Enter") -> None:
        """A key that leads to another page."""
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.press(key)

    def past_the_menu(self) -> None:
        """The first Tab of a page is the way past the menu."""
        self.page.keyboard.press("Tab")
        self.tabs += 1
        self.press("Enter")


@pytest.fixture(scope="module")
def newcomers(demo: Path, server: str) -> dict[str, int]:
    asked = [sys.executable, "-m", "tests.journeys.newcomers", "Ember", "Lark"]
    answer = subprocess.run(asked, env=demo_home.environment(demo), cwd=demo_home.ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    made: dict[str, int] = json.loads(answer.stdout)
    return made


@pytest.fixture
def iris(opens: Callable[..., Hands]) -> Iterator[Hands]:
    yield opens("iris")


def day_of_cora(hands: Hands) -> str:
    """A coming day on which Cora leads a session."""
    for later in range(1, 8):
        day = f"{now() + timedelta(days=later):%Y-%m-%d}"
        hands.goes(f"/day/?on={day}&whose=all")
        if hands.page.locator("main td", has_text="Cora Lantern").count():
            return day
    raise AssertionError("Cora leads nothing this week")


def rows(demo: Path, table: str) -> int:
    file = next(each for each in demo.iterdir() if each.suffix in (".sqlite3", ".db"))
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as read:
        found: int = read.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  names of ours
    return found


def test_a_new_client_is_placed_by_keyboard(iris: Hands, newcomers: dict[str, int]) -> None:
    iris.goes("/home/")
    keys = Fingers(iris)
    keys.press("/")
    keys.type(f"Ember {FAMILY}")
    keys.opens()
    keys.past_the_menu()
    keys.to("Ember").opens()
    keys.past_the_menu()
    keys.to("^Week$").opens()
    iris.looks()
    keys.to("^Evenings$").press("Enter")
    keys.to("^(Keep|Save)").opens()
    iris.reads("Weeks that fit")
    iris.looks()
    keys.to("^Choose this week").opens()
    iris.looks()
    keys.to("^Book this week$").opens()
    iris.reads(re.compile("The week is booked from"))
    iris.looks()
    assert keys.deeds <= PLACED and keys.tabs <= TABS, f"{keys.deeds} deeds, {keys.tabs} Tabs"


def test_a_sick_call_is_repaired_by_keyboard(iris: Hands) -> None:
    day = day_of_cora(iris)
    iris.goes(f"/day/?on={day}")
    iris.looks()
    keys = Fingers(iris)
    keys.to("Somebody is away").opens()
    iris.looks()
    keys.at("who").type("Cora")
    keys.to("^Find a way$").opens()
    iris.page.wait_for_url(NEXT, timeout=60_000)
    iris.looks()
    keys.to("^Apply").opens()
    iris.reads("Applied", "main")
    iris.looks()
    assert keys.deeds <= REPAIRED and keys.tabs <= TABS, f"{keys.deeds} deeds, {keys.tabs} Tabs"
    iris.presses("Take it back")
    iris.reads("Taken back", "main")


def test_a_sick_call_is_repaired_on_the_board_of_the_rooms_by_keyboard(iris: Hands) -> None:
    iris.goes(f"/day/?on={day_of_cora(iris)}")
    keys = Fingers(iris)
    keys.to("^Rooms$").opens()
    iris.looks()
    keys.past_the_menu()
    keys.to(r"^Report away\s*: Cora Lantern").opens()
    assert iris.page.locator("[name=who] option:checked").inner_text() == "Cora Lantern"
    keys.to("^Find a way$").opens()
    iris.page.wait_for_url(NEXT, timeout=60_000)
    keys.to("^The rooms of that day$").opens()
    iris.reads("Leader away", "main")
    iris.looks()
    keys.past_the_menu()
    keys.to("^Apply").opens()
    iris.reads("Everybody it touches has been told.")
    assert iris.page.get_by_text("Leader away").count() == 0
    iris.looks()
    assert keys.deeds <= REPAIRED and keys.tabs <= TABS, f"{keys.deeds} deeds, {keys.tabs} Tabs"
    iris.follows(re.compile("^See it, or take it back"))
    iris.presses("Take it back")
    iris.reads("Taken back", "main")


def test_a_flooded_room_is_emptied_on_the_board_on_a_phone(opens: Callable[..., Hands]) -> None:
    phone = opens("iris", phone=True)
    day = day_of_cora(phone)
    phone.goes(f"/day/rooms/?on={day}")
    phone.looks()
    first = phone.page.locator(".board-day", has=phone.page.locator(".block")).first
    room = first.locator("h2").inner_text()
    with phone.page.expect_navigation(wait_until="domcontentloaded"):
        phone.taps(first.get_by_role("link", name=re.compile("^Report closed")))
    with phone.page.expect_navigation(wait_until="domcontentloaded"):
        phone.taps(phone.page.get_by_role("button", name="Find a way"))
    phone.page.wait_for_url(NEXT, timeout=60_000)
    phone.goes(f"/day/rooms/?on={day}")
    phone.reads(f"{room} is closed on", "main")
    phone.looks()
    with phone.page.expect_navigation(wait_until="domcontentloaded"):
        phone.taps(phone.page.get_by_role("button", name=re.compile("^Apply")).first)
    phone.reads("Everybody it touches has been told.")
    phone.looks()
    assert phone.tapped <= TAPS
    phone.follows(re.compile("^See it, or take it back"))
    phone.presses("Take it back")


def test_the_same_on_a_phone(opens: Callable[..., Hands], newcomers: dict[str, int]) -> None:
    phone = opens("iris", phone=True)
    phone.goes(f"/clients/{newcomers['Lark']}/week/")
    phone.looks()
    phone.taps(phone.page.get_by_role("button", name="Evenings"))
    for name in (re.compile("^(Keep|Save)"), re.compile("^Book this week")):
        with phone.page.expect_navigation(wait_until="domcontentloaded"):
            phone.taps(phone.page.locator("main").get_by_role("button", name=name))
        if "Keep" in name.pattern:
            phone.looks()
            with phone.page.expect_navigation(wait_until="domcontentloaded"):
                phone.taps(phone.page.get_by_role("link", name=re.compile("^Choose this week")).first)
            phone.looks()
    phone.reads(re.compile("The week is booked from"))
    assert phone.tapped <= TAPS
    day = day_of_cora(phone)
    phone.goes(f"/planner/?on={day}")
    phone.looks()
    phone.answers(who=re.compile("Cora Lantern"))
    with phone.page.expect_navigation(wait_until="domcontentloaded"):
        phone.taps(phone.page.get_by_role("button", name="Find a way"))
    phone.page.wait_for_url(NEXT, timeout=60_000)
    phone.looks()
    with phone.page.expect_navigation(wait_until="domcontentloaded"):
        phone.taps(phone.page.get_by_role("button", name=re.compile("^Apply")).first)
    phone.reads("Applied", "main")
    phone.looks()
    phone.presses("Take it back")


def test_a_group_is_moved_on_the_board_and_back(iris: Hands) -> None:
    iris.goes("/week/")
    iris.looks()
    keys = Fingers(iris)
    keys.to("Check-in").press("m")
    stage = iris.page.locator("[data-stage]")
    stage.wait_for()
    iris.page.locator("[data-move-form]").wait_for()
    keys.press("ArrowRight")
    iris.page.locator(".move-breaks").wait_for()
    iris.looks()
    keys.press("Escape")
    assert stage.is_hidden()
    keys.press("m")
    iris.page.locator("[data-move-form][data-same], [data-move-form]").first.wait_for()
    for _ in range(4):  # to the empty afternoon, hour by hour
        keys.press("Shift+ArrowUp" if "pm" in keys.page.locator(".lifted p").first.inner_text() else "Shift+ArrowDown")
    iris.page.locator(".move-breaks").wait_for()
    keys.opens()
    iris.reads("is moved. Those it touches have been told.")
    iris.looks()
    iris.presses("Undo this move")
    iris.reads(re.compile("Taken back"))


def test_the_slower_of_two_coordinators_is_told_and_nothing_is_booked_twice(
    opens: Callable[..., Hands], demo: Path
) -> None:
    quick, slow = opens("iris"), opens("dee")
    quick.goes("/week/")
    address = str(quick.page.locator("[data-group] h3 a").first.get_attribute("href"))
    for hands in (quick, slow):
        hands.goes(address)
    quick.answers(weekday=6, start_time="14:00")
    slow.answers(weekday=6, start_time="16:00")
    moves = rows(demo, "timetable_proposal")
    quick.presses("Move it")
    quick.reads("is moved. Those it touches have been told.")
    slow.presses("Move it")
    slow.reads("Somebody was quicker", "main")
    slow.reads(re.compile("Iris Fallow changed .* it is now on Sundays at 2:00 pm"), "main")
    slow.looks()
    assert slow.page.locator('[name="start_time"]').input_value() == "16:00"  # what was typed is kept
    assert rows(demo, "timetable_proposal") == moves + 1
    other = str(quick.page.locator('.board-lane:not([data-day="6"]) [data-group] h3 a').first.get_attribute("href"))
    slow.goes(other)
    slow.answers(weekday=6, start_time="14:15")
    slow.presses("Move it")
    slow.reads(re.compile("taken on Sunday|has something else"), "main")  # the ledger has the room
    assert rows(demo, "timetable_proposal") == moves + 1
    quick.presses("Undo this move")
    quick.reads(re.compile("Taken back"))


def test_a_solve_that_is_killed_leaves_nothing(iris: Hands, demo: Path) -> None:
    before = {table: rows(demo, table) for table in ("timetable_proposal", "program_session", "kernel_booking")}
    iris.goes("/planner/")
    iris.answers(keep="nothing")
    iris.presses("Plan it")
    iris.looks()
    runs = demo / "solving"
    for file in runs.glob("*/*.pid"):
        os.kill(int(file.read_text()), signal.SIGKILL)
    iris.page.wait_for_url("**/planner/")
    iris.reads("The planner ended without an answer. Nothing has changed.")
    iris.looks()
    assert {table: rows(demo, table) for table in before} == before
    assert not list(runs.iterdir())
