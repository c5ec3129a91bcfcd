"""How an action's inputs are asked for: every list begins with the same empty choice, in the reader's language."""

from typing import Annotated

import pytest
from django.utils import translation

from middleground.clinic.models import User
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.who import role

pytestmark = pytest.mark.django_db
WAYS = [("bus", "By bus"), ("car", "By car")]


@action("Ask for a test", by=role("counselor"))
def ask(
    act: Act,
    person: Annotated[User, Ask("Who")],
    way: Annotated[str, Ask("How", choices=WAYS)],
    back: Annotated[str, Ask("And back", choices=WAYS, radio=True)] = "",
) -> None:
    act.says("Asked")


def empty_choices() -> list[str]:
    form = ask.form()
    return [str(next(iter(form.fields[name].choices))[1]) for name in ("person", "way", "back")]


def test_every_list_begins_with_the_same_words(clinic):
    assert empty_choices() == ["Choose one", "Choose one", "No answer"]


def test_the_empty_choice_is_said_in_the_readers_language(clinic):
    with translation.override("es"):
        assert empty_choices() == ["Elija una opción", "Elija una opción", "Sin respuesta"]
