"""Each invented client's way through the program, entered into the calendar: request, assessment, admission, plan, week, discharge."""

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from middleground.admissions import actions as admissions
from middleground.admissions.forms import admission_forms
from middleground.assessment import actions as assessment
from middleground.careplan import actions as careplan
from middleground.clinic.queries import organization
from middleground.kernel import clock, gate
from middleground.kernel.context import visitor
from middleground.records import actions as records
from middleground.records import queries as record
from middleground.records.models import Task
from middleground.timetable import actions as timetable

from . import answers, caring, earlier, handing_over, people
from .calendar import Calendar
from .people import Person, Visitor
from .shape import Size, back
from .staffing import BOSS, House

GOALS = ("rest-well", "lift-mood", "care-for-body", "feel-safe", "safe-and-steady")
NOT_YET = 14


def enter(
    calendar: Calendar, house: House, size: Size, clients: list[Person], today: date, chance: random.Random
) -> None:
    """Everything that happens to everybody."""
    begins = back(today, size.live_weeks)
    ways = [Way(calendar, house, person, today, random.Random(person.number)) for person in clients]  # noqa: S311
    lost = people.visitors(size, house, clients, today, chance)
    earlier.enter(
        calendar,
        house,
        [way for way in ways if way.person.before],
        [one for one in lost if one.asked_on < begins],
        begins,
    )
    for way in ways:
        if not way.person.before:
            way.enter()
    for one in lost:
        if one.asked_on >= begins:
            _enter_lost(calendar, house, one, random.Random(hash_of(one)))  # noqa: S311
    _enter_waiting(calendar, house, today, chance)


def hash_of(lost: Visitor) -> int:
    return sum(map(ord, f"{lost.first}{lost.last}{lost.asked_on}"))


