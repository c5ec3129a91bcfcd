"""A repair of the week: applied whole or not at all, told to those it touches, taken back; the slower of two is told why."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from middleground.clinic import actions as clinic_actions
from middleground.clinic.actions import set_language
from middleground.kernel import clock
from middleground.kernel.context import everything, system
from middleground.kernel.errors import NotAllowed, Refused
from middleground.kernel.models import Booking, Cell, Notice
from middleground.program import actions as program
from middleground.program.asking import Taken
from middleground.program.keeping import SiteClosed, StaffAway
from middleground.program.models import Membership, Session
from middleground.program.opening import when
from middleground.records.models import CareTeamMember
from middleground.timetable.actions import WeekMoved, apply_repair, undo_repair
from middleground.timetable.proposed import Proposal
from tests import builders
from tests.timetable.repairs import answer_of, group_row, proposed, seen_week
from tests.timetable.weeks import EVENINGS, a_group, a_track, book, closed_on_sundays, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def evening(clinic, wren):
    """Wren in two evenings of the counselor."""
    track = a_track(clinic)
    groups = [a_group(clinic, track, "Recovery", 0), a_group(clinic, track, "Skills", 2)]
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, groups, since=clock.today())
    return groups


def session(group):
    with everything("test"):
        return Session.objects.filter(group=group).order_by("start").select_related("room").first()


def cells(key, at):
    with everything("test"):
        return Cell.objects.filter(resource=key, at=at).count()


def covered(clinic, group):
    """The proposal that another counselor leads this session."""
    other = builders.a_second(clinic, "counselor", "dana")
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, group)["lead"] = f"st{other.pk}"
    return proposed(clinic, week, answer), other


def apply(clinic, proposal, role="program-director", end="hours"):
    return apply_repair.run(clinic.actor(role), proposal=proposal, end=end)


def test_somebody_else_leads_this_week_only(clinic, wren, evening):
    proposal, other = covered(clinic, evening[0])
    reader = builders.client_user(clinic, wren)
    apply(clinic, proposal, "intake-coordinator")
    first = session(evening[0])
    assert first.leader_id == other.pk
    assert (cells(f"staff:{other.pk}", first.start), cells(f"staff:{evening[0].leader_id}", first.start)) == (1, 0)
    with everything("test"):
        later = Session.objects.filter(group=evening[0], start__gt=first.start).values_list("leader_id", flat=True)
        assert set(later) == {evening[0].leader_id}
        assert CareTeamMember.objects.filter(client=wren, user=other, part="cover").exists()
    words = list(Notice.objects.filter(to=reader).values_list("words", flat=True))
    assert words and all(
        "Someone else leads" in each and "Recovery" not in each and "Wren" not in each for each in words
    )
    assert Notice.objects.filter(to=other).exists()


def test_it_can_be_taken_back(clinic, wren, evening):
    proposal, other = covered(clinic, evening[0])
    apply(clinic, proposal)
    back = undo_repair.run(clinic.actor("program-director"), proposal=proposal)
    first = session(evening[0])
    assert (first.leader_id, back.status) == (evening[0].leader_id, Proposal.Status.UNDONE)
    assert (cells(f"staff:{other.pk}", first.start), cells(f"staff:{first.leader_id}", first.start)) == (0, 1)
    assert cells(f"client:{wren.pk}", first.start) == 1
    with pytest.raises(Refused):
        undo_repair.run(clinic.actor("program-director"), proposal=proposal)


def test_a_session_called_off_gives_back_its_seats_and_comes_back(clinic, wren, evening):
    week = seen_week(clinic)
    answer = answer_of(week)
    answer["groups"].remove(group_row(answer, evening[0]))
    proposal = proposed(clinic, week, answer)
    apply(clinic, proposal)
    first = session(evening[0])
    assert (first.status, first.status_reason) == (Session.Status.NOT_HELD, "staff-ill")
    assert cells(f"client:{wren.pk}", first.start) == cells(f"room:{first.room_id}", first.start) == 0
    undo_repair.run(clinic.actor("program-director"), proposal=proposal)
    assert session(evening[0]).status == Session.Status.SCHEDULED
    assert cells(f"client:{wren.pk}", first.start) == cells(f"room:{first.room_id}", first.start) == 1


def test_a_session_moves_with_its_people(clinic, wren, evening):
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, evening[0])["start"] = "mon 17:00"
    before = session(evening[0]).start
    apply(clinic, proposed(clinic, week, answer))
    after = session(evening[0])
    assert after.start == before - timedelta(hours=1)
    assert (cells(f"client:{wren.pk}", after.start), cells(f"client:{wren.pk}", after.end)) == (1, 0)


def test_two_sessions_change_places(clinic, wren):
    """Rooms and leaders swap in one go, though each is taken by the other."""
    track, other = a_track(clinic), builders.a_second(clinic, "counselor", "dana")
    second = clinic_actions.add_room.run(system("test"), site=clinic.site, name="Birch", use="group", seats=12)
    one = a_group(clinic, track, "One", 0)
    two = a_group(clinic, track, "Two", 0, room=second, leader=other)
    week = seen_week(clinic)
    answer = answer_of(week)
    rows = group_row(answer, one), group_row(answer, two)
    for key in ("room", "lead"):
        rows[0][key], rows[1][key] = rows[1][key], rows[0][key]
    apply(clinic, proposed(clinic, week, answer))
    assert (session(one).room_id, session(two).room_id) == (second.pk, clinic.rooms[0].pk)
    assert (session(one).leader_id, session(two).leader_id) == (other.pk, clinic.people["counselor"].pk)


def test_somebody_sits_in_once_instead(clinic, wren, evening):
    extra = a_group(clinic, evening[0].track, "Extra", 4)
    reader = builders.client_user(clinic, wren)
    week = seen_week(clinic)
    answer = answer_of(week)
    answer["groups"].remove(group_row(answer, evening[0]))
    group_row(answer, extra)["members"] = [f"c{wren.pk}"]
    proposal = proposed(clinic, week, answer)
    apply(clinic, proposal)
    with everything("test"):
        guest = Membership.objects.get(client=wren, group=extra)
        assert guest.session == session(extra)
    assert cells(f"client:{wren.pk}", session(extra).start) == 1
    assert "Who comes to a session" in Notice.objects.filter(to=session(extra).leader).latest("pk").words
    assert "You have a seat" in Notice.objects.filter(to=reader).latest("pk").words
    undo_repair.run(clinic.actor("program-director"), proposal=proposal)
    assert cells(f"client:{wren.pk}", session(extra).start) == 0
    assert Notice.objects.filter(to=reader, words__startswith="You are not expected").exists()
    with everything("test"):
        guest.refresh_from_db()
        assert guest.until < guest.since


def test_a_talk_moves_and_another_is_new(clinic, wren, evening):
    at = clock.now() + timedelta(hours=3)
    talk = program.schedule_session.run(
        clinic.actor("counselor"),
        client=wren,
        sort="individual",
        room=clinic.rooms[1],
        leader=clinic.people["counselor"],
        start=at,
    )
    week = seen_week(clinic)
    answer = answer_of(week)
    answer["sessions"][0]["start"] = "tue 10:00"
    answer["sessions"].append(answer["sessions"][0] | {"kind": "family", "start": "tue 12:00"})
    proposal = proposed(clinic, week, answer)
    apply(clinic, proposal)
    with everything("test"):
        talk.refresh_from_db()
        assert timezone.localtime(talk.start).strftime("%a %H") == "Tue 10"
        made = Session.objects.get(pk=proposal_of(proposal).done["talks"][0])
        assert (made.sort, made.client_id) == ("family", wren.pk)
    undo_repair.run(clinic.actor("program-director"), proposal=proposal)
    with everything("test"):
        talk.refresh_from_db()
        made.refresh_from_db()
    assert talk.start == at
    assert made.status == Session.Status.NOT_HELD


@pytest.mark.parametrize("start", ["mon 10:00", "tue 10:00"])
def test_a_talk_without_an_office_is_by_video_and_comes_back(clinic, wren, evening, start):
    """Also when it moves: the client hears where it is, and the staff's day says the same."""
    reader, director = builders.client_user(clinic, wren), clinic.actor("program-director")
    talk = program.schedule_session.run(
        clinic.actor("counselor"),
        client=wren,
        sort="individual",
        room=clinic.rooms[1],
        leader=clinic.people["counselor"],
        start=clock.now() + timedelta(hours=3),
    )
    week = seen_week(clinic)
    answer = answer_of(week)
    answer["sessions"][0] |= {"room": None, "start": start}
    proposal = proposed(clinic, week, answer)
    apply(clinic, proposal)
    with everything("test"):
        talk.refresh_from_db()
    assert (talk.room_id, talk.modality) == (None, "telehealth")
    words = [*Notice.objects.filter(to=reader).values_list("words", flat=True)]
    assert any(each.endswith("is by video.") for each in words) and not any("another room" in each for each in words)
    undo_repair.run(director, proposal=proposal_of(proposal))
    with everything("test"):
        talk.refresh_from_db()
    assert (talk.room_id, talk.modality) == (clinic.rooms[1].pk, "on-site")


