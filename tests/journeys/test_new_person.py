"""One new person, from the public form to discharge, through every room of the clinic by the hands of the right roles."""

from collections.abc import Callable

from . import way_in, way_through
from .hands import JOURNEY, Hands
from .story import Story

pytestmark = JOURNEY


def test_a_new_person_is_carried_from_the_first_form_to_discharge(opens: Callable[..., Hands]) -> None:
    story = Story(opens)
    for step in (*way_in.STEPS, *way_through.STEPS):
        step(story)