class Way:
    """One person's way. Each method is something that happens, done as the person whose work it is."""

    def __init__(self, calendar: Calendar, house: House, person: Person, today: date, chance: random.Random) -> None:
        self.calendar, self.house, self.person, self.today, self.chance = calendar, house, person, today, chance
        self.site = person.track.site
        self.counselor = house.leaders[person.track.pk]
        self.prescriber = house.staff["prescriber"][person.number % len(house.staff["prescriber"])]
        self.manager = house.staff["case-manager"][person.number % len(house.staff["case-manager"])]
        self.intake = house.actor("intake-coordinator", person.number)

    def enter(self) -> None:
        person, enter = self.person, self.calendar.enter
        hour = 8 + person.number % 8
        enter(person.asked_on, hour, self.ask, person.number % 60)
        enter(person.asked_on + timedelta(days=self.chance.randint(0, 2)), hour + 1, self.call, 59)
        enter(person.assessed_on, 9, self.assess, person.number % 60)
        enter(person.admitted_on, 7, self.admit, person.number % 60)
        enter(person.admitted_on, 8, self.plan_care, person.number % 60)
        self.enter_care(person.admitted_on)

    def enter_care(self, since: date) -> None:
        """What goes on from the first day, or from the day the clinic began with Middleground, to the last."""
        caring.enter(self, since)
        if self.person.leaves_on:
            self.calendar.enter(self.person.leaves_on, 21, self.leave, 30)

    def ask(self) -> None:
        person = self.person
        facts: dict[str, Any] = {
            "first_name": person.first,
            "last_name": person.last,
            "phone": f"555-01{person.number % 100:02}",
            "language": person.language,
            "pathway": person.pathway,
            "site": self.site,
        }
        if person.number % 3 == 0:
            person.made["inquiry"] = admissions.request_assessment.run(visitor(), **facts)
        else:
            person.made["inquiry"] = admissions.take_inquiry.run(
                self.intake, referral_source=person.source, came_through="phone", **facts
            )

    def call(self) -> None:
        inquiry = self.person.made["inquiry"]
        admissions.own_inquiry.run(self.intake, inquiry=inquiry, next_step="Book the assessment")
        admissions.log_contact.run(
            self.intake, inquiry=inquiry, channel="phone", outcome="reached", next_step="Assessment"
        )

    def assess(self) -> None:
        person, counselor, prescriber = self.person, self.counselor.actor(), self.prescriber.actor()
        inquiry = admissions.begin_assessment.run(self.intake, inquiry=person.made["inquiry"])
        with gate.everything("demo"):
            client = person.made["client"] = inquiry.client
        self._share(client)
        for name in answers.INSTRUMENTS:
            assessment.give_instrument.run(
                self.intake, client=client, instrument=name, answers=answers.to(name, person, 0.0, self.chance)
            )
        medical = assessment.open_assessment.run(prescriber, client=client, sort="medical")
        assessment.sign_medical_assessment.run(
            prescriber, assessment=medical, signed_name=self.prescriber.signature, content=answers.medical(person)
        )
        clinical = assessment.open_assessment.run(counselor, client=client, sort="clinical")
        assessment.sign_clinical_assessment.run(
            counselor, assessment=clinical, signed_name=self.counselor.signature, content=answers.clinical(person)
        )
        self.recommend(client, counselor, prescriber)

    def recommend(self, client: Any, counselor: Any, prescriber: Any) -> None:
        assessment.rate_dimensions.run(counselor, client=client, edition=4, ratings=answers.ratings(self.person))
        check = assessment.check_withdrawal.run(
            prescriber, client=client, given=answers.withdrawal(self.person, self.today)
        )
        assessment.sign_withdrawal_check.run(prescriber, check=check, signed_name=self.prescriber.signature)
        assessment.decide_placement.run(
            counselor, client=client, selected="2.1", facts={**answers.FACTS, "pathway": self.person.pathway}
        )

    def _share(self, client: Any) -> None:
        """The counselor and the prescriber assess: a treatment relation from now on."""
        records.set_team.run(
            BOSS, client=client, primary_counselor=self.counselor, prescriber=self.prescriber, case_manager=self.manager
        )

    def admit(self) -> None:
        person, client = self.person, self.person.made["client"]
        self._check_again(client)
        for form in admission_forms(person.language, organization().name):
            records.sign_consent.run(self.intake, client=client, signed_name=person.name, **form.terms)
        person.made["episode"] = admissions.admit.run(
            self.intake,
            client=client,
            level_of_care="2.1",
            admitted_on=clock.today(),
            prescribed_minutes=540,
            expected_end_on=clock.today() + timedelta(weeks=8),
            primary_counselor=self.counselor,
            prescriber=self.prescriber,
            case_manager=self.manager,
            inquiry=person.made["inquiry"],
        )
        groups = [group.pk for group in self.house.groups[person.track.pk]]
        timetable.book_week.run(
            self.intake, client=client, episode=person.made["episode"], groups=groups, since=clock.today()
        )

    def _check_again(self, client: Any) -> None:
        """A withdrawal check is good for a day: the prescriber looks again on the day of admission."""
        prescriber = self.prescriber.actor()
        check = assessment.check_withdrawal.run(
            prescriber, client=client, given=answers.withdrawal(self.person, self.today)
        )
        assessment.sign_withdrawal_check.run(prescriber, check=check, signed_name=self.prescriber.signature)

    def plan_care(self) -> None:
        counselor, client = self.counselor.actor(), self.person.made["client"]
        plan = careplan.start_plan.run(
            counselor, client=client, episode=self.person.made["episode"], strengths=answers.strength(self.person)
        )
        for goal in self.chance.sample(GOALS, 2):
            careplan.adopt_goal.run(counselor, plan=plan, goal_id=goal)
        if self.person.leaves_on or self.person.number % 9:
            careplan.sign_plan.run(counselor, plan=plan, signed_name=self.counselor.signature)
            self.person.made["plan"] = plan

    def leave(self) -> None:
        person, counselor = self.person, self.counselor.actor()
        with gate.everything("demo"):
            episode = record.open_episode(person.made["client"])
        moved_on = (
            handing_over.to_more_care(counselor, person.made["client"]) if person.reason == "transferred" else None
        )
        signer = self.house.actor("program-director") if person.reason == "ended-by-program" else counselor
        careplan.discharge.run(
            signer,
            episode=episode,
            reason=person.reason,
            summary=answers.summary(person),
            naloxone="given",
            next_care="Outpatient counseling" if person.reason == "completed" else "",
            medicines="Continues with own prescriber",
            next_care_on=clock.today() + timedelta(days=7) if person.reason == "completed" else None,
        )
        if moved_on is not None and clock.today() < self.today - timedelta(days=2):
            admissions.close_referral.run(counselor, referral=moved_on, outcome="arrived")
        self._look_after(episode)
        if person.reason == "completed":
            careplan.write_aftercare.run(
                counselor,
                client=person.made["client"],
                episode=episode,
                keeps_me_well="Morning walks, my group, sleep",
                warning_signs="Staying home, skipping meals",
                people="My sister, my sponsor",
                meetings="Tuesday evening group",
            )

    def _look_after(self, episode: Any) -> None:
        """The prescriber's same-day check; that of the last days is still to be done."""
        if clock.today() < self.today - timedelta(days=2) and (task := _after_discharge(episode)):
            records.finish_task.run(
                self.prescriber.actor(), task=task, outcome="Called; naloxone at home, knows the way back"
            )