@pytest.mark.parametrize("by_video", [True, False], ids=["gets an office", "loses its office"])
def test_a_talk_that_goes_to_or_from_video_is_told_in_the_readers_language(clinic, wren, evening, by_video):
    """Also its day, though the coordinator who applies the repair works in English."""
    reader = builders.client_user(clinic, wren)
    set_language.run(reader.actor(), language="es")
    talk = program.schedule_session.run(
        clinic.actor("counselor"),
        client=wren,
        sort="individual",
        room=None if by_video else clinic.rooms[1],
        leader=clinic.people["counselor"],
        start=clock.now() + timedelta(hours=3),
    )
    week = seen_week(clinic)
    answer = answer_of(week)
    answer["sessions"][0]["room"] = f"r{clinic.rooms[1].pk}" if by_video else None
    with translation.override("en"):
        apply(clinic, proposed(clinic, week, answer))
    with everything("test"):
        talk.refresh_from_db()
    placed = (clinic.rooms[1].pk, "on-site") if by_video else (None, "telehealth")
    assert (talk.room_id, talk.modality) == placed
    where = "en la clínica, ya no por video" if by_video else "por video"
    with translation.override("es"):
        told = f"Su sesión es {where}: {when(talk.start)}."
    assert "lunes" in told and told in Notice.objects.filter(to=reader).values_list("words", flat=True)


