"""When somebody who asks today would begin, from how long others waited; and how often that would have held."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import timezone

from middleground.admissions.models import Inquiry
from middleground.engines.outcomes.starting import BackTest, Began, Promised, back_test, holds, promised
from middleground.kernel import clock

DAYS = 730  # how far back waits are looked at


@dataclass(frozen=True)
class Promise:
    """`ahead` wait today. `told` is None while too few have begun; `test` says how often such promises held."""

    ahead: int
    told: Promised | None
    test: BackTest
    history: tuple[Began, ...]

    @property
    def holds(self) -> bool:
        return holds(self.test)

    @property
    def percent(self) -> int | None:
        return None if self.test.share is None else round(100 * self.test.share)

    def days(self, told: Promised | None = None) -> tuple[date, date, date] | None:
        """The earliest day, the likely one, the latest one."""
        found, today = told or self.told, clock.today()
        if found is None:
            return None
        return (
            today + timedelta(days=found.early),
            today + timedelta(days=found.likely),
            today + timedelta(days=found.late),
        )

    def with_ahead(self, ahead: int) -> Promised | None:
        """The promise if so many waited."""
        return promised(self.history, clock.today(), max(0, ahead))


@lru_cache(maxsize=16)
def tried(history: tuple[Began, ...]) -> BackTest:
    """The back-test of a history, worked out once for as long as nobody begins."""
    return back_test(history)


def day(at: datetime) -> date:
    return timezone.localdate(at)


def promise(site_id: int) -> Promise:
    """Of one site, through the gate: dates only, one statement."""
    today = clock.today()
    rows = Inquiry.objects.filter(site=site_id, received_at__gte=clock.now() - timedelta(days=DAYS)).order_by(
        "received_at"
    )
    dates = [
        (day(asked), began, closed)
        for asked, began, closed in rows.values_list("received_at", "first_session_at", "closed_at")
    ]
    starts = [asked for asked, _, _ in dates]
    ends = sorted(day(began or closed) if began or closed else date.max for _, began, closed in dates)
    history = tuple(
        Began(asked, day(began), bisect_left(starts, asked) - bisect_left(ends, asked))
        for asked, began, _ in dates
        if began
    )
    ahead = len(starts) - bisect_left(ends, today)
    return Promise(ahead, promised(history, today, ahead), tried(history), history)
