"""A person's hands and eyes at one browser window: click, type, and look whether the page is one to be glad of."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, Response, ViewportSize

JOURNEY = [pytest.mark.journey]
WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
AXE = Axe()
PHONE_SIZE: ViewportSize = {"width": 360, "height": 780}
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Hands:
    def __init__(self, page: Page, phone: bool) -> None:
        self.page, self.phone = page, phone
        self.complaints: list[str] = []
        self.tapped = 0
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, said: ConsoleMessage) -> None:
        """Console errors are complaints; the status of the page itself (not found, form refused) is not."""
        about = said.location.get("url", "")
        if said.type == "error" and not ("status of 4" in said.text and about == self.page.url):
            self.complaints.append(f"{said.text} {about}")

    def goes(self, address: str) -> Response | None:
        return self.page.goto(address, wait_until="domcontentloaded")

    def sign_in(self, username: str, password: str) -> None:
        self.goes("/account/login/")
        self.page.locator("input[name=login]").fill(username)
        self.page.locator("input[name=password]").fill(password)
        self.presses("Sign in")
        assert "/login/" not in self.page.url, f"{username} could not sign in"

    def presses(
        self, words: str | re.Pattern[str], within: str | Locator = "main", exact: bool = True, nth: int = 0
    ) -> None:
        """A button by what it says; the page that answers is waited for."""
        self._turns_page(
            self._place(within).get_by_role("button", name=words, exact=exact and isinstance(words, str)).nth(nth)
        )

    def follows(
        self, words: str | re.Pattern[str], within: str | Locator = "body", exact: bool = True, nth: int = 0
    ) -> None:
        """A link by what it says."""
        self._turns_page(
            self._place(within).get_by_role("link", name=words, exact=exact and isinstance(words, str)).nth(nth)
        )

    def _turns_page(self, control: Locator) -> None:
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            control.click()

    def _place(self, within: str | Locator) -> Locator:
        return self.page.locator(within) if isinstance(within, str) else within

    def taps(self, control: Locator) -> None:
        """A finger on the screen, counted."""
        control.tap()
        self.tapped += 1

    def answers(self, within: str | Locator = "main", /, **given: Any) -> None:
        """Fill in a form: name of the field -> text, one choice, or a list of ticks. Folded parts are opened first."""
        place = self._place(within)
        for name, value in given.items():
            self._answer(place, name, value)

    def _answer(self, place: Locator, name: str, value: Any) -> None:
        control = place.locator(f'[name="{name}"]')
        first = control.first
        kind = first.evaluate("each => each.tagName === 'INPUT' ? each.type : each.tagName.toLowerCase()")
        if kind in ("radio", "checkbox"):
            for each in value if isinstance(value, list) else [value]:
                chosen = first if each is True else place.locator(f'[name="{name}"][value="{each}"]').first
                chosen.check()
        elif kind == "select":
            self._choose(first, value) if isinstance(value, re.Pattern) else first.select_option(str(value))
        else:
            first.fill(str(value))

    def _choose(self, control: Locator, words: re.Pattern[str]) -> None:
        """The first choice whose words match."""
        offered = control.locator("option").all_inner_texts()
        control.select_option(label=next(each for each in offered if words.search(each)))

    def unfolds(self, words: str) -> Locator:
        """Open a folded part by its summary, and give it."""
        part = self.page.locator("details", has=self.page.locator("summary", has_text=words)).last
        if part.get_attribute("open") is None:
            part.locator("summary").first.click()
        return part

    def ids_of(self, selector: str) -> list[str]:
        """The ids of all that match, in their order on the page."""
        return [name for each in self.page.locator(selector).all() if (name := each.get_attribute("id"))]

    def reads(self, words: str | re.Pattern[str], within: str = "body") -> None:
        """The page says this."""
        self.page.locator(within).get_by_text(words).first.wait_for(state="attached")

    # ---- is the page a good one -------------------------------------------------------------------------------

    def looks(self) -> None:
        """No accessibility violations (WCAG 2.2 AA), nothing wider than the window or than a phone, nothing complained of."""
        found = self.faults()
        if not self.phone and (usual := self.page.viewport_size):
            self.page.set_viewport_size(PHONE_SIZE)
            found += self.faults(with_axe=False)
            self.page.set_viewport_size(usual)
        assert found == []

    def faults(self, with_axe: bool = True) -> list[str]:
        at = self.page.url.split("/", 3)[-1]
        found = [f"{at}: console: {each}" for each in self.complaints]
        self.complaints.clear()
        if (wider := self.page.evaluate(WIDER)) > 0:
            found.append(f"{at}: {wider} px wider than the window")
        return found + (self._axe(at) if with_axe else [])

    def _axe(self, at: str) -> list[str]:
        violations = AXE.run(self.page, options=WCAG).response["violations"]
        return [f"{at}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations]

    def picture(self, to: Path) -> None:
        to.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=to)
