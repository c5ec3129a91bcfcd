"""Reasons and all who wait, while they are looked for: how far it is, a stop without a script, and what was found until then."""

import json
import subprocess
import sys
import time as clocks
from threading import Event

import pytest
from django.urls import reverse

from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.reasons import explain
from middleground.engines.timetabling.reasons.telling import NOT_ALL
from middleground.engines.timetabling.reasons.together import together
from middleground.engines.timetabling.until import Until
from middleground.faces.web import planner_reasons
from middleground.kernel import clock
from middleground.timetable import runs, waiting
from middleground.timetable.waiting import look_at_waiting
from tests import builders
from tests.timetable.weeks import EVENINGS, an_evening, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def evening(clinic, wren):
    groups = an_evening(clinic)
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, groups, since=clock.today())
    return groups


@pytest.fixture
def two_wait(clinic, evening):
    for n in range(2):
        lark = builders.a_client(clinic, f"Lark{n}", "Birch")
        free(clinic, lark, "mon 17:00-22:00", "wed 17:00-22:00", "tue 17:00-22:00")


@pytest.fixture
def director(client, clinic):
    client.force_login(clinic.people["program-director"])
    return client


def a_run(user, question, answer, stopped=False, **told):
    """A run that has ended with this answer."""
    own = runs.place() / f"{question}{user.pk}"
    own.mkdir(mode=0o700)
    about = {"by": user.pk, "question": question, "asked": {}, "limit": 60, "began": clocks.time(), "ends": [question]}
    runs.write(own / runs.TOLD, {**about, **told})
    runs.write(own / f"{question}.answer", answer)
    if stopped:
        (own / runs.STOPPED).touch()
    return own.name


def at_once(monkeypatch):
    """The page does not wait for an answer before it shows how far it is."""
    monkeypatch.setattr(planner_reasons, "WAIT", 0)


