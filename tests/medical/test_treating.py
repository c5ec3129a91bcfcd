"""Conditions, pain plans, withdrawal checks, naloxone."""

from datetime import timedelta

import pytest

from middleground.assessment import queries as assessment
from middleground.engines import scoring
from middleground.kernel import clock
from middleground.kernel.errors import NotAllowed, Refused, Stale
from middleground.medical import actions, queries
from middleground.records.models import Task

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

CALM = {
    "heart_rate": 76,
    "systolic": 124,
    "diastolic": 80,
    "resp_rate": 14,
    "spo2": 98,
    "temp_c": 36.9,
    "consciousness": "alert",
}
PLAN = {"site": "Lower back", "goal": "Walk the dog to the river", "plan": "Physical therapy twice a week, heat."}


@pytest.fixture
def scriber(clinic):
    return clinic.actor("prescriber")


def answers(scale, points):
    """Answers to a scale that add up to about `points`."""
    given = []
    for item in scoring.instrument(scale).items:
        best = max((v for v in scoring.instrument(scale).values(item) if v <= points), default=0)
        given.append(best)
        points -= best
    return given


def test_a_condition_is_recorded_and_resolved(clinic, scriber, wren):
    row = actions.record_condition.run(scriber, client=wren, name="Asthma", sort="biomedical", since="childhood")
    actions.resolve_condition.run(scriber, condition=row, note="Entered for the wrong person")
    with pytest.raises(Refused):
        actions.resolve_condition.run(scriber, condition=row)
    with clinic.seen_by("case-manager"):
        assert queries.conditions(wren).get().status == "resolved"


def test_a_pain_plan_carries_its_score_and_a_day_to_look_again(clinic, scriber, wren):
    plan = actions.write_pain_plan.run(
        scriber, client=wren, **PLAN, tried={"movement": "helped-some", "nsaid": ""}, peg=[6, 7, 5]
    )
    assert plan.peg.total == 6.0 and plan.tried == {"movement": "helped-some"}
    assert plan.review_on == clock.today() + timedelta(days=28)
    better = actions.write_pain_plan.run(scriber, client=wren, **PLAN, peg=[3, 3, 2], replaces=plan)
    with clinic.seen_by("counselor"):
        assert queries.pain_plan(wren) == better
        assert [total for _, total, _ in assessment.scores_over_time(wren, "peg")] == [6.0, 2.7]


def test_two_people_do_not_overwrite_each_others_pain_plan(scriber, wren):
    plan = actions.write_pain_plan.run(scriber, client=wren, **PLAN)
    actions.write_pain_plan.run(scriber, client=wren, **PLAN, replaces=plan)
    for older in (plan, None):
        with pytest.raises((Stale, NotAllowed)):
            actions.write_pain_plan.run(scriber, client=wren, **PLAN, replaces=older)


def test_a_medicine_for_opioid_use_goes_on_in_a_pain_plan(scriber, wren):
    actions.list_medication.run(scriber, client=wren, drug="methadone", prescriber_name="River OTP")
    with pytest.raises(Refused) as no:
        actions.write_pain_plan.run(scriber, client=wren, **PLAN)
    assert no.value.field == "recovery_medicine"
    assert actions.write_pain_plan.run(scriber, client=wren, **PLAN, recovery_medicine="OTP splits the dose.").pk


@pytest.mark.parametrize(
    "wrong", [{"tried": {"magic": "helped"}}, {"tried": {"nsaid": "wow"}}, {"peg": [11, 0, 0]}, {"peg": [1]}]
)
def test_what_was_tried_and_the_score_come_from_the_files(clinic, scriber, wren, wrong):
    with pytest.raises(Refused):
        actions.write_pain_plan.run(scriber, client=wren, **PLAN, **wrong)
    with clinic.seen_by("prescriber"):
        assert queries.pain_plan(wren) is None


def test_a_calm_check_sets_the_next_one_and_raises_nothing(clinic, scriber, wren):
    check = actions.record_withdrawal_check.run(
        scriber, client=wren, scale="ciwa-ar", answers=answers("ciwa-ar", 6), vitals=CALM
    )
    assert (check.score, check.concern) == (6, "") and check.next_due_at > clock.now() + timedelta(hours=23)
    with clinic.seen_by("prescriber"):
        assert queries.due_withdrawal_checks().get() == check
    actions.record_withdrawal_check.run(
        scriber, client=wren, scale="ciwa-ar", answers=answers("ciwa-ar", 2), vitals=CALM, last_one=True
    )
    with clinic.seen_by("prescriber"):
        assert not queries.due_withdrawal_checks().exists()
        assert len(queries.withdrawal_checks(wren)) == 2


@pytest.mark.parametrize(
    "scale, points, vitals, concern",
    [
        ("ciwa-ar", 21, CALM, "INPATIENT_WM"),
        ("cows", 8, {**CALM, "heart_rate": 130}, "EMERGENCY"),
        ("cows", 8, {**CALM, "heart_rate": 104}, "MEDICAL_REVIEW"),
        ("cows", 8, {}, ""),
    ],
)
def test_danger_signs_make_a_task_for_today(clinic, scriber, wren, scale, points, vitals, concern):
    check = actions.record_withdrawal_check.run(
        scriber, client=wren, scale=scale, answers=answers(scale, points), vitals=vitals
    )
    assert check.concern == concern
    with clinic.seen_by("prescriber"):
        assert Task.objects.filter(key=f"withdrawal-danger:{wren.pk}").exists() is bool(concern)


