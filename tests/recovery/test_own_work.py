"""The craving card, the prevention plan, lessons, and events that never reset anything."""

from datetime import timedelta

import pytest

from middleground.kernel import clock, gate
from middleground.kernel.errors import NotAllowed, Refused, Stale
from middleground.records.models import Task
from middleground.recovery import actions, queries
from middleground.recovery.models import (
    CheckIn,
    CopingStep,
    Milestone,
    PreventionPlan,
    SupportPerson,
    Trigger,
    UseEpisode,
)
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def wrens(clinic, wren):
    return builders.client_user(clinic, wren)


def test_the_card_is_made_of_the_clients_own_words(clinic, wren, wrens):
    me = wrens.actor()
    actions.set_triggers.run(
        me, client=wren, triggers=[{"what": "payday", "likelihood": 80}, {"what": "The blue bar", "place": "external"}]
    )
    actions.set_coping_steps.run(me, client=wren, steps=["walk", "Call Ana"])
    actions.set_support_people.run(
        me, client=wren, people=[{"name": "Ana", "phone": "555-0101"}, {"name": "Ben", "ok_to_call": False}]
    )
    with clinic.seen_by("counselor"):
        card = queries.craving_card(wren)
    assert card.triggers == ["Payday or cash in hand", "The blue bar"]
    assert card.steps == ["Walk or move", "Call Ana"]
    assert [person.name for person in card.people] == ["Ana"]
    assert card.ten_minutes["steps"][0]["minute"] == 0


def test_a_list_written_anew_retires_the_old_rows_and_keeps_them(clinic, wren, wrens):
    me = wrens.actor()
    actions.set_triggers.run(me, client=wren, triggers=[{"what": "payday"}, {"what": "lonely"}])
    actions.set_triggers.run(me, client=wren, triggers=[{"what": "lonely"}])
    with clinic.seen_by("counselor"):
        assert [t.what for t in queries.triggers(wren)] == ["lonely"]
        assert Trigger.objects.count() == 2
        assert Trigger.objects.get(what="lonely").place == "internal"


def test_a_list_saved_unchanged_writes_nothing_new(clinic, wren, wrens):
    for _ in range(2):
        actions.set_triggers.run(wrens.actor(), client=wren, triggers=[{"what": "payday"}])
        actions.set_coping_steps.run(wrens.actor(), client=wren, steps=["walk"])
        actions.set_support_people.run(wrens.actor(), client=wren, people=[{"name": "Ana", "phone": "1"}])
    with clinic.seen_by("counselor"):
        assert (Trigger.objects.count(), CopingStep.objects.count(), SupportPerson.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    ("act", "given"),
    [
        (actions.set_triggers, {"triggers": [{"what": ""}]}),
        (actions.set_triggers, {"triggers": [{"what": "payday"}, {"what": "payday", "likelihood": 1}]}),
        (actions.set_triggers, {"triggers": [{"what": "x", "likelihood": 101}]}),
        (actions.set_coping_steps, {"steps": ["x" * 161]}),
        (actions.set_support_people, {"people": [{"name": " "}]}),
    ],
)
def test_what_cannot_be_used_is_refused_beside_its_field(wren, wrens, act, given):
    with pytest.raises(Refused) as no:
        act.run(wrens.actor(), client=wren, **given)
    assert no.value.field in given


def test_each_writing_of_the_plan_stays(clinic, wren, wrens):
    first = actions.write_prevention_plan.run(wrens.actor(), client=wren, early_signs="I skip meals\n\nI stop calling")
    second = actions.write_prevention_plan.run(
        clinic.actor("counselor"), client=wren, early_signs="I skip meals", reasons="My son", seen_plan=first.pk
    )
    with clinic.seen_by("counselor"):
        assert queries.prevention_plan(wren).pk == second.pk
        assert PreventionPlan.objects.count() == 2
    assert (first.early_signs, second.version) == (["I skip meals", "I stop calling"], 2)
    with pytest.raises(Stale):
        actions.write_prevention_plan.run(wrens.actor(), client=wren, early_signs="x", seen_plan=first.pk)


