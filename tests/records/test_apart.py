"""Who is kept apart: nothing books them together, whoever asks; nobody learns of it who need not."""

from datetime import timedelta

import pytest

from middleground.kernel import clock, gate, trail
from middleground.kernel.context import everything
from middleground.kernel.errors import NotAllowed, Refused
from middleground.kernel.models import AuditEntry
from middleground.program import actions as program
from middleground.program.apart import together
from middleground.program.asking import Taken
from middleground.program.models import Session
from middleground.records import actions, apart
from middleground.records.models import KeptApart
from middleground.timetable import actions as timetable
from middleground.timetable import makeup, queries
from middleground.timetable.booking import SeatJustTaken
from middleground.timetable.instance import clinic_week
from tests import builders
from tests.timetable.weeks import EVENINGS, a_group, a_track, an_evening, book, free, monday_to_come

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture(autouse=True)
def early_in_the_week():
    with monday_to_come() as now:
        yield now


@pytest.fixture
def robin(clinic):
    return builders.a_client(clinic, "Robin", "Birch")


@pytest.fixture
def sage(clinic):
    return builders.a_client(clinic, "Sage", "Cedar")


def keep(clinic, client, role="program-director", **whom):
    return actions.keep_apart.run(clinic.actor(role), client=client, **whom)


def first(group):
    with everything("test"):
        return Session.objects.filter(group=group).order_by("start").first()


def join(clinic, client, group):
    return program.join_group.run(clinic.actor("program-director"), client=client, group=group)


def test_neither_joins_the_others_group_in_the_words_for_a_full_one(clinic, wren, robin, sage):
    group = an_evening(clinic)[0]
    join(clinic, robin, group)
    keep(clinic, wren, other=robin)
    with pytest.raises(Taken, match=r"^Recovery on .* has no free seat\.$"):
        join(clinic, wren, group)
    with pytest.raises(Taken, match="has no free seat"):
        program.add_walk_in.run(clinic.actor("program-director"), session=first(group), client=wren)
    join(clinic, sage, group)


def test_it_holds_from_the_other_side_too_and_ends_for_both(clinic, wren, robin):
    group = an_evening(clinic)[0]
    join(clinic, robin, group)
    kept = keep(clinic, robin, other=wren)
    with pytest.raises(Taken):
        join(clinic, wren, group)
    actions.no_longer_apart.run(clinic.actor("program-director"), apart=kept)
    join(clinic, wren, group)
    with everything("test"):
        assert set(KeptApart.objects.values_list("until", flat=True)) == {clock.today()}
    told = [set(e.clients) for e in AuditEntry.objects.all() if e.facts.get("action") == actions.no_longer_apart.id]
    assert told == [{robin.pk, wren.pk}]


def test_a_week_with_such_a_group_is_not_offered_and_not_booked(clinic, wren, robin):
    groups = an_evening(clinic)
    free(clinic, wren, *EVENINGS)
    with clinic.seen_by("counselor"):
        assert queries.offers(wren).weeks[0].minutes == 540
    book(clinic, robin, [groups[1]])
    keep(clinic, wren, other=robin)
    with clinic.seen_by("counselor"):
        found = queries.offers(wren)
    assert [g.name for g in found.weeks[0].groups] == ["Recovery", "Process"]
    assert not any("Robin" in text or "apart" in text for text in (*found.obstacles, found.advice))
    with pytest.raises(SeatJustTaken, match="The last seat in Skills"):
        book(clinic, wren, groups)


def test_no_staff_member_comes_to_lead_the_group_of_somebody_kept_from_them(clinic, wren):
    group = an_evening(clinic)[0]
    join(clinic, wren, group)
    director = clinic.people["program-director"]
    keep(clinic, wren, staff=director)
    with pytest.raises(Taken, match="Program-Director Person is taken on"):
        program.cover_session.run(clinic.actor("program-director"), session=first(group), leader=director)
    with pytest.raises(Taken, match="is taken on"):
        timetable.move_group.run(
            clinic.actor("program-director"),
            group=group,
            weekday=0,
            start_time=group.start_time,
            leader=director,
            room=group.room,
            since=clock.today() + timedelta(days=7),
        )
    with pytest.raises(Taken, match="is taken on"):
        program.schedule_session.run(
            clinic.actor("program-director"),
            client=wren,
            sort="individual",
            leader=director,
            start=first(group).start + timedelta(hours=20),
        )


def test_who_is_together_already_keeps_the_seat_and_the_group_can_still_move(clinic, wren, robin):
    group = an_evening(clinic)[0]
    join(clinic, wren, group)
    join(clinic, robin, group)
    keep(clinic, wren, other=robin)
    for one in (wren, robin):
        assert [s.title for s in together(one.pk, apart.pairs([one.pk]))] == ["Recovery"] * 3
    session = first(group)
    moved = program.move_session.run(
        clinic.actor("program-director"), session=session, start=session.start - timedelta(hours=1)
    )
    assert moved.start == session.start - timedelta(hours=1)
    week = clinic_week(clock.today())
    assert week.data["apart"] == []
    assert week.current["groups"][0]["members"] == [f"c{pk}" for pk in sorted((wren.pk, robin.pk))]


def test_more_weeks_of_a_group_seat_everybody_who_is_in_it(clinic, wren, robin):
    group = an_evening(clinic)[0]
    for each in (wren, robin):
        join(clinic, each, group)
    keep(clinic, wren, other=robin)
    program.extend_group.run(clinic.actor("administrator"), group=group, weeks=2)
    assert len(together(wren.pk, apart.pairs([wren.pk]))) == 4, "the five weeks' sessions of the coming 28 days"