def test_monitoring_does_not_end_on_danger_signs_and_refuses_nonsense(scriber, wren):
    given = {"client": wren, "scale": "ciwa-ar", "answers": answers("ciwa-ar", 6)}
    for wrong in (
        {"vitals": {"heart_rate": 130}, "last_one": True},
        {"vitals": {"heart_rate": "fast"}},
        {"answers": [1]},
        {"next_due_at": clock.now() - timedelta(hours=1)},
    ):
        with pytest.raises(Refused):
            actions.record_withdrawal_check.run(scriber, **{**given, **wrong})


def test_naloxone_holds_for_a_year_or_until_it_expires(clinic, scriber, wren):
    with clinic.seen_by("prescriber"):
        assert queries.naloxone_state([]).offer
        assert [episode.client for episode in queries.without_naloxone()] == [wren]
    actions.give_naloxone.run(clinic.actor("counselor"), client=wren, expires_on=clock.today() + timedelta(days=90))
    for days, offer in ((0, False), (89, False), (91, True), (370, True)):
        with clock.at(clock.now() + timedelta(days=days)), clinic.seen_by("prescriber"):
            assert queries.naloxone_state(queries.glance(wren)["naloxone"]).offer is offer
            assert queries.without_naloxone().exists() is offer


def test_declined_is_kept_and_offered_again(clinic, scriber, wren):
    actions.decline_naloxone.run(scriber, client=wren, note="Has one at home, will bring the box")
    with clinic.seen_by("prescriber"):
        state = queries.naloxone_state(queries.glance(wren)["naloxone"])
        assert state.offer and state.declined
        assert not queries.without_naloxone().exists()


def test_known_exposure_comes_first_on_the_naloxone_list(clinic, scriber, wren):
    from tests import builders

    first = builders.a_client(clinic, "Ash", "Aaron")
    actions.list_medication.run(scriber, client=wren, drug="buprenorphine-sl")
    with clinic.seen_by("prescriber"):
        rows = list(queries.without_naloxone())
    assert [(row.client, row.by_medicine, row.by_screen) for row in rows] == [
        (wren, True, False),
        (first, False, False),
    ]
    screen = actions.order_drug_screen.run(scriber, client=first)
    actions.record_drug_screen_result.run(scriber, screen=screen, panel={"cocaine": "positive"})
    with clinic.seen_by("prescriber"):
        assert queries.without_naloxone()[1].by_screen


@pytest.mark.parametrize("expires, mark", [(-1, "given"), (None, "declined"), (None, "lost")])
def test_an_expired_kit_or_another_mark_is_refused(scriber, wren, expires, mark):
    day = clock.today() + timedelta(days=expires) if expires else None
    with pytest.raises(Refused):
        actions.give_naloxone.run(scriber, client=wren, mark=mark, expires_on=day)


@pytest.mark.parametrize("role", ["biller", "administrator", "intake-coordinator", "case-manager"])
def test_other_roles_can_not(clinic, wren, role):
    actor = clinic.actor(role)
    for attempt in (
        lambda: actions.give_naloxone.run(actor, client=wren),
        lambda: actions.write_pain_plan.run(actor, client=wren, **PLAN),
        lambda: actions.record_condition.run(actor, client=wren, name="X", sort="pain"),
        lambda: actions.record_withdrawal_check.run(actor, client=wren, scale="cows", answers=[0] * 11),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_the_chart_reads_allergies_conditions_naloxone_and_checks_at_once(
    clinic, scriber, wren, django_assert_num_queries
):
    actions.record_allergy.run(scriber, client=wren, what="Latex")
    actions.withdraw_allergy.run(
        scriber, allergy=actions.record_allergy.run(scriber, client=wren, what="Dust"), why="No"
    )
    actions.record_condition.run(scriber, client=wren, name="Asthma", sort="biomedical")
    actions.give_naloxone.run(scriber, client=wren, expires_on=clock.today() + timedelta(days=300))
    actions.record_withdrawal_check.run(scriber, client=wren, scale="cows", answers=answers("cows", 8), vitals=CALM)
    with clinic.seen_by("prescriber"), django_assert_num_queries(1):
        seen = queries.glance(wren)
    assert [row["what"] for row in seen["allergies"]] == ["Latex"]
    assert seen["conditions"][0]["name"] == "Asthma" and seen["naloxone"][0]["expires_on"] == clock.today() + timedelta(
        days=300
    )
    assert seen["checks"][0]["vitals"] == CALM and abs(seen["checks"][0]["at"] - clock.now()) < timedelta(minutes=5)


@pytest.mark.parametrize("role", ["biller", "administrator", "intake-coordinator"])
def test_the_chart_glance_shows_other_roles_nothing(clinic, scriber, wren, role):
    actions.record_allergy.run(scriber, client=wren, what="Latex")
    with clinic.seen_by(role, "operations"):
        assert not any(queries.glance(wren).values())
