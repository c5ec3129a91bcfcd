"""Reading a client's own work. Everything here passes the record gate."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Any

from django.db.models import QuerySet, Value
from django.utils import timezone

from middleground.engines.knowing import load
from middleground.kernel import clock
from middleground.records.models import Client

from . import words
from .models import (
    CheckIn,
    CopingStep,
    LessonProgress,
    Milestone,
    PreventionPlan,
    SupportPerson,
    Trigger,
    UseEpisode,
)


@dataclass(frozen=True)
class Trend:
    """Craving over time: `points` (day, craving, mood) oldest first. `claim` is "lower", "higher", "same", or "" when too few."""

    points: list[tuple[date, int, int | None]]
    needed: int
    claim: str
    first: float | None
    latest: float | None

    @property
    def enough(self) -> bool:
        return len(self.points) >= self.needed

    def sentence(self) -> str:
        """The claim in the reader's words; with too few points it says only that."""
        said = words.said(words.follow_up("sentences")[self.claim or "few"])
        return said.format(count=len(self.points), needed=self.needed, first=self.first, latest=self.latest)


def check_ins(client: Client, since: datetime | None = None) -> QuerySet[CheckIn]:
    """Check-ins, the latest first."""
    found = CheckIn.objects.filter(client=client)
    return found.filter(at__gte=since) if since else found


def check_in(check_in_id: int) -> CheckIn | None:
    return CheckIn.objects.filter(pk=check_in_id).first()


def trend(client: Client, days: int | None = None) -> Trend:
    """How cravings went over the last days. Fewer points than knowledge asks for: no claim."""
    rule = words.follow_up("trend")
    since = clock.now() - timedelta(days=days or rule["days"])
    rows = list(check_ins(client, since).order_by("at").values_list("at", "craving", "mood"))
    points = [(timezone.localdate(at), craving, mood) for at, craving, mood in rows]
    needed = words.points_for_a_trend()
    if len(points) < needed:
        return Trend(points, needed, "", None, None)
    half = len(points) // 2
    first, latest = (round(fmean(p[1] for p in part), 1) for part in (points[:half], points[half:]))
    change = latest - first
    claim = "same" if abs(change) < rule["points"] else "higher" if change > 0 else "lower"
    return Trend(points, needed, claim, first, latest)


@dataclass(frozen=True)
class WeekPattern:
    """Mean craving by weekday (0 Monday) with its count; `peak` is the weekday worth naming, or None."""

    means: dict[int, tuple[float, int]]
    peak: int | None
    enough: bool


def week_pattern(client: Client) -> WeekPattern:
    """Whether one weekday is harder than the rest. Small samples name no day. Source: knowledge/recovery/follow-up (D)."""
    rule = words.follow_up("week_pattern")
    by_day: dict[int, list[int]] = defaultdict(list)
    for at, craving in check_ins(client, clock.now() - timedelta(days=rule["days"])).values_list("at", "craving"):
        by_day[timezone.localtime(at).weekday()].append(craving)
    means = {day: (round(fmean(all_), 1), len(all_)) for day, all_ in sorted(by_day.items())}
    enough = sum(count for _, count in means.values()) >= words.points_for_a_trend()
    return WeekPattern(means, _peak(by_day, rule) if enough else None, enough)


def _peak(by_day: dict[int, list[int]], rule: dict[str, Any]) -> int | None:
    """The weekday with enough points whose mean stands out from all other days together."""
    for day, its in sorted(by_day.items(), key=lambda pair: -fmean(pair[1])):
        others = [craving for other, all_ in by_day.items() if other != day for craving in all_]
        if len(its) >= rule["per_day"] and others:
            return day if fmean(its) - fmean(others) >= rule["points"] else None
    return None


def paws_means(client_id: int, at: datetime) -> tuple[dict[str, float], dict[str, float]]:
    """Each PAWS item's mean in the 7 days up to `at`, and in the 7 days before those: (before, now)."""
    weeks: tuple[dict[str, list[int]], dict[str, list[int]]] = (defaultdict(list), defaultdict(list))
    rows = CheckIn.objects.filter(client_id=client_id, at__gt=at - timedelta(days=14), at__lte=at)
    for moment, paws in rows.values_list("at", "paws"):
        for item, value in paws.items():
            weeks[moment > at - timedelta(days=7)][item].append(value)
    before, now = ({item: fmean(values) for item, values in week.items()} for week in weeks)
    return before, now


@dataclass(frozen=True)
class CravingCard:
    """What stands on the card: own triggers and steps in words, people with phones, the ten-minute steps, own reasons."""

    triggers: list[str]
    steps: list[str]
    people: list[SupportPerson]
    reasons: list[str]
    ten_minutes: dict[str, Any]

    @property
    def is_empty(self) -> bool:
        return not (self.triggers or self.steps or self.people)


def craving_card(client: Client) -> CravingCard:
    """The client's craving card, from their triggers, coping steps, people and reasons."""
    plan = prevention_plan(client)
    help_ = load("crisis")["crisis-now"]["next_ten_minutes"]
    return CravingCard(
        [words.label("triggers", t.what) for t in triggers(client)],
        [words.label("coping-steps", s.text) for s in coping_steps(client)],
        [person for person in support_people(client) if person.ok_to_call],
        plan.reasons if plan else [],
        {
            "heading": words.said(help_["heading"]),
            "intro": words.said(help_["intro"]),
            "steps": [{"minute": step["minute"], "text": words.said(step)} for step in help_["steps"]],
        },
    )


def triggers(client: Client) -> QuerySet[Trigger]:
    return Trigger.objects.filter(client=client, active=True)


def coping_steps(client: Client) -> QuerySet[CopingStep]:
    return CopingStep.objects.filter(client=client, retired_at=None)


def support_people(client: Client) -> QuerySet[SupportPerson]:
    return SupportPerson.objects.filter(client=client, retired_at=None)


def prevention_plan(client: Client) -> PreventionPlan | None:
    """The plan in use."""
    return PreventionPlan.objects.filter(client=client, superseded_at=None).first()


def lesson_progress(client: Client) -> dict[str, LessonProgress]:
    """How far the client is, by lesson id."""
    return {row.lesson: row for row in LessonProgress.objects.filter(client=client)}


def use_episodes(client: Client) -> QuerySet[UseEpisode]:
    """Returns to use, the latest first."""
    return UseEpisode.objects.filter(client=client).select_related("recorded_by")


def milestones(client: Client) -> QuerySet[Milestone]:
    return Milestone.objects.filter(client=client).select_related("recorded_by")


def events(client: Client, most: int = 30) -> list[tuple[date, str]]:
    """(day, words) of milestones and returns to use, the latest first, in one read; a return to use has no words ("")."""
    marks = Milestone.objects.filter(client=client).order_by().values_list("on", "words")
    uses = UseEpisode.objects.filter(client=client).order_by().values_list("on", Value(""))
    return list(marks.union(uses, all=True).order_by("-on")[:most])


def next_right_steps() -> list[str]:
    """What to do after a use, in the reader's words. Source: knowledge/crisis/now, after_use."""
    return [words.said(step) for step in load("crisis")["crisis-now"]["after_use"]["steps"]]
