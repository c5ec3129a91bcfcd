"""The best that can still come of a week that has begun: never too low, so that nothing good is cut."""

from collections.abc import Iterable, Sequence
from functools import cache

from .asked import FitClient
from .days import Bits, Choice
from .joining import Seat

Promise = tuple[int, int]  # below_payer, short_minutes


class Hope:
    """Bounds for one client. Day `index` counts the days that have groups, not the days of the week."""

    def __init__(
        self,
        client: FitClient,
        seats: Sequence[Seat],
        days: Sequence[int],
        options: Sequence[list[Choice]],
        series: Bits,
    ) -> None:
        self.client, self.days = client, days
        self.reach = reachable(options)
        self.alone = [sum(each.minutes for each in seats if each.series is None and each.day >= day) for day in days]
        self.weights = [weights(seats, day, series) for day in [*days, days[-1] + 1]] if days else []
        self.alone.append(0)
        self.promise = cache(self._promise)
        self.gain = cache(self._gain)

    def _promise(self, index: int, days: int, minutes: int, series: int, more: int) -> Promise:
        """The best (below_payer, short_minutes) from before day `index` on, with `more` series that are new."""
        room = max(0, min(self.client.max_week - minutes, self.gain(index, series, more)))
        within = (1 << (room + 1)) - 1
        left = range(min(self.client.days_max - days, len(self.days) - index) + 1)
        return min(
            self.verdict(days + j, minutes + (self.reach[index][j] & within).bit_length() - 1)
            for j in left
            if self.reach[index][j] & within
        )

    def _gain(self, index: int, series: int, more: int) -> int:
        """At most so many minutes can still come of the series already met, of `more` new ones and of groups of no series."""
        rows = self.weights[index]
        met = sum(minutes for minutes, bit in rows if bit & series)
        new = [minutes for minutes, bit in rows if not bit & series][:more]
        return self.alone[index] + met + sum(new)

    def verdict(self, days: int, minutes: int) -> Promise:
        payer = self.client.payer
        return int(minutes < payer.minutes or days < payer.days), max(0, self.client.prescribed - minutes)


def weights(seats: Sequence[Seat], day: int, series: Bits) -> list[tuple[int, int]]:
    """(minutes of all its groups from that day on, bit or 0) of each series, the heaviest first."""
    total: dict[str, int] = {}
    for seat in seats:
        if seat.series is not None and seat.day >= day:
            total[seat.series] = total.get(seat.series, 0) + seat.minutes
    return sorted(((minutes, series.bit.get(name, 0)) for name, minutes in total.items()), reverse=True)


def reachable(options: Sequence[list[Choice]]) -> list[list[int]]:
    """For each day: the minutes (a bit set) that it and later days can add on exactly j days, other rules aside."""
    rows = [[1] + [0] * len(options)]
    for held in reversed(options):
        after, lengths = rows[0], {each.minutes for each in held}
        rows.insert(
            0, [after[0]] + [after[j] | union(after[j - 1] << m for m in lengths) for j in range(1, len(after))]
        )
    return rows


def union(masks: Iterable[int]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole
