"""The demo's organization, sites, rooms and the people who work there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from middleground.clinic import actions
from middleground.clinic.models import Room, Site, User
from middleground.kernel.context import Actor, system
from middleground.kernel.who import STAFF
from middleground.program import actions as program
from middleground.program.models import Group, Track

from .shape import PASSWORD, Size, weekdays

SITES = ("Riverside", "Northgate", "Lakeview")
TIMES = (("Morning", time(9, 30)), ("Afternoon", time(13, 30)), ("Evening", time(17, 30)))
BLOCKS = (("group", ""), ("education", "addiction-education"), ("skills-workshop", "matrix-relapse-prevention"))
TITLES = ("Check-in and process", "Learning about recovery", "Relapse prevention skills")
PEOPLE = (
    ("iris", "Iris Fallow", "intake-coordinator", []),
    ("cora", "Cora Lantern", "counselor", ["LPC"]),
    ("pax", "Pax Ferrier", "prescriber", ["NP"]),
    ("casey", "Casey Towpath", "case-manager", []),
    ("bill", "Billie Candle", "biller", []),
    ("dee", "Dee Highfield", "program-director", ["LCSW"]),
    ("olly", "Olly Compass", "compliance-officer", []),
    ("ada", "Ada Quarry", "administrator", []),
)
BOSS = system("demo")


@dataclass
class House:
    """What stands before the first client: the people by role, the sites, the tracks with groups and leaders."""

    staff: dict[str, list[User]] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)
    rooms: dict[int, list[Room]] = field(default_factory=dict)
    offices: dict[int, list[Room]] = field(default_factory=dict)
    tracks: list[Track] = field(default_factory=list)
    groups: dict[int, list[Group]] = field(default_factory=dict)
    leaders: dict[int, User] = field(default_factory=dict)

    def actor(self, role: str, at: int = 0) -> Actor:
        return self.staff[role][at % len(self.staff[role])].actor()


def settle(size: Size, first: date, today: date, tell: Callable[[float, str], None]) -> House:
    """Open the clinic: organization, sites, rooms, staff, tracks and their groups from the first day on."""
    house = House()
    actions.set_up_organization.run(BOSS, name="Middleground Demo Clinic", phone="555-0100", is_demo=True)
    for place in range(size.sites):
        _open_site(house, size, SITES[place])
    _hire(house, size)
    for number in range(size.tracks):
        _open_track(house, size, number, first, today)
        tell(0.02 + 0.06 * number / size.tracks, "Opening tracks and groups")
    return house


def _open_site(house: House, size: Size, name: str) -> None:
    hours = [f"{day} 07:00-22:00" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]
    site = actions.open_site.run(BOSS, name=name, address=f"1 {name} Way", phone="555-0101", hours=hours)
    house.sites.append(site)
    groups, offices = (4, 5) if size.sites > 1 else (2 if size.tracks < 3 else 3, 2 if size.tracks < 3 else 5)
    house.rooms[site.pk] = [
        actions.add_room.run(BOSS, site=site, name=f"Group room {n + 1}", use="group", seats=16) for n in range(groups)
    ]
    house.offices[site.pk] = [
        actions.add_room.run(BOSS, site=site, name=f"Office {n + 1}", use="office", seats=4) for n in range(offices)
    ]


def _hire(house: House, size: Size) -> None:
    before = PBKDF2PasswordHasher.iterations
    PBKDF2PasswordHasher.iterations = 20_000  # everybody's password is printed on the screen anyway
    try:
        for username, name, role, credentials in PEOPLE:
            _add(house, username, name, role, credentials)
        counselors = max(2, size.tracks)
        for number in range(1, counselors):
            _add(
                house,
                f"counselor{number + 1}",
                f"{SURNAMES[number % len(SURNAMES)]} {GIVEN[number % len(GIVEN)]}",
                "counselor",
                ["LPC"],
            )
        for role, count in (
            ("case-manager", 1 + size.tracks // 6),
            ("prescriber", size.sites),
            ("intake-coordinator", size.sites),
        ):
            for number in range(1, count):
                _add(house, f"{role}{number + 1}", f"{SURNAMES[-number]} {GIVEN[-number]}", role, [])
    finally:
        PBKDF2PasswordHasher.iterations = before


SURNAMES = [
    "Ashby",
    "Birch",
    "Corin",
    "Dale",
    "Eddy",
    "Fenn",
    "Gale",
    "Hart",
    "Isen",
    "Jory",
    "Kell",
    "Lorne",
    "Marl",
    "Nash",
    "Orme",
    "Penn",
    "Quill",
    "Rook",
    "Stow",
    "Tarn",
]
GIVEN = [
    "Weaver",
    "Tanner",
    "Mason",
    "Potter",
    "Glazier",
    "Cooper",
    "Thatcher",
    "Fletcher",
    "Chandler",
    "Miller",
    "Saddler",
    "Drover",
    "Shepherd",
    "Brewer",
    "Baker",
    "Cobbler",
    "Harbor",
    "Ridge",
    "Glen",
    "Marsh",
]


def _add(house: House, username: str, name: str, role: str, credentials: list[str]) -> None:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    person = actions.add_user.run(
        BOSS,
        username=username,
        name=name,
        password=PASSWORD,
        roles=[role],
        credentials=credentials,
        languages=["en", "es"],
        works=[f"{day} 08:00-21:30" for day in days],
        caseload=30,
    )
    house.staff.setdefault(role, []).append(person)


def _open_track(house: House, size: Size, number: int, first: date, today: date) -> None:
    site = house.sites[number % size.sites]
    here = number // size.sites
    days, (part, begins) = weekdays(here, today), TIMES[2 if size.tracks == 2 and here else (here // 2) % 3]
    label = f"{part} {'A' if here % 2 == 0 else 'B'}" + (f", {site.name}" if size.sites > 1 else "")
    track = program.open_track.run(BOSS, site=site, name=label, series=f"track-{number + 1}", minimum_minutes=540)
    house.tracks.append(track)
    leader = house.staff["counselor"][number]
    house.leaders[track.pk] = leader
    room = house.rooms[site.pk][(here // 6) % len(house.rooms[site.pk])]
    weeks = (today - first).days // 7 + 7
    house.groups[track.pk] = [
        program.open_group.run(
            BOSS,
            track=track,
            title=TITLES[block],
            session_kind=BLOCKS[block][0],
            component=BLOCKS[block][1],
            weekday=day,
            start_time=_later(begins, block * 75),
            minutes=60,
            leader=leader,
            room=room,
            capacity=15,
            starts_on=first,
            weeks=weeks,
        )
        for day in days
        for block in range(3)
    ]


def _later(begins: time, minutes: int) -> time:
    whole = begins.hour * 60 + begins.minute + minutes
    return time(whole // 60, whole % 60)


def sign_ins() -> list[tuple[str, str, str]]:
    """(role, sign-in name, name) for one person of each role, the client and the family member too."""
    wanted = [*STAFF, "client", "family"]
    found = []
    users = list(User.objects.filter(is_active=True).order_by("pk"))
    for role in wanted:
        person = next((u for u in users if role in u.roles and u.has_usable_password()), None)
        if person:
            found.append((role, person.username, person.name))
    return found