def proposal_of(proposal):
    with everything("test"):
        return Proposal.objects.get(pk=proposal.pk)


def test_the_slower_of_two_is_told_what_changed(clinic, wren, evening):
    mine, _ = covered(clinic, evening[0])
    other = builders.a_second(clinic, "counselor", "robin")
    program.cover_session.run(clinic.actor("program-director"), session=session(evening[0]), leader=other)
    with pytest.raises(WeekMoved, match=r"Recovery is now on Monday, .* with Robin"):
        apply(clinic, mine)
    assert session(evening[0]).leader_id == other.pk
    assert proposal_of(mine).is_open


def test_a_proposal_is_applied_once(clinic, wren, evening):
    mine, _ = covered(clinic, evening[0])
    apply(clinic, mine)
    with pytest.raises(Refused, match="closed already"):
        apply(clinic, mine, "intake-coordinator")


def test_what_was_booked_meanwhile_is_named_and_nothing_is_half_done(clinic, wren, evening):
    mine, other = covered(clinic, evening[0])
    a_group(clinic, evening[0].track, "Elsewhere", 0, leader=other, room=clinic.rooms[1])
    with pytest.raises(Taken, match="Dana"):
        apply(clinic, mine)
    first = session(evening[0])
    assert first.leader_id == evening[0].leader_id
    assert cells(f"staff:{first.leader_id}", first.start) == 1
    with everything("test"):
        assert not Booking.objects.filter(subject=first.subject, released_at__isnull=False).exists()


def test_what_has_begun_stays(clinic, wren, evening):
    mine, _ = covered(clinic, evening[0])
    with clock.at(session(evening[0]).start), pytest.raises(WeekMoved, match="has begun"):
        apply(clinic, mine)


