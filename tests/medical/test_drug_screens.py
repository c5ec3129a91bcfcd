"""Drug screens: never punitive, talked over before anything changes."""

from datetime import timedelta

import pytest

from middleground.kernel import clock
from middleground.kernel.errors import NotAllowed, Refused
from middleground.medical import actions, queries
from middleground.medical.screening import NotOpen
from middleground.records.models import Episode, Task

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def counselor(clinic):
    return clinic.actor("counselor")


@pytest.fixture
def ordered(counselor, wren):
    return actions.order_drug_screen.run(counselor, client=wren, reason="random")


def record(actor, screen, **panel):
    return actions.record_drug_screen_result.run(
        actor, screen=screen, panel=panel or {"fentanyl": "negative", "opiates": "negative"}
    )


def test_a_plain_negative_is_done_and_asks_nothing(clinic, counselor, ordered):
    assert ordered.state == "to-collect"
    assert record(counselor, ordered).state == "as-expected"
    with clinic.seen_by("counselor"):
        assert not queries.open_screens().exists()
        assert not Task.objects.filter(key__startswith="screen-talk").exists()


def test_a_positive_asks_for_a_talk_and_changes_nothing_else(clinic, counselor, wren, ordered):
    screen = record(counselor, ordered, fentanyl="positive", cocaine="negative")
    assert screen.state == "to-discuss"
    with clinic.seen_by("counselor"):
        assert Episode.objects.get(client=wren).is_open
        task = Task.objects.get(key=f"screen-talk:{screen.pk}")
        assert queries.open_screens().get() == screen
    assert task.owner == clinic.people["counselor"] and "screen" not in task.what
    talked = actions.discuss_drug_screen.run(
        counselor, screen=screen, client_says="I used on Sunday and want to say so."
    )
    assert talked.state == "discussed"
    with clinic.seen_by("counselor"):
        assert Task.objects.get(pk=task.pk).done_at
        assert not queries.open_screens().exists()


def test_a_specimen_outside_its_limits_is_in_doubt_but_only_for_urine(counselor, wren, ordered):
    panel, validity = {"fentanyl": "negative"}, {"temperature_f": "88", "creatinine": 20, "ph": "9"}
    urine = actions.record_drug_screen_result.run(counselor, screen=ordered, panel=panel, validity=validity)
    assert urine.doubts == ["temperature_f"] and urine.state == "to-discuss"
    other = actions.order_drug_screen.run(counselor, client=wren)
    fluid = actions.record_drug_screen_result.run(
        counselor, screen=other, panel=panel, validity=validity, specimen="oral-fluid"
    )
    assert fluid.doubts == []


@pytest.mark.parametrize(
    "panel, validity",
    [
        ({}, {}),
        ({"tea": "positive"}, {}),
        ({"fentanyl": "maybe"}, {}),
        ({"fentanyl": "negative"}, {"ph": "sour"}),
        ({"fentanyl": "negative"}, {"smell": 1}),
    ],
)
def test_results_that_make_no_sense_are_refused(clinic, counselor, ordered, panel, validity):
    with pytest.raises(Refused):
        actions.record_drug_screen_result.run(counselor, screen=ordered, panel=panel, validity=validity)
    with clinic.seen_by("counselor"):
        assert queries.drug_screen(ordered.pk).resulted_at is None


def test_a_result_is_recorded_once_and_corrected_in_sight(clinic, counselor, ordered):
    screen = record(counselor, ordered, fentanyl="positive")
    with pytest.raises(NotOpen):
        record(counselor, ordered)
    right = actions.correct_drug_screen_result.run(
        counselor, screen=screen, panel={"fentanyl": "negative"}, why="Wrong sheet"
    )
    assert right.state == "as-expected" and right.earlier[0]["panel"] == {"fentanyl": "positive"}
    with clinic.seen_by("counselor"):
        assert Task.objects.get(key=f"screen-talk:{screen.pk}").done_at


def test_no_specimen_is_not_a_positive(clinic, counselor, ordered):
    closed = actions.close_drug_screen.run(counselor, screen=ordered, why="declined")
    assert closed.state == "not-collected" and closed.panel == {}
    with pytest.raises(NotOpen):
        record(counselor, ordered)
    with clinic.seen_by("counselor"):
        assert not Task.objects.filter(key__startswith="screen-talk").exists()


def test_a_positive_names_the_medicine_that_can_cause_it(clinic, counselor, wren, ordered):
    taken = actions.list_medication.run(clinic.actor("prescriber"), client=wren, drug="quetiapine")
    screen = record(counselor, ordered, methadone="positive", opiates="negative")
    first, blind = queries.cautions(screen, [taken])
    assert "This client takes quetiapine" in first and "fentanyl" in blind
    assert queries.cautions(screen, [])[0].endswith("can look like methadone.")


def test_a_definitive_result_needs_no_caution(counselor, wren):
    screen = record(
        counselor, actions.order_drug_screen.run(counselor, client=wren, method="definitive"), methadone="positive"
    )
    assert queries.cautions(screen, []) == []


def test_a_screen_is_not_ordered_for_yesterday(counselor, wren):
    with pytest.raises(Refused):
        actions.order_drug_screen.run(counselor, client=wren, collect_on=clock.today() - timedelta(days=1))


@pytest.mark.parametrize("role", ["biller", "administrator", "intake-coordinator", "case-manager", "program-director"])
def test_other_roles_record_no_screen(clinic, wren, ordered, role):
    with pytest.raises(NotAllowed):
        actions.order_drug_screen.run(clinic.actor(role), client=wren)
    with pytest.raises(NotAllowed):
        record(clinic.actor(role), ordered)


@pytest.mark.parametrize("role", ["biller", "administrator", "intake-coordinator", "case-manager"])
def test_other_roles_see_no_screen(clinic, wren, ordered, role):
    with clinic.seen_by(role, "operations") as access:
        assert not queries.drug_screens(wren).exists()
        assert "drug-screen" in access.withheld


def test_a_prescribed_medicine_that_shows_is_expected_and_its_absence_is_a_question(clinic, counselor, wren, ordered):
    film = actions.list_medication.run(clinic.actor("prescriber"), client=wren, drug="buprenorphine-sl")
    screen = record(counselor, ordered, buprenorphine="positive", fentanyl="negative")
    assert (screen.state, screen.expected, screen.unexpected) == ("as-expected", ["buprenorphine"], [])
    absent = record(counselor, actions.order_drug_screen.run(counselor, client=wren), buprenorphine="negative")
    assert queries.not_seen_though_taken(absent, [film]) == ["buprenorphine"] and absent.state == "as-expected"
