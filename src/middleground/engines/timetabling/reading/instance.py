"""What an instance of a week looks like: field by field, the shape it has (timetabling contract, sections 2, 3 and 12)."""

from typing import Any

from ..times import DAY, TELEHEALTH, interval
from .shapes import (
    Anything,
    ByName,
    Flag,
    Kinds,
    Many,
    OneOf,
    OrNull,
    Ref,
    Row,
    Secret,
    Shape,
    Text,
    Then,
    Time,
    Which,
    Whole,
)
from .walking import Path, Walk

FORMAT = "middleground-timetable/1"
MOST_CLIENTS, MOST_GROUPS, MOST_STARTS, MOST_STAFF, MOST_SESSIONS = 2_000, 2_000, 20, 500, 1_000

ID = Text()
WORDS = Many(Text())
AMOUNT, LENGTH = Whole(), Whole(1, DAY)
MOMENT, INTERVAL = Time(long=False), Time(long=True)
INTERVALS = Many(INTERVAL)
SITE, STAFF, ROOM, GROUP = Ref(("sites",)), Ref(("staff",)), Ref(("rooms",)), Ref(("groups",))
CLIENT = Ref(("clients", "joins"))
NAMED_CLIENT = Ref(("clients", "joins", "newcomers"))


def not_at_home(walk: Walk, rows: Any, path: Path) -> None:
    for i, row in enumerate(rows):
        if row["id"] == TELEHEALTH:
            walk.say("double-id", f"{TELEHEALTH} is already the word for a place.", ((path, i), "id"))


def one_leg_a_pair(walk: Walk, rows: Any, path: Path) -> None:
    seen: set[frozenset[str]] = set()
    for i, row in enumerate(rows):
        ends, at = frozenset(row["between"]), ((path, i), "between")
        if len(ends) < 2:
            walk.say("out-of-range", "The way from a site to itself is no way.", at)
        elif ends in seen:
            walk.say("double-id", "The way between these two sites stands twice.", at)
        seen.add(ends)


def no_overlap(walk: Walk, rows: Any, path: Path) -> None:
    latest, holder = -1, 0
    for (start, end), i in sorted((interval(row["at"]), i) for i, row in enumerate(rows)):
        if start < latest:
            walk.say("overlap", "Two free intervals of this client overlap here.", ((path, max(i, holder)), "at"))
        if end > latest:
            latest, holder = end, i


def two_people(walk: Walk, rows: Any, path: Path) -> None:
    """A client first, and somebody else."""
    for i, row in enumerate(rows):
        one, two = row["who"]
        NAMED_CLIENT.look(walk, one, (path, i))
        if one == two:
            walk.say("double-id", "Nobody is kept apart from themselves.", (path, i))


def not_yet_a_client(walk: Walk, rows: Any, path: Path) -> None:
    for i, row in enumerate(rows):
        if row["id"] in walk.known["clients"] | walk.known["joins"]:
            walk.say("double-id", "There is a client with this id.", ((path, i), "id"))


def in_turn(walk: Walk, rows: Any, path: Path) -> None:
    """Events in their order: who joins is new, and nothing happens to somebody who isn't there."""
    here, ever = set(walk.known["clients"]), set(walk.known["clients"])
    for i, row in enumerate(rows):
        who = row.get("client")
        if row["event"] == "client-joins":
            if who["id"] in ever:
                walk.say("double-id", "There is a client with this id.", (((path, i), "client"), "id"))
            here.add(who["id"])
            ever.add(who["id"])
        elif who is not None and who not in here:
            walk.say("bad-event", "This client is not there when it happens.", ((path, i), "client"))
        if row["event"] == "client-leaves":
            here.discard(who)


