"""Taking a planned week that was booked as a whole back, until its Monday: groups that moved or stopped, who joined and left,
appointments.

Each part goes back whole or stays whole: what somebody changed since, and what no longer has room, stays as it is and is told.
"""

from collections.abc import Callable, Iterator
from datetime import date

from django.utils import timezone

from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything
from middleground.kernel.errors import NotAllowed, Refused
from middleground.program.joining import coming, depart, seat
from middleground.program.models import Group, Membership, Session
from middleground.program.scheduling import call_off_session, people_expected, rebook
from middleground.program.telling import tell_week
from middleground.records.actions import put_on_team
from middleground.records.models import Client

from . import counselors
from .booking import plan_in_force, supersede
from .booking_whole import end
from .instance import state_of
from .kept import check_site
from .models import WeekPlan
from .moving import place_of, seat_all, stands, whole_group
from .moving_back import MovingBack, hold
from .planning import PLANNERS, reach
from .proposed import Proposal
from .repairing import decide, give_back, locked, put_back, words_of

WHY = "A planned week was taken back"
# ("move", id of the move), ("group", id), ("talk", id of the session), ("client", id) or ("counselor", id of the client)
Part = tuple[str, int]


class Stays(Exception):
    """A part that can't go back, and why."""

    def __init__(self, part: Part, why: str) -> None:
        self.part, self.why = part, why
        super().__init__(why)


@action("Take back a planned week", by=PLANNERS, purpose="operations", fresh="proposal")
def undo_whole_plan(act: Act, proposal: Proposal) -> Proposal:
    """Groups, people's groups and appointments as they were before the plan was booked. `done["stays"]`: what is left, in words.

    Raises `Refused` once its week has begun, for a plan that was not booked as a whole, and when nothing of it can go back.
    """
    check(act, proposal)
    stays: dict[Part, str] = {}
    while True:
        back = None
        try:
            with act.trying():
                back = TakingBack(act, proposal, stays)
                back.all()
            break
        except Stays as no:
            stays[no.part] = no.why
    if not back.parts:
        raise Refused(f"Nothing was taken back. {' '.join(stays.values())}")
    proposal.done |= {"stays": list(stays.values())}
    decide(act, proposal, Proposal.Status.UNDONE)
    left = f", but {len(stays)} changes stay" if stays else ""
    act.says(f"Took back the planned week from {proposal.monday}: {len(back.parts)} changes{left}")
    return proposal


def check(act: Act, proposal: Proposal) -> None:
    sites = reach(act.actor)
    if sites is not None and proposal.site_id not in sites:
        raise Refused("You don't plan the week of this site.")
    if not can_go_back(proposal):
        raise Refused("Only a plan that was booked as a whole can be taken back.")
    if proposal.monday <= timezone.localdate(act.now):
        raise Refused("This week has begun. Groups that moved go back on the week board; change the rest by hand.")


def can_go_back(proposal: Proposal) -> bool:
    return proposal.question == "plan" and proposal.status == Proposal.Status.APPLIED and "joined" in proposal.done


