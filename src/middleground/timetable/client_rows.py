"""The clients' rows of the clinic's own instance: when they can come, what they need in all, and how much they may have."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from middleground.engines.timetabling.clinic import joined
from middleground.engines.timetabling.times import CELL, DAY, Span, interval, interval_text
from middleground.program.models import Session

from . import queries
from .fitting import telehealth_max, week_limits
from .spans import by_day, joined_by_day, outside, texts
from .standing import Standing
from .taken import Taken, length

Row = dict[str, Any]


@dataclass(frozen=True)
class ClientRows:
    """`of_client`: the sessions that are rows of the plan; `taken`: what they have beside, by name ("c3"); `by_video`: whether
    any group is held by telehealth. What can't be said of them goes into `warnings`."""

    facts: Standing
    known: Row
    spans: Mapping[int, Span]
    of_client: Mapping[int, Sequence[Session]]
    taken: Mapping[str, Sequence[Taken]]
    by_video: bool
    warnings: list[str]

    def row(self, pk: int) -> Row:
        """Needs and limits are those of the whole week: `taken.lessen` takes off what they have beside the plan."""
        episode, own, beside = self.facts.episodes[pk], self.of_client.get(pk, ()), self.taken.get(f"c{pk}", ())
        need = queries.need(episode, episode.payer).payer  # type: ignore[attr-defined]
        limits = self.limits(episode.prescribed_minutes, own, beside)
        travel = self.travel(pk, own)
        needed = self.needed(own, travel)
        counselor = self.facts.counselors.get(pk)
        here = {user.pk for user in self.facts.staff}
        return {
            "id": f"c{pk}",
            "languages": sorted({episode.client.language, *(s.group.language for s in own if s.group is not None)}),
            "tags": sorted(self.facts.populations.get(pk, frozenset()).union(*(s.group.only for s in own if s.group))),
            "counselor": f"st{counselor}" if counselor in here else None,
            "travel": travel,
            "telehealth_max": self.telehealth(own, beside, limits["max_week"]),
            "free": self.free(pk, needed),
            "busy": [{"at": at, "what": "taken"} for at in texts(self.busy(pk, beside, needed))],
            "prescribed": episode.prescribed_minutes,
            "payer": {"minutes": need.minutes, "days": need.days},
            **limits,
            "mix": self.mix(own, beside),
            "sessions": self.wishes(own, beside),
        }

    def limits(self, prescribed: int, own: Iterable[Session], beside: Iterable[Taken]) -> Row:
        """Of the week and its days with all they have; how long a day may be, with what they have of it in the plan."""
        days = Counter[int]()
        for session in own:
            days[self.at(session)[0] // DAY] += self.length(session)
        in_plan = week_limits(prescribed, days)
        for each in beside:
            days[each.day] += each.minutes
        return week_limits(prescribed, days) | {"day": in_plan["day"]}

    def at(self, session: Session) -> Span:
        return self.spans[session.pk]

    def length(self, session: Session) -> int:
        return length(session, self.at(session))

    def mix(self, own: Iterable[Session], beside: Iterable[Taken]) -> list[Row]:
        """The groups of the track they are mostly in; never fewer than they have of a kind."""
        groups = [s.group for s in own if s.group is not None]
        tracks = Counter(group.track.series for group in groups)
        series = max(sorted(tracks), key=tracks.__getitem__, default="default")
        have = Counter([*(group.session_kind for group in groups), *(each.kind for each in beside if not each.talk)])
        rows = self.known["mix"].get(series, self.known["mix"]["default"])
        return [{**row, "max": max(row["max"], have[row["kind"]])} if "max" in row else dict(row) for row in rows]

    def telehealth(self, own: Iterable[Session], beside: Iterable[Taken], week: int) -> int:
        """By the one rule for everybody; where no group is held by telehealth, no talk is but those that are now."""
        booked = sum(self.length(s) for s in own if s.room_id is None) + sum(e.minutes for e in beside if e.remote)
        return telehealth_max(week, booked) if self.by_video else booked

    def travel(self, pk: int, own: Iterable[Session]) -> dict[str, int]:
        """Minutes to each site: as they said; their own site, and where they are booked, is no time away if nobody said."""
        said = self.facts.said[pk].travel if pk in self.facts.said else {}
        home = self.facts.episodes[pk].client.site_id
        known = {str(home): 0, **{str(s.site_id): 0 for s in own if s.room_id}, **said}
        return {f"s{s.pk}": known[str(s.pk)] for s in self.facts.sites if str(s.pk) in known}

    def needed(self, own: Iterable[Session], travel: Mapping[str, int]) -> list[Span]:
        """The hours in which they are booked, with the way there and back."""
        found = []
        for session in own:
            start, end = self.at(session)
            margin = -(-travel.get(f"s{session.site_id}", 0) // CELL) * CELL if session.room_id else 0
            found += by_day(max(0, start - margin), min(7 * DAY, end + margin))
        return found

    def busy(self, pk: int, beside: Iterable[Taken], needed: Sequence[Span]) -> list[Span]:
        """What they have beside the plan, and the hours in which a repair was told that they can't come, but for what they still
        come to."""
        told = self.facts.held[f"client:{pk}"]
        return [*(each.span for each in beside), *(piece for span in told for piece in outside(span, needed))]

    def free(self, pk: int, needed: Iterable[Span]) -> list[Row]:
        """What they said, else what they gave with their request; and at a cost the hours in which they are booked anyway."""
        if pk in self.facts.said:
            given = [dict(each) for each in self.facts.said[pk].intervals]
        else:
            given = [{"at": at, "cost": 0} for at in texts(map(interval, self.facts.asked.get(pk, ())))]
        known = joined(interval(each["at"]) for each in given)
        extra = [piece for span in joined(needed) for part in by_day(*span) for piece in outside(part, known)]
        if extra:
            told = "they are booked outside the hours they gave" if given else "nothing is known of when they can come"
            self.warnings.append(f"client c{pk}: {told}; the hours of this week stand as disliked ones")
        return [*given, *({"at": interval_text(e), "cost": self.known["cost_outside"]} for e in joined_by_day(extra))]

    def wishes(self, own: Iterable[Session], beside: Iterable[Taken]) -> list[Row]:
        """The kinds of talks that can be had, and those they have."""
        keys = ("kind", "minutes", "count", "required")
        found = {row["kind"]: {key: row[key] for key in keys} for row in self.known["sessions"]}
        held = [s for s in own if s.client_id]
        more = Counter(each.kind for each in beside if each.talk)
        for kind, count in sorted(Counter(s.session_kind for s in held).items()):
            longest = max(self.length(s) for s in held if s.session_kind == kind)
            usual = found.get(kind, {"minutes": longest, "count": 0})
            minutes = longest if kind not in found or longest > usual["minutes"] else usual["minutes"]
            most = max(count + more[kind], usual["count"])
            found[kind] = {"kind": kind, "minutes": minutes, "count": most, "required": False}
        return list(found.values())
