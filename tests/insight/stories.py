"""Builders of this room: a client with a story that touches every lane, made through the rooms' own actions."""

from datetime import timedelta
from typing import Any

from middleground.assessment import actions as assessment
from middleground.kernel import clock
from middleground.kernel.actions import action
from middleground.kernel.context import everything, system
from middleground.kernel.who import system_only
from middleground.medical.models import DrugScreen, Medication
from middleground.program.models import Attendance, Session
from middleground.records.models import CareTeamMember, Client, Episode
from middleground.recovery import actions as recovery
from tests.program import groups

PHQ_HIGH, PHQ_LOW = [2, 2, 2, 2, 1, 1, 1, 1, 0], [1, 0, 1, 0, 0, 0, 0, 0, 0]


@action("Lay down a past for a test", by=system_only())
def lay_down(act: Any, client: Client, weeks: int) -> Client:
    """So many weeks of evening groups, three a week, each attended for 180 minutes but every fifth missed; screens, a medicine."""
    today = clock.today()
    Episode.objects.filter(client=client).update(admitted_on=today - timedelta(weeks=weeks))
    CareTeamMember.objects.filter(client=client).update(since=today - timedelta(weeks=weeks))
    group = Session.objects.filter(sort="group").first()
    for n in range(weeks * 3):
        day = today - timedelta(days=weeks * 7 - (n // 3) * 7 - (n % 3) * 2)
        held = Session.objects.create(
            sort="individual",
            client=client,
            site=client.site,
            leader=group.leader,
            start=groups.local(day, 17),
            end=groups.local(day, 20),
            title="Evening",
            status="held",
        )
        missed = n % 5 == 4
        Attendance.objects.create(
            client=client,
            session=held,
            on=day,
            mark="no-show" if missed else "present",
            counts=not missed,
            minutes=0 if missed else 180,
            recorded_at=act.now,
        )
    for back, found in ((30, "positive"), (3, "negative")):
        at = act.now - timedelta(days=back)
        DrugScreen.objects.create(
            client=client,
            reason="routine",
            ordered_at=at,
            collect_on=at.date(),
            collected_at=at,
            resulted_at=at,
            panel={"cocaine": found},
            discussed_with_client_at=at,
        )
    Medication.objects.create(
        client=client,
        name="Buprenorphine",
        dose="16 mg",
        is_mat=True,
        since=today - timedelta(days=35),
        listed_at=act.now,
    )
    return client


def a_story(clinic: Any, client: Client, weeks: int = 6) -> Client:
    """Everything on the timeline: attendance, scores, check-ins, screens, a medicine, a plan, a return to use, a milestone."""
    if not _has_group():
        groups.a_group(clinic)
    counselor, now = clinic.actor("counselor"), clock.now()
    lay_down.run(system("test"), client=client, weeks=weeks)
    for back, answers in ((35, PHQ_HIGH), (2, PHQ_LOW)):
        with clock.at(now - timedelta(days=back)):
            assessment.give_instrument.run(counselor, client=client, instrument="phq-9", answers=answers)
    for back, craving, mood in ((20, 8, 3), (10, 5, 5), (1, 2, 7)):
        with clock.at(now - timedelta(days=back)):
            recovery.check_in.run(counselor, client=client, craving=craving, mood=mood)
    recovery.record_return_to_use.run(
        counselor, client=client, on=clock.today() - timedelta(days=9), substance="cocaine"
    )
    recovery.record_milestone.run(counselor, client=client, words_said="First month of evening group")
    return client


def _has_group() -> bool:
    with everything("test"):
        return Session.objects.filter(sort="group").exists()