def test_a_lesson_is_opened_and_finished_without_failing(clinic, wren, wrens):
    actions.open_lesson.run(wrens.actor(), client=wren, lesson="cravings")
    done = actions.finish_lesson.run(wrens.actor(), client=wren, lesson="cravings", answers={})
    assert done.finished_at and done.right == 0 and done.asked > 0
    with pytest.raises(Refused):
        actions.finish_lesson.run(wrens.actor(), client=wren, lesson="family-talking")


def test_a_return_to_use_removes_nothing_and_asks_for_the_next_right_step(clinic, wren, wrens):
    me = wrens.actor()
    actions.check_in.run(me, client=wren, craving=4)
    actions.record_milestone.run(me, client=wren, words_said="Thirty evenings at home")
    actions.set_coping_steps.run(me, client=wren, steps=["walk"])
    with clinic.seen_by("counselor"):
        before = (CheckIn.objects.count(), Milestone.objects.count(), CopingStep.objects.count())
    use = actions.record_return_to_use.run(
        me, client=wren, on=clock.today(), substance="alcohol", learned="I called Ana"
    )
    with clinic.seen_by("counselor"):
        assert (CheckIn.objects.count(), Milestone.objects.count(), CopingStep.objects.count()) == before
        keys = set(Task.objects.filter(client=wren).values_list("key", "owner_id"))
    assert keys == {
        (f"plan-review:use:{use.pk}", clinic.people["counselor"].pk),
        (f"naloxone:use:{use.pk}", clinic.people["prescriber"].pk),
    }
    assert len(queries.next_right_steps()) == 4


def test_an_overdose_is_followed_up_within_a_day(clinic, wren, wrens):
    actions.record_return_to_use.run(wrens.actor(), client=wren, on=clock.today(), overdose=True)
    with clinic.seen_by("counselor"):
        review = Task.objects.get(key__startswith="plan-review")
    assert review.due_at - review.made_at == timedelta(hours=24)


def test_a_use_still_to_come_is_refused(wren, wrens):
    with pytest.raises(Refused) as no:
        actions.record_return_to_use.run(wrens.actor(), client=wren, on=clock.today() + timedelta(days=1))
    assert no.value.field == "on"


@pytest.mark.parametrize("role", ["biller", "intake-coordinator", "case-manager", "administrator"])
def test_these_roles_may_not_record_a_return_to_use(clinic, wren, role):
    with pytest.raises(NotAllowed):
        actions.record_return_to_use.run(clinic.actor(role), client=wren, on=clock.today())


@pytest.mark.parametrize("role", ["biller", "administrator", "intake-coordinator"])
def test_these_roles_see_neither_events_nor_the_card(clinic, wren, wrens, role):
    actions.record_return_to_use.run(wrens.actor(), client=wren, on=clock.today())
    actions.set_triggers.run(wrens.actor(), client=wren, triggers=[{"what": "payday"}])
    actions.write_prevention_plan.run(wrens.actor(), client=wren, early_signs="x")
    with clinic.seen_by(role):
        assert not UseEpisode.objects.exists()
        assert not Trigger.objects.exists()
        assert not PreventionPlan.objects.exists()


def test_the_clients_wish_for_a_copy_reaches_compliance(clinic, wren, wrens):
    actions.ask_for_record_copy.run(wrens.actor(), client=wren)
    with clinic.seen_by("compliance-officer"):
        task = Task.objects.get(key=f"record-copy:{wren.pk}")
    assert task.owner_role == "compliance-officer" and task.due_at - task.made_at == timedelta(days=30)


def test_a_client_sees_only_their_own_work(clinic, wren, wrens):
    sols = builders.client_user(clinic, builders.a_client(clinic, "Sol", "Reyes"))
    actions.set_triggers.run(wrens.actor(), client=wren, triggers=[{"what": "payday"}])
    actions.finish_lesson.run(wrens.actor(), client=wren, lesson="cravings")
    with gate.access(sols.actor(), "own-request", "test"):
        assert not queries.triggers(wren).exists() and queries.lesson_progress(wren) == {}