@pytest.mark.parametrize("role", ["counselor", "biller", "prescriber", "compliance-officer"])
def test_others_plan_nothing(clinic, wren, evening, role):
    mine, _ = covered(clinic, evening[0])
    with pytest.raises(NotAllowed):
        apply(clinic, mine, role)
    with pytest.raises(NotAllowed):
        seen_week(clinic, role)


def test_a_planner_of_another_site_sees_no_proposal(clinic, wren, evening):
    mine, _ = covered(clinic, evening[0])
    south = clinic_actions.open_site.run(system("test"), name="South", hours=["mon 07:00-22:00"])
    other = clinic_actions.add_user.run(
        system("test"),
        username="south",
        name="South",
        password=builders.PASSWORD,
        roles=["program-director"],
        site_ids=[south.pk],
    )
    with pytest.raises(NotAllowed):
        apply_repair.run(other.actor(), proposal=mine, end="hours")


def off_on(person, day):
    clinic_actions.record_staff_absence.run(system("test"), user=person, first=day, last=day)


def test_nobody_comes_to_lead_who_is_away_by_then(clinic, wren, evening):
    mine, other = covered(clinic, evening[0])
    off_on(other, clock.today())
    with pytest.raises(StaffAway, match="Dana is away on Monday"):
        apply(clinic, mine)
    assert session(evening[0]).leader_id == evening[0].leader_id and proposal_of(mine).is_open


def test_whoever_led_already_is_not_asked_again_by_a_later_hour_of_the_day(clinic, wren, evening):
    week = seen_week(clinic)
    off_on(clinic.people["counselor"], clock.today())
    answer = answer_of(week)
    group_row(answer, evening[0])["start"] = "mon 17:00"
    apply(clinic, proposed(clinic, week, answer))
    assert timezone.localtime(session(evening[0]).start).hour == 17


def test_another_day_asks_them_anew(clinic, wren, evening):
    week = seen_week(clinic)
    off_on(clinic.people["counselor"], clock.today() + timedelta(days=1))
    answer = answer_of(week)
    group_row(answer, evening[0])["start"] = "tue 18:00"
    with pytest.raises(StaffAway, match="Counselor Person is away on Tuesday"):
        apply(clinic, proposed(clinic, week, answer))


@pytest.mark.parametrize(("at", "closes", "says"), [("sun 17:00", None, "closed all day"), ("tue 17:00", 1, "Flood")])
def test_nothing_moves_to_where_the_site_is_not_open(clinic, wren, evening, at, closes, says):
    closed_on_sundays(clinic)
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, evening[0])["start"] = at
    if closes:
        day = clock.today() + timedelta(days=closes)
        clinic_actions.close_day.run(clinic.actor("administrator"), on=day, why="Flood")
    before = session(evening[0]).start
    with pytest.raises(SiteClosed, match=says):
        apply(clinic, proposed(clinic, week, answer))
    assert session(evening[0]).start == before and cells(f"client:{wren.pk}", before) == 1


def test_taken_back_the_one_who_is_away_leads_again(clinic, wren, evening):
    proposal, _ = covered(clinic, evening[0])
    off_on(clinic.people["counselor"], clock.today())
    apply(clinic, proposal)
    undo_repair.run(clinic.actor("program-director"), proposal=proposal)
    assert session(evening[0]).leader_id == evening[0].leader_id


def test_nothing_is_taken_back_to_a_day_closed_meanwhile(clinic, wren, evening):
    week = seen_week(clinic)
    answer = answer_of(week)
    answer["groups"].remove(group_row(answer, evening[0]))
    off = proposed(clinic, week, answer)
    apply(clinic, off)
    clinic_actions.close_day.run(clinic.actor("administrator"), on=clock.today(), why="Flood")
    with pytest.raises(SiteClosed, match="Flood"):
        undo_repair.run(clinic.actor("program-director"), proposal=off)
    assert session(evening[0]).status == Session.Status.NOT_HELD


def test_what_is_no_repair_is_not_applied_as_one(clinic, wren, evening):
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, evening[0])["start"] = "mon 19:00"
    plan = proposed(clinic, week, answer, "plan", keep="week")
    with pytest.raises(Refused, match="Choose one of the two ways"):
        apply(clinic, plan, end="plan")