def test_two_at_one_site_now_are_still_kept_out_of_one_group(clinic, wren, robin):
    """Their groups follow each other: that stays, and neither joins the other's."""
    track = a_track(clinic)
    early, late = (a_group(clinic, track, title, 0, hour, minutes=60) for title, hour in (("Early", 15), ("Late", 16)))
    join(clinic, wren, early)
    join(clinic, robin, late)
    keep(clinic, wren, other=robin, where="site")
    who = sorted([f"c{wren.pk}", f"c{robin.pk}"])
    assert clinic_week(clock.today()).data["apart"] == [{"who": who, "where": "group"}]
    with pytest.raises(Taken):
        join(clinic, wren, late)


def test_apart_by_site_means_not_there_at_the_same_time_nor_just_after(clinic, wren, robin):
    track = a_track(clinic)
    early = a_group(clinic, track, "Early", 0, 15, minutes=60)
    beside = a_group(
        clinic, track, "Beside", 0, 16, minutes=60, room=clinic.rooms[1], leader=clinic.people["program-director"]
    )
    later = a_group(clinic, track, "Later", 0, 18, minutes=60)
    join(clinic, robin, early)
    keep(clinic, wren, other=robin, where="site")
    with pytest.raises(Taken, match="Beside on .* has no free seat"):
        join(clinic, wren, beside)
    join(clinic, wren, later)
    session = first(early)
    with pytest.raises(Taken):
        program.move_session.run(
            clinic.actor("program-director"), session=session, start=session.start + timedelta(hours=2)
        )
    program.move_session.run(
        clinic.actor("program-director"), session=session, start=session.start + timedelta(minutes=45)
    )


def test_the_clinics_instance_has_the_pair_once(clinic, wren, robin):
    group = an_evening(clinic)[0]
    join(clinic, robin, group)
    join(clinic, wren, an_other(clinic))
    keep(clinic, wren, other=robin)
    keep(clinic, wren, staff=clinic.people["prescriber"], where="site")
    week = clinic_week(clock.today())
    assert week.data["apart"] == [
        {"who": sorted([f"c{wren.pk}", f"c{robin.pk}"]), "where": "group"},
        {"who": [f"c{wren.pk}", f"st{clinic.people['prescriber'].pk}"], "where": "site"},
    ]
    assert not any("apart" in line for line in week.warnings)


def an_other(clinic):
    return a_group(clinic, a_track(clinic, "Day"), "Morning", 1, 9)


def test_only_who_plans_or_treats_reads_it_and_a_name_only_who_may_see_that_person(clinic, wren, robin):
    keep(clinic, wren, other=robin, why="A court order")
    with clinic.seen_by("program-director"):
        assert [(each.name, each.why) for each in apart.of_client(wren)] == [("Robin Birch", "A court order")]
    for role in ("biller", "administrator"):
        with clinic.seen_by(role):
            assert apart.of_client(wren) == []
    stranger = builders.a_second(clinic, "counselor", "second")
    actions.set_team.run(clinic.actor("program-director"), client=wren, primary_counselor=stranger)
    assert seen_by(stranger, wren) == [("", "")]
    assert seen_by(builders.client_user(clinic, wren), wren) is None


def seen_by(user, client):
    """The names and reasons somebody reads; None: no row at all."""
    with gate.access(user.actor(), "treatment", "test"):
        return [(each.name, each.why) for each in apart.of_client(client)] or None


def test_who_may_not_sets_nothing_and_nonsense_is_refused(clinic, wren, robin):
    for role in ("biller", "administrator", "compliance-officer"):
        with pytest.raises(NotAllowed):
            keep(clinic, wren, role, other=robin)
    with pytest.raises(Refused, match="Choose another client, or somebody"):
        keep(clinic, wren)
    with pytest.raises(Refused, match="Choose another person"):
        keep(clinic, wren, other=wren)
    keep(clinic, wren, other=robin)
    with pytest.raises(Refused, match="already"):
        keep(clinic, robin, other=wren)


def test_nothing_of_it_is_told_to_the_client_whose_record_it_is(clinic, wren, robin):
    keep(clinic, wren, other=robin, why="A court order")
    with everything("test"):
        told = [f"{e.verb} {e.words} {e.facts}" for e in trail.about(wren.pk)]
    assert any("Changed how a client is scheduled" in each for each in told)
    assert not any("Robin" in each or "court" in each for each in told)


def test_a_missed_topic_is_not_offered_where_the_other_sits(clinic, wren, robin):
    """The second group teaches it the next day; with Robin in it there is no chance for Wren."""
    track, director = a_track(clinic), clinic.people["program-director"]
    own = a_group(clinic, track, "Coping", 0, 8, component="cbt-skills", minutes=60)
    other = a_group(clinic, track, "Again", 1, 8, component="cbt-skills", minutes=60, leader=director)
    free(clinic, wren, "mon 07:00-21:00", "tue 07:00-21:00")
    join(clinic, wren, own)
    join(clinic, robin, other)
    session = first(own)
    with clock.at(session.end):
        marks = [{"client": wren.pk, "mark": "no-show"}]
        program.record_attendance.run(clinic.actor("counselor"), session=session, marks=marks)
        assert chances(clinic, wren) == ["Again"]
        kept = keep(clinic, wren, other=robin)
        assert chances(clinic, wren) == []
        actions.no_longer_apart.run(clinic.actor("program-director"), apart=kept)
        keep(clinic, wren, staff=director)
        assert chances(clinic, wren) == []


def chances(clinic, client):
    with clinic.seen_by("counselor"):
        found = {chance.session_id for each in makeup.missed(queries.Seen(client)) for chance in each.again}
    with everything("test"):
        return sorted(set(Session.objects.filter(pk__in=found).values_list("title", flat=True)))
