"""Needs, referrals whose loop is closed, steps, the directory."""

from datetime import timedelta

import pytest

from middleground.kernel import clock, gate
from middleground.kernel.errors import NotAllowed, Refused, Stale
from middleground.records import actions as records
from middleground.records.models import Disclosure, Task
from middleground.supports import actions, queries
from middleground.supports.actions import AlreadyClosed, ConsentMissing
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def manager(clinic):
    return clinic.actor("case-manager")


@pytest.fixture
def work(manager, wren):
    return actions.identify_need.run(manager, client=wren, area="employment", client_words="I want to weld again.")


@pytest.fixture
def sent(manager, work):
    return actions.refer.run(manager, need=work, organization="Second Chance Jobs", contact="Lee, 555-0142")


def release(clinic, client, recipient="Second Chance Jobs", kinds=("supports",), **more):
    return records.sign_consent.run(
        clinic.actor("case-manager"),
        client=client,
        form="specific-release",
        form_version="1",
        text="As read.",
        from_party="Middleground Demo",
        recipient=recipient,
        recipient_kind="other",
        purposes=["own-request"],
        kinds=list(kinds),
        signed_name="Wren Alder",
        ends_on=clock.today() + timedelta(days=90),
        **more,
    )


def open_task(clinic, referral):
    with clinic.seen_by("case-manager"):
        return Task.objects.filter(key=f"support-referral:{referral.pk}", done_at=None).first()


def test_a_referral_asks_how_it_went_until_somebody_knows(clinic, manager, sent):
    task = open_task(clinic, sent)
    assert sent.next_check_on == clock.today() + timedelta(days=3) and task.owner == clinic.people["case-manager"]
    assert "Jobs" not in task.what
    accepted = actions.update_referral.run(manager, referral=sent, status="accepted")
    assert accepted.next_check_on == clock.today() + timedelta(days=7)
    assert open_task(clinic, sent).pk != task.pk
    went = actions.update_referral.run(manager, referral=accepted, status="attended", note="Liked the foreman")
    closed = actions.close_referral.run(manager, referral=went, outcome="need-met", note="Starts Monday", need_met=True)
    assert (closed.is_open, closed.outcome, [h["status"] for h in closed.history]) == (
        False,
        "need-met",
        ["sent", "accepted", "attended", "closed"],
    )
    assert open_task(clinic, sent) is None
    with clinic.seen_by("case-manager"):
        assert not queries.open_referrals().exists() and not queries.unmet_needs().exists()


def test_an_urgent_need_is_asked_about_tomorrow(manager, wren):
    need = actions.identify_need.run(
        manager, client=wren, area="housing", client_words="No bed tonight.", priority="1-urgent"
    )
    assert actions.refer.run(
        manager, need=need, organization="Night shelter"
    ).next_check_on == clock.today() + timedelta(days=1)


def test_a_note_alone_moves_the_day_and_keeps_the_loop_open(clinic, manager, sent):
    later = actions.update_referral.run(
        manager, referral=sent, note="Line was busy", next_check_on=clock.today() + timedelta(days=5)
    )
    assert later.status == "sent" and later.next_check_on == clock.today() + timedelta(days=5)
    assert open_task(clinic, sent)


def test_not_a_fit_needs_a_reason_and_asks_for_the_next_choice(clinic, manager, work, sent):
    with pytest.raises(Refused) as no:
        actions.update_referral.run(manager, referral=sent, status="not-a-fit")
    assert no.value.field == "note"
    ended = actions.update_referral.run(manager, referral=sent, status="not-a-fit", note="No openings until spring")
    assert not ended.is_open and ended.reason
    with clinic.seen_by("case-manager"):
        assert Task.objects.get(key=f"support-need:{work.pk}", done_at=None)
    actions.refer.run(manager, need=work, organization="Harbor Works")
    with clinic.seen_by("case-manager"):
        assert Task.objects.get(key=f"support-need:{work.pk}").done_at


def test_a_referral_does_not_go_backwards_or_move_after_its_end(manager, sent):
    went = actions.update_referral.run(
        manager, referral=actions.update_referral.run(manager, referral=sent, status="accepted"), status="attended"
    )
    with pytest.raises(Refused):
        actions.update_referral.run(manager, referral=went, status="accepted")
    closed = actions.close_referral.run(manager, referral=went, outcome="changed-mind")
    for again in (
        lambda: actions.update_referral.run(manager, referral=closed, note="x"),
        lambda: actions.close_referral.run(manager, referral=closed, outcome="need-met"),
    ):
        with pytest.raises(AlreadyClosed):
            again()


def test_only_an_outcome_closes_and_a_waiting_list_is_none(manager, sent):
    for outcome in ("", "on-waiting-list", "fine"):
        with pytest.raises(Refused):
            actions.close_referral.run(manager, referral=sent, outcome=outcome)


def test_an_older_page_is_stale(manager, sent):
    actions.update_referral.run(manager, referral=sent, note="Called", seen_version=1)
    with pytest.raises(Stale):
        actions.close_referral.run(manager, referral=sent, outcome="need-met", seen_version=1)