def _after_discharge(episode: Any) -> Any:
    with gate.everything("demo"):
        return Task.objects.filter(key=f"after-discharge:{episode.pk}", done_at=None).first()


def _enter_lost(calendar: Calendar, house: House, lost: Visitor, chance: random.Random) -> None:
    """Someone asks, and the way ends before the first day."""
    intake = house.actor("intake-coordinator", chance.randint(0, 9))
    made: dict[str, Any] = {}

    def ask() -> None:
        made["inquiry"] = admissions.take_inquiry.run(
            intake,
            first_name=lost.first,
            last_name=lost.last,
            phone="555-0199",
            site=house.sites[lost.site],
            came_through="phone",
            referral_source=lost.source,
        )

    def lose() -> None:
        why = chance.choice(
            ("could-not-reach", "waited-too-long", "schedule", "transport", "childcare", "not-now", "chose-other-care")
        )
        admissions.mark_lost.run(intake, inquiry=made["inquiry"], reason=why)

    calendar.enter(lost.asked_on, 10, ask, chance.randint(0, 59))
    calendar.enter(lost.asked_on + timedelta(days=chance.randint(3, 10)), 16, lose, chance.randint(0, 59))


WAITING = (  # days ago, when they asked (the last one late in the evening, from home), and whether somebody called back
    (1, "21:38", False),
    (1, "10:12", False),
    (1, "08:47", True),
    (2, "13:26", True),
    (4, "11:03", True),
    (3, "16:51", False),
    (6, "09:34", True),
)


def _enter_waiting(calendar: Calendar, house: House, today: date, chance: random.Random) -> None:
    """Today's inquiry board: people at every step, some with a promise kept and some with one running out."""
    from .names import names

    intake = house.actor("intake-coordinator")
    called = iter(names(random.Random(chance.random())))  # noqa: S311
    for number, (days_ago, asked_at, is_called) in enumerate(WAITING):
        first, last = next(called)
        asked = datetime.combine(today - timedelta(days=days_ago), time.fromisoformat(asked_at))
        _enter_one(calendar, house, asked, (first, last, number), _called(intake) if is_called else None)


def _enter_one(
    calendar: Calendar, house: House, asked: datetime, who: tuple[str, str, int], then: Callable[[Any], None] | None
) -> None:
    first, last, number = who
    made: dict[str, Any] = {}

    def ask() -> None:
        made["inquiry"] = admissions.request_assessment.run(
            visitor(),
            first_name=first,
            last_name=last,
            phone=f"555-01{number:02}",
            site=house.sites[0],
            message="Evenings would be best for me.",
            pathway=("first-line", "after-withdrawal", "step-down")[number % 3],
            availability=["mon 17:00-21:30", "wed 17:00-21:30", "thu 17:00-21:30"],
        )

    calendar.enter(asked.date(), asked.hour, ask, asked.minute)
    if then is not None:
        called = asked + timedelta(minutes=95 + 7 * number)
        calendar.enter(called.date(), called.hour, lambda: then(made["inquiry"]), called.minute)


def _called(intake: Any) -> Callable[[Any], None]:
    def call(inquiry: Any) -> None:
        admissions.own_inquiry.run(intake, inquiry=inquiry, next_step="Offer times for the assessment")
        admissions.log_contact.run(
            intake, inquiry=inquiry, channel="phone", outcome="reached", next_step="Offer times for the assessment"
        )

    return call
