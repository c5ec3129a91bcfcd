"""WCAG 2.2 AA: every pair of colours that meets on a page, in the light and in the dark."""

import pytest

from tests.faces.ui_look import tokens

GROUNDS = ("paper", "surface", "sunk")
SOFT = ("good", "watch", "danger", "info", "accent")
WORDS = [
    (ink, ground)
    for ink in ("ink", "ink-quiet", "accent", "accent-deep", "danger", "good", "watch", "info")
    for ground in GROUNDS
]
WORDS += [("ink", f"{tone}-soft") for tone in SOFT] + [(tone, f"{tone}-soft") for tone in SOFT]
WORDS += [("accent", f"{tone}-soft") for tone in SOFT]
WORDS += [
    ("accent-deep", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
    ("on-danger", "danger"),
]
EDGES = [(edge, ground) for edge in ("line-strong", "focus", "accent") for ground in GROUNDS] + [
    ("focus", "accent-soft")
]


def brightness(colour: str) -> float:
    """Relative luminance. Source: WCAG 2.2, definition of relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((brightness(one), brightness(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_measures_twenty_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), WORDS)
def test_words_can_be_read(ink, ground, scheme):
    assert contrast(tokens()[ink][scheme], tokens()[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_of_fields_and_the_focus_ring_can_be_seen(edge, ground, scheme):
    assert contrast(tokens()[edge][scheme], tokens()[ground][scheme]) >= 3
