"""The pictures of the docs: MIDDLEGROUND_SCREENSHOTS=1 pytest tests/journeys/test_screenshots.py renews them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import demo_home

from .hands import JOURNEY, Hands

pytestmark = JOURNEY

PICTURES = demo_home.ROOT / "docs" / "img"
MOST = 200_000  # bytes
AT_DESK = (
    ("day", "counselor", "day?whose=all"),
    ("session", "counselor", "session"),
    ("chart", "counselor", "chart"),
    ("inquiries", "intake-coordinator", "inquiries"),
    ("week", "counselor", "chart-week"),
    ("rooms", "intake-coordinator", "day-rooms"),
    ("director", "program-director", "director"),
    ("compliance", "compliance-officer", "compliance"),
    ("site-home", "visitor", "site-home"),
)
ON_PHONE = (
    ("portal-today", "client", "portal-today"),
    ("portal-check-in", "client", "portal-check-in"),
    ("craving", "client", "portal-craving"),
    ("day", "counselor", "day?whose=all"),
    ("chart", "counselor", "chart"),
    ("site-home", "visitor", "site-home"),
)


@pytest.mark.skipif("MIDDLEGROUND_SCREENSHOTS" not in os.environ, reason="renews the docs' pictures only when asked to")
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_take_the_pictures(phone: bool, pages: dict[str, dict], opens: Callable[..., Hands]) -> None:
    windows: dict[str, Hands] = {}
    for picture, role, name in ON_PHONE if phone else AT_DESK:
        if role not in windows:
            windows[role] = opens(pages[role]["username"], phone=phone)
        name, _, query = name.partition("?")
        windows[role].goes(f"{dict(pages[role]['pages'])[name]}?{query}")
        windows[role].page.wait_for_load_state("networkidle")
        to = PICTURES / f"{picture}-{'phone' if phone else 'desktop'}.png"
        windows[role].picture(to)
        assert_small(to)


def assert_small(picture: Path) -> None:
    assert picture.stat().st_size <= MOST, f"{picture.name} is {picture.stat().st_size} bytes"