class TakingBack:
    """One try to take everything back that is not known to stay. First all is given back, then all is booked as it was."""

    def __init__(self, act: Act, proposal: Proposal, stays: dict[Part, str]) -> None:
        self.act, self.done, self.monday, self.stays = act, proposal.done, proposal.monday, stays
        with everything("the parts of a planned week"):
            joined = Membership.objects.filter(pk__in=self.done["joined"])
            left = Membership.objects.filter(pk__in=[row["membership"] for row in self.done["left"]])
            self.joined, self.left = (
                list(of.select_related("client", "group__room", "episode")) for of in (joined, left)
            )
            self.moved = list(Proposal.objects.filter(pk__in=self.done["moves"], status=Proposal.Status.APPLIED))
            self.weeks = list(WeekPlan.objects.filter(pk__in=[row["before"] for row in self.done["weeks"]]))
        self.until = {row["membership"]: row for row in self.done["left"]}
        self.counselors = {row["client"]: row["user"] for row in self.done.get("counselors", ())}
        self.stopped = {row["group"]: row for row in self.done["stopped"]}
        self.groups = Group.objects.select_related("room", "leader", "co_leader", "site").in_bulk(self.stopped)
        talks = self.done["talks"]
        self.talks = locked([*map(int, talks["after"]), *talks["talks"]])
        self.off = locked(int(pk) for row in self.stopped.values() for pk in row["sessions"])
        self.back: dict[int, MovingBack] = {}
        self.parts = [part for part in self.every() if part not in stays]

    def every(self) -> Iterator[Part]:
        yield from (("move", move.pk) for move in self.moved)
        yield from (("group", pk) for pk in self.stopped)
        yield from (("client", pk) for pk in sorted({m.client_id for m in (*self.joined, *self.left)}))
        yield from (("talk", pk) for pk in self.talks)
        yield from (("counselor", pk) for pk in self.counselors)

    def all(self) -> None:
        self.each(
            {
                "move": self.look_at_move,
                "group": self.look_at_group,
                "client": self.look_at_client,
                "talk": self.look_at_talk,
                "counselor": self.look_at_counselor,
            }
        )
        self.each({"client": self.leave, "talk": self.lift_talk, "move": lambda pk: self.back[pk].lift()})
        self.each({"move": lambda pk: self.back[pk].put(), "group": self.run_again, "client": self.belong_again})
        self.each({"move": lambda pk: self.back[pk].book(), "group": self.book_group})
        self.each({"move": lambda pk: self.back[pk].settle(), "group": self.seat_group, "client": self.sit_again})
        self.each({"talk": self.talk_again, "counselor": self.part_from_counselor})

    def each(self, doing: dict[str, Callable[[int], None]]) -> None:
        for part in self.parts:
            if part[0] not in doing:
                continue
            try:
                doing[part[0]](part[1])
            except NotAllowed:
                raise
            except Refused as no:
                raise Stays(part, f"{self.named(part)}: {no.message}") from None

    def named(self, part: Part) -> str:
        sort, pk = part
        if sort == "move":
            return next(str(move.asked["title"]) for move in self.moved if move.pk == pk)
        if sort == "group":
            return self.groups[pk].title
        return name_of(self.talks[pk].client_id if sort == "talk" else pk)

    # ---- whether somebody changed it since -------------------------------------------------------------------------

    def look_at_move(self, pk: int) -> None:
        move = next(move for move in self.moved if move.pk == pk)
        group = whole_group(Group(pk=move.asked["group"]))
        if place_of(group) != move.done["after"]:
            raise Refused(f"moved again since, it is on {stands(group)}.")
        self.back[pk] = MovingBack(self.act, move)

    def look_at_group(self, pk: int) -> None:
        ends = self.groups[pk].ends_on
        if (ends and ends.isoformat()) != self.stopped[pk]["ends"]:
            raise Refused("somebody changed when it ends.")
        changed = [s for s in self.off_of(pk) if state_of(s) != self.stopped[pk]["sessions"][str(s.pk)]]
        if changed:
            raise Refused(f"somebody changed a session since. {words_of(changed[0])}")

    def off_of(self, pk: int) -> list[Session]:
        return [s for s in self.off.values() if s.group_id == pk]

    def look_at_client(self, pk: int) -> None:
        joined, left = self.of(pk)
        if any(not m.episode.is_open for m in (*joined, *left)):
            raise Refused("no longer in care.")
        for membership in (*joined, *left):
            wanted = self.until[membership.pk]["ends"] if membership.pk in self.until else None
            if (membership.until and membership.until.isoformat()) != wanted:
                raise Refused(f"somebody changed how long they are in {membership.group.title}.")
        made = next(row["made"] for row in self.done["weeks"] if row["client"] == pk)
        now = plan_in_force((joined or left)[0].episode)
        if (now and now.pk) != made:
            raise Refused("another week was booked since.")
        stopped = [
            m.group.title for m in left if m.group_id in self.stopped and ("group", m.group_id) not in self.parts
        ]
        if stopped:
            raise Refused(f"{stopped[0]} is not held again.")

    def of(self, client: int) -> tuple[list[Membership], list[Membership]]:
        joined, left = ([m for m in rows if m.client_id == client] for rows in (self.joined, self.left))
        return joined, left

    def look_at_talk(self, pk: int) -> None:
        session, kept = self.talks[pk], self.done["talks"]
        if state_of(session) != (kept["after"] | kept["made"])[str(pk)]:
            raise Refused(f"somebody changed the appointment since. {words_of(session)}")

    def look_at_counselor(self, pk: int) -> None:
        stay = [of for of in self.stays if of[0] in ("client", "talk")]
        if pk in {self.talks[of].client_id if sort == "talk" else of for sort, of in stay}:
            raise Refused("so their counselor stays, too.")
        if not counselors.is_theirs(pk, self.counselors[pk]):
            raise Refused("somebody changed who their counselor is.")

    # ---- giving back -----------------------------------------------------------------------------------------------

    def leave(self, pk: int) -> None:
        joined, _ = self.of(pk)
        for membership in joined:
            depart(self.act, [membership], membership.since - date.resolution, WHY)

    def lift_talk(self, pk: int) -> None:
        if pk in self.done["talks"]["talks"]:
            call_off_session.within(self.act, session=self.talks[pk], reason="other")
        else:
            give_back(self.act, self.talks[pk], ())

    # ---- as it was -------------------------------------------------------------------------------------------------

    def run_again(self, pk: int) -> None:
        until = self.stopped[pk]["until"]
        end(self.act, self.groups[pk], until and date.fromisoformat(until))
        for session in self.off_of(pk):
            off = state_of(session)
            hold(self.act, session)
            check_site(session, off)

    def belong_again(self, pk: int) -> None:
        _, left = self.of(pk)
        for membership in left:
            until = self.until[membership.pk]["until"]
            belong(self.act, membership, until and date.fromisoformat(until))
        plan = next((row for row in self.weeks if row.client_id == pk), None)
        supersede(self.act, plan_in_force((*left, *self.of(pk)[0])[0].episode))
        if plan is not None:
            in_force(self.act, plan)

    def book_group(self, pk: int) -> None:
        for session in self.off_of(pk):
            rebook(self.act, session)

    def seat_group(self, pk: int) -> None:
        sessions = self.off_of(pk)
        seat_all(self.act, sessions)
        people = {c for each in people_expected(sessions).values() for c in each}
        self.act.about(*people)
        tell_week(self.act, people, [self.groups[pk].leader_id, self.groups[pk].co_leader_id])

    def sit_again(self, pk: int) -> None:
        """Their seats where no group went back as a whole, the leaders' care relation, and the news."""
        joined, left = self.of(pk)
        seated = {s.pk for back in self.back.values() for s in back.sessions} | set(self.off)
        client, leads = (*left, *joined)[0].client, lambda m: (m.group.leader_id, m.group.co_leader_id)
        for membership in left:
            sessions = coming(self.act, [membership.group], max(self.monday, membership.since), membership.until)
            seat(self.act, client, [s for s in sessions if s.pk not in seated])
            for user_id in filter(
                None, Group.objects.filter(pk=membership.group_id).values_list("leader", "co_leader")[0]
            ):
                put_on_team(self.act, client, user_id, "group-leader", membership.since, None)
        tell_week(self.act, [client], [user for m in (*joined, *left) for user in leads(m)])
        self.act.about(client)

    def part_from_counselor(self, pk: int) -> None:
        with everything("whose counselor was chosen by a plan"):
            client = Client.objects.get(pk=pk)
        counselors.take_back(self.act, client, self.counselors[pk])

    def talk_again(self, pk: int) -> None:
        if pk not in self.done["talks"]["talks"]:
            put_back(self.act, [self.talks[pk]], self.done["talks"])


def belong(act: Act, membership: Membership, until: date | None) -> None:
    membership.until, membership.why_left = until, ""
    membership.save(update_fields=["until", "why_left"])


def in_force(act: Act, plan: WeekPlan) -> None:
    plan.status, plan.superseded_at = WeekPlan.Status.BOOKED, None
    plan.save(update_fields=["status", "superseded_at"])


def name_of(pk: int | None) -> str:
    """Of somebody one may know."""
    found = Client.objects.filter(pk=pk).first()
    return found.short if found else "A client"