@pytest.mark.parametrize("of", ["chart", "site"])
def test_it_shows_how_far_it_is_and_stops_without_a_script(director, clinic, wren, two_wait, monkeypatch, of):
    at_once(monkeypatch)
    url = reverse("chart-why", args=[wren.pk]) if of == "chart" else reverse("planner-waiting")
    seen = director.post(url, {"site": clinic.site.pk})["Location"]
    page = director.get(seen).content.decode()
    assert "of 60 seconds at most" in " ".join(page.split()) and "Reading the week." in page
    assert f'<form method="post" action="{seen}">' in page and 'name="do" value="stop"' in page
    part = director.get(seen, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and f'hx-get="{seen}"' in part and 'value="stop"' not in part
    answer = director.post(seen, {"do": "stop"})
    assert answer["Location"] == seen
    page = director.get(seen).content.decode()
    assert "How far it is" not in page and "You stopped the search" in page
    assert "nothing has changed" in page or "This is what it had found" in page or "were looked at" in page


def test_nobody_else_stops_it(director, client, clinic, wren, two_wait, monkeypatch):
    at_once(monkeypatch)
    seen = director.post(reverse("planner-waiting"), {"site": clinic.site.pk})["Location"]
    token = seen.partition("run=")[2]
    client.force_login(clinic.people["intake-coordinator"])
    client.post(seen, {"do": "stop"})
    state = runs.wait(token, clinic.people["program-director"].pk, 60)
    assert not state.stopped and len(state.answers["together"]["waiting"]) == 2


def told(target, reach, *text):
    """An explanation cut short."""
    row = {"client": "c1", "target": target, "reach": reach, "because": [], "best": None, "enough": None}
    return row | {"text": [*text, NOT_ALL["en"], "We will look."]}


def test_reasons_found_before_the_stop_are_shown_and_are_not_called_proved(client, clinic, wren, evening):
    user = clinic.people["counselor"]
    client.force_login(user)
    found = told(540, 360, "360 fit.")
    nothing = told(600, 0)
    token = a_run(user, "explain", {"explanations": [found, nothing]}, True, asked={"client": wren.pk, "busy": []})
    page = client.get(reverse("chart-why", args=[wren.pk]), {"run": token}).content.decode()
    assert "You stopped the search." in page and "At least 6 h of 9 h fit" in page
    assert "Nothing was found for these hours yet." in page
    assert "Proved" not in page and "Out of reach" not in page and "0 min" not in page


def test_a_stop_before_anything_is_found_is_said_kindly(client, clinic, wren, evening):
    user = clinic.people["program-director"]
    client.force_login(user)
    nothing = told(540, 0)
    token = a_run(user, "explain", {"explanations": [nothing]}, True, asked={"client": wren.pk, "busy": []})
    assert "That is fine" in client.get(reverse("chart-why", args=[wren.pk]), {"run": token}).content.decode()
    token = a_run(user, "together", {"waiting": [], "of": 2}, True, site=clinic.site.pk)
    assert "That is fine" in client.get(reverse("planner-waiting"), {"run": token}).content.decode()


def test_those_looked_at_before_time_was_up_are_counted(director, clinic, evening):
    row = {"client": "c1", "target": 540, "reach": 360, "with": {"new-tue-evening-en": 540}}
    user = clinic.people["program-director"]
    token = a_run(user, "together", {"waiting": [row], "of": 3}, site=clinic.site.pk)
    page = director.get(reverse("planner-waiting"), {"run": token}).content.decode()
    assert "Time was up." in page and "1 of the 3 people were looked at" in page
    assert "would place 1 of the 1 looked at" in page


# ---- the engine ------------------------------------------------------------------------------------------------------


def test_a_stop_keeps_whom_it_has_looked_at_whole(clinic, two_wait):
    made = look_at_waiting.run(clinic.actor("program-director"), site_id=clinic.site.pk)
    week, stop, told = clinic_of(made.data, "explain"), Event(), []
    whole = together(week, tell=lambda *far: told.append(far))
    assert told == [(1, 2), (2, 2)]
    until = Until(stop=stop)
    assert (together(week, until=until, tell=lambda *_: stop.set()), until.late) == (whole[:1], True)


def test_the_process_keeps_to_its_limit_and_tells_how_far_it_is(clinic, two_wait):
    made = look_at_waiting.run(clinic.actor("program-director"), site_id=clinic.site.pk)

    def asked(seconds, data):
        words = [sys.executable, "-m", waiting.TOGETHER, str(seconds)]
        return subprocess.run(words, input=json.dumps(data), capture_output=True, text=True)

    done = asked(60, made.data)
    assert json.loads(done.stderr.splitlines()[-1]) == {"done": 2, "of": 2}
    assert json.loads(asked(0, made.data).stdout) == {"waiting": [], "of": 2}
    wrong = asked(60, {"format": "nonsense"})
    assert wrong.returncode == 2 and "error" in json.loads(wrong.stdout)


def test_reasons_tell_what_fits_before_they_are_known(clinic, evening):
    lark = builders.a_client(clinic, "Lark", "Birch")
    free(clinic, lark, "mon 17:00-22:00")
    made = look_at_waiting.run(clinic.actor("program-director"), site_id=clinic.site.pk)
    week, told = clinic_of({**made.data, "asks": [{"client": f"c{lark.pk}", "target": 540}]}, "explain"), []
    explain(week, tell=told.append)
    assert (told[0].reach, told[0].because) == (told[-1].reach, ()) and told[-1].because


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({"done": 3, "of": 12}, "Looked at 3 of 12 people who wait."),
        ({"objective": [180], "target": 540}, "6 h of 9 h fit. Now the reasons are looked for."),
        ({}, ""),
    ],
)
def test_how_far_it_is_in_words(line, says):
    assert waiting.far_so_far(runs.State({}, 1, True, progress={"explain": line} if line else {})) == says