CLIENT_ROW = Row(
    {
        "id": ID,
        "languages": WORDS,
        "counselor": OrNull(STAFF),
        "travel": ByName(SITE, Whole(0, DAY)),
        "telehealth_max": AMOUNT,
        "free": Then(Many(Row({"at": INTERVAL}, {"cost": Whole(0, 3)})), no_overlap),
        "prescribed": AMOUNT,
        "payer": Row({"minutes": AMOUNT, "days": AMOUNT}),
        "max_week": AMOUNT,
        "days_max": AMOUNT,
        "day": Row({"min": AMOUNT, "max": AMOUNT}),
        "mix": Many(Row({"kind": Text()}, {"min": Whole(0, MOST_SESSIONS), "max": AMOUNT})),
        "sessions": Many(
            Row(
                {"kind": Text(), "minutes": LENGTH, "count": Whole(0, MOST_SESSIONS), "required": Flag()},
                {"when": INTERVALS},
            ),
            key="kind",
        ),
    },
    {"tags": WORDS, "busy": Many(Row({"at": INTERVAL, "what": Text()})), "done": WORDS},
)
STAFF_ROW = Row(
    {
        "id": ID,
        "leads": WORDS,
        "credentials": WORDS,
        "languages": WORDS,
        "works": Many(Row({"at": INTERVAL, "site": OrNull(SITE)})),
        "max_day": AMOUNT,
        "max_week": AMOUNT,
        "caseload": AMOUNT,
        "break": Row({"every": AMOUNT, "minutes": AMOUNT}),
    },
    {"off": INTERVALS},
)
GROUP_ROW = Row(
    {
        "id": ID,
        "kind": Text(),
        "minutes": LENGTH,
        "starts": Many(MOMENT, MOST_STARTS),
        "place": Ref(("sites",), (TELEHEALTH,)),
        "min": AMOUNT,
        "max": AMOUNT,
        "co_above": AMOUNT,
        "credentials": WORDS,
        "language": Text(),
    },
    {"series": OrNull(Text()), "only": WORDS},
)
ROOM_ROW = Row({"id": ID, "site": SITE, "kind": Text(("group", "office")), "seats": AMOUNT}, {"closed": INTERVALS})
PAIR = Row({"who": Many(Ref((*NAMED_CLIENT.tables, "staff")), 2, exact=True), "where": Text(("group", "site"))})
PLACE: dict[str, Shape] = {"start": MOMENT, "room": OrNull(ROOM)}
PIN = Which(
    "id",
    Row({"id": GROUP}, PLACE | {"lead": STAFF, "co": OrNull(STAFF), "members": Many(CLIENT)}),
    Row({"client": CLIENT}, PLACE | {"kind": Text(), "staff": STAFF}),
)
HELD_GROUP = Row(
    {"id": GROUP, "start": MOMENT, "lead": STAFF, "members": Many(Ref(("clients",)))},
    {"room": OrNull(ROOM), "co": OrNull(STAFF)},
)
HELD_SESSION = Row(
    {"client": Ref(("clients",)), "kind": Text(), "start": MOMENT, "staff": STAFF}, {"room": OrNull(ROOM)}
)
ALONGSIDE = ("format", "instance", "question", "status", "objective", "levels", "work", "version", "order", "tell")
CURRENT = Row(
    {"groups": Many(HELD_GROUP, key="id"), "sessions": Many(HELD_SESSION)},
    {"counselors": ByName(Ref(("clients",)), STAFF)} | dict.fromkeys((*ALONGSIDE, "reasons"), Anything()),
)
WORD = Text()
EVENT = Kinds(
    "event",
    {
        "staff-off": Row({"event": WORD, "staff": STAFF, "at": INTERVAL}),
        "room-closed": Row({"event": WORD, "room": ROOM, "at": INTERVAL}),
        "client-busy": Row({"event": WORD, "client": CLIENT, "at": INTERVAL}),
        "client-leaves": Row({"event": WORD, "client": CLIENT}),
        "client-joins": Row({"event": WORD, "client": CLIENT_ROW}),
    },
    "bad-event",
)
TARGET = OneOf(Text(("payer", "prescribed")), AMOUNT)
INSTANCE = Row(
    {
        "format": Text((FORMAT,)),
        "id": ID,
        "sites": Then(Many(Row({"id": ID, "open": INTERVALS}), key="id"), not_at_home),
        "rooms": Many(ROOM_ROW, key="id"),
        "staff": Many(STAFF_ROW, MOST_STAFF, key="id"),
        "groups": Many(GROUP_ROW, MOST_GROUPS, key="id"),
        "clients": Many(CLIENT_ROW, MOST_CLIENTS, key="id"),
    },
    {
        "question": Text(("plan", "repair", "offer", "explain")),
        "step": Whole(15, DAY, 15),
        "travel": Then(Many(Row({"between": Many(SITE, 2, exact=True), "minutes": Whole(0, DAY)})), one_leg_a_pair),
        "apart": Secret(Then(Many(PAIR), two_people)),
        "pins": Many(PIN),
        "current": OrNull(CURRENT),
        "events": Then(Many(EVENT), in_turn),
        "now": OrNull(MOMENT),
        "newcomers": Then(Many(CLIENT_ROW, MOST_CLIENTS, key="id"), not_yet_a_client),
        "count": Whole(1, MOST_SESSIONS),
        "asks": Many(Row({"client": Ref(("clients",)), "target": TARGET})),
    },
)
