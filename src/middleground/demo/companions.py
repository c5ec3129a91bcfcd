"""Around treatment: coverage and fees, supports, family, the sign-ins of one client and one family member, a record opened in an emergency."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from middleground.careplan.queries import plan_in_force
from middleground.careplan.terms import items
from middleground.clinic.actions import change_password
from middleground.clinic.models import User
from middleground.coverage import actions as coverage
from middleground.family import actions as family
from middleground.kernel import clock, desk, gate
from middleground.kernel.errors import Refused
from middleground.medical import actions as medical
from middleground.records import actions as records
from middleground.records.models import Client, Episode, Task
from middleground.supports import actions as supports

from . import handing_over
from .calendar import Calendar
from .shape import PASSWORD
from .staffing import BOSS, House

NEEDS = (
    ("employment", "I want steady work again."),
    ("housing", "I need a place that feels safe."),
    ("transport", "The last bus leaves too early."),
)
PLACES = (
    ("River Works", "employment"),
    ("Open Door Housing", "housing"),
    ("Ride Together", "transport"),
    ("Second Start Skills", "life-skills"),
)


def enter(calendar: Calendar, house: House, begins: date, today: date) -> None:
    """The directory on the first day; coverage and supports a week before today; sign-ins and the family yesterday."""
    made: dict[str, Any] = {}
    calendar.enter(begins, 7, lambda: _directory(house, made), 30)
    calendar.enter(today - timedelta(days=6), 7, lambda: _coverage(house, made, today), 10)
    calendar.enter(today - timedelta(days=5), 7, lambda: _supports(house), 10)
    calendar.enter(today - timedelta(days=1), 13, lambda: _companions(house, today), 10)
    calendar.enter(today - timedelta(days=1), 14, lambda: handing_over.before_the_first_day(house), 10)
    calendar.enter(today - timedelta(days=1), 17, lambda: _emergency(house), 10)
    calendar.enter(today - timedelta(days=1), 15, lambda: _finish_old_tasks(), 20)
    calendar.enter(today - timedelta(days=1), 16, lambda: _read_notices(house), 40)
    calendar.enter(today - timedelta(days=1), 22, lambda: _post(house, today), 30)


def in_care() -> list[Client]:
    with gate.everything("demo"):
        return [
            e.client
            for e in Episode.objects.filter(ended_on=None).select_related("client").order_by("admitted_on", "pk")
        ]


def _directory(house: House, made: dict[str, Any]) -> None:
    for name, area in PLACES:
        supports.add_resource.run(
            house.actor("case-manager"),
            name=name,
            area=area,
            phone="555-0150",
            address="2 Riverside Way",
            eligibility="Anyone in care",
        )
    made["payers"] = [
        coverage.add_payer.run(house.actor("biller"), name=name, sort=sort)
        for name, sort in (("State Medicaid", "medicaid"), ("Evergreen Health Plan", "commercial"))
    ]


def _coverage(house: House, made: dict[str, Any], today: date) -> None:
    biller = house.actor("biller")
    for number, client in enumerate(in_care()):
        if number % 4 == 3:
            coverage.set_fee.run(
                biller,
                client=client,
                income=Decimal(14000 + 3100 * (number % 9)),
                household=1 + number % 4,
                signed_name=str(client),
            )
            coverage.make_estimate.run(biller, client=client, days=24, first_day=today + timedelta(days=3))
            continue
        policy = coverage.add_policy.run(
            biller,
            client=client,
            payer=made["payers"][number % 2],
            member_id=f"DEMO{number:05}",
            since=today - timedelta(days=200),
        )
        coverage.verify_policy.run(biller, policy=policy, note="Checked by phone")
        asked = coverage.request_authorization.run(
            biller,
            client=client,
            policy=policy,
            days_requested=24,
            starts=today - timedelta(days=40),
            ends=today + timedelta(days=10 + number),
        )
        if number % 5:
            coverage.record_authorization.run(
                biller, authorization=asked, status="approved", days_authorized=24, number=f"A{number:06}"
            )


def _post(house: House, today: date) -> None:
    coverage.post_services.run(house.actor("biller"), first=today - timedelta(days=21), last=today - timedelta(days=3))


def _supports(house: House) -> None:
    for number, client in enumerate(in_care()):
        if number % 3:
            continue
        manager = house.staff["case-manager"][0].actor()
        try:
            need = supports.identify_need.run(
                manager, client=client, area=NEEDS[number % 3][0], client_words=NEEDS[number % 3][1], priority="2-soon"
            )
        except Refused:
            continue  # another case manager's client
        if number % 2 == 0:
            supports.refer.run(
                manager,
                need=need,
                organization=PLACES[number % 3][0],
                next_check_on=clock.today() + timedelta(days=4 + number % 9),
            )


def _companions(house: House, today: date) -> None:
    """The client and the family member whose sign-ins are printed when the demo starts."""
    first_counselor = house.staff["counselor"][0]
    with gate.everything("demo"):
        clients = {u.client_id: u for u in User.objects.exclude(client_id=None)}
        theirs = [
            c
            for c in in_care()
            if c.pk in clients
            and c.language == "en"
            and c.team.filter(user=first_counselor).exists()
            and plan_in_force(c)
        ]
    client = theirs[len(theirs) // 2]
    own = clients[client.pk]
    member = family.invite_family_member.run(own.actor(), client=client, name="Fern Alder", relation=_relation())
    family.share_with_family.run(
        own.actor(),
        member=member,
        kinds=["schedule", "attendance", "plan"],
        ends_on=today + timedelta(days=60),
        signed_name=str(client),
    )
    _fill_chart(house, client)
    before = PBKDF2PasswordHasher.iterations
    PBKDF2PasswordHasher.iterations = 20_000
    try:
        for user in (own, User.objects.get(pk=member.user_id)):
            change_password.run(user.actor(), user=user, password=PASSWORD)
    finally:
        PBKDF2PasswordHasher.iterations = before
    handing_over.heard_on_the_line(house, client)


def _fill_chart(house: House, client: Client) -> None:
    """Something in every part of the chart that a visitor to the demo opens first."""
    prescriber, counselor = house.staff["prescriber"][0].actor(), house.staff["counselor"][0].actor()
    medical.list_medication.run(
        prescriber,
        client=client,
        name="Sertraline",
        dose="50 mg",
        route="oral",
        frequency="once a day",
        indication="Low mood",
        prescriber_name="Family doctor",
    )
    medical.record_allergy.run(prescriber, client=client, what="Penicillin", reaction="Rash")
    need = supports.identify_need.run(
        counselor, client=client, area="transport", client_words="The last bus leaves too early.", priority="2-soon"
    )
    supports.refer.run(
        counselor, need=need, organization="Ride Together", next_check_on=clock.today() + timedelta(days=5)
    )
    handing_over.letter_to_work(counselor, client, clock.today())
    handing_over.to_health_center(counselor, client)


def _finish_old_tasks() -> None:
    """What was due more than three days ago has been done; the latest is still on somebody's desk."""
    with gate.everything("demo"):
        old = list(Task.objects.filter(done_at=None, due_at__lt=clock.now() - timedelta(days=3)).order_by("due_at"))
    for task in old:
        records.finish_task.run(BOSS, task=task, outcome="Talked it over; a next step is agreed")


def _read_notices(house: House) -> None:
    for people in house.staff.values():
        for person in people:
            desk.read_notices.run(person.actor())


def _relation() -> str:
    return next(iter(items("family-relations")))


def _emergency(house: House) -> None:
    """A counselor opened a record that was not theirs; the compliance officer has not looked at it yet."""
    with gate.everything("demo"):
        other = next((c for c in in_care() if not c.team.filter(user=house.staff["counselor"][-1]).exists()), None)
    if other is not None:
        records.break_glass.run(
            house.staff["counselor"][-1].actor(),
            client_id=other.pk,
            reason="Felt faint in the lobby; needed medicines and contacts at once",
        )