def test_telling_the_other_place_is_written_down_under_the_consent(clinic, manager, wren, work):
    consent = release(clinic, wren)
    told = actions.refer.run(manager, need=work, organization="second chance jobs", consent=consent)
    with clinic.seen_by("compliance-officer", "audit"):
        disclosed = Disclosure.objects.get(client=wren)
    assert told.consent == consent and disclosed.kinds == ["supports"] and disclosed.notice


def test_a_client_who_takes_it_themself_discloses_nothing(clinic, sent):
    assert sent.consent is None
    with clinic.seen_by("compliance-officer", "audit"):
        assert not Disclosure.objects.exists()


@pytest.mark.parametrize("case", ["revoked", "another place", "other kinds", "another client"])
def test_a_consent_that_does_not_cover_it_sends_nothing(clinic, manager, wren, work, case):
    who = builders.a_client(clinic, "Robin", "Birch") if case == "another client" else wren
    consent = release(
        clinic,
        who,
        recipient="Other place" if case == "another place" else "Second Chance Jobs",
        kinds=("attendance",) if case == "other kinds" else ("supports",),
    )
    if case == "revoked":
        records.revoke_consent.run(manager, consent=consent)
    with pytest.raises(Refused):
        actions.refer.run(manager, need=work, organization="Second Chance Jobs", consent=consent)
    with clinic.seen_by("case-manager"):
        assert not queries.referrals(wren).exists()
    if case in ("revoked", "another place"):
        with pytest.raises(ConsentMissing):
            actions.refer.run(manager, need=work, organization="Second Chance Jobs", consent=consent)


def test_steps_are_noted_for_the_right_person_and_day(clinic, manager, wren, work):
    actions.take_step.run(manager, client=wren, need=work, what="Wrote a resume", minutes=40)
    with pytest.raises(Refused):
        actions.take_step.run(manager, client=wren, what="x", done_on=clock.today() + timedelta(days=1))
    with pytest.raises(Refused):
        actions.take_step.run(manager, client=builders.a_client(clinic, "Robin", "Birch"), need=work, what="x")
    with clinic.seen_by("counselor"):
        assert queries.steps(wren).get().what == "Wrote a resume"


def test_a_met_need_takes_no_referral(clinic, manager, wren, work):
    actions.meet_need.run(manager, need=work, note="A friend hired them")
    for again in (
        lambda: actions.meet_need.run(manager, need=work),
        lambda: actions.refer.run(manager, need=work, organization="X"),
    ):
        with pytest.raises(AlreadyClosed):
            again()
    with clinic.seen_by("case-manager"):
        assert [n.is_met for n in queries.needs(wren)] == [True]


def test_the_directory_is_searched_and_kept_current(clinic, manager):
    place = actions.add_resource.run(
        manager, name="Harbor Works", area="employment", eligibility="Adults with a record", languages=["en", "es"]
    )
    actions.add_resource.run(clinic.actor("program-director"), name="Night Shelter", area="housing", languages=["en"])
    with pytest.raises(Refused):
        actions.add_resource.run(manager, name="harbor works", area="employment")
    assert queries.resources(area="employment", search="record", language="es") == [place]
    assert len(queries.resources()) == 2 and queries.resources(language="ar") == []
    actions.update_resource.run(manager, resource=place, is_current=False)
    assert [each.name for each in queries.resources()] == ["Night Shelter"]


def test_a_place_from_the_directory_gives_its_name_and_phone(manager, work):
    place = actions.add_resource.run(manager, name="Harbor Works", area="employment", phone="555-0171")
    made = actions.refer.run(manager, need=work, resource=place)
    assert (made.organization, made.contact) == ("Harbor Works", "555-0171")
    with pytest.raises(Refused):
        actions.refer.run(manager, need=work)


@pytest.mark.parametrize("role", ["biller", "administrator", "intake-coordinator", "prescriber", "program-director"])
def test_other_roles_can_not(clinic, wren, work, sent, role):
    actor = clinic.actor(role)
    for attempt in (
        lambda: actions.identify_need.run(actor, client=wren, area="food", client_words="x"),
        lambda: actions.refer.run(actor, need=work, organization="X"),
        lambda: actions.close_referral.run(actor, referral=sent, outcome="need-met"),
    ):
        with pytest.raises(NotAllowed):
            attempt()


@pytest.mark.parametrize("role", ["biller", "administrator", "intake-coordinator", "prescriber"])
def test_other_roles_see_nothing(clinic, wren, sent, role):
    with clinic.seen_by(role, "operations") as access:
        assert not queries.needs(wren).exists() and not queries.open_referrals().exists()
        assert "supports" in access.withheld


def test_a_case_manager_without_a_relation_sees_and_changes_nothing(clinic, wren, sent):
    stranger = builders.a_second(clinic, "case-manager", "stranger").actor()
    with gate.access(stranger, "treatment", "test"):
        assert not queries.open_referrals().exists()
    with pytest.raises(NotAllowed):
        actions.close_referral.run(stranger, referral=sent, outcome="need-met")
