"""What is going to happen, kept in order."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

Happen = Callable[[], None]
BATCH = 200


class Calendar:
    """Events at moments. Those at one moment happen in the order in which they were entered."""

    def __init__(self) -> None:
        self._events: list[tuple[datetime, int, Happen]] = []

    def __len__(self) -> int:
        return max(1, len(self._events))

    def enter(self, day: date, hour: int, happen: Happen, minute: int = 0) -> None:
        """Something happens on a day at an hour of the clinic's clock."""
        moment = timezone.make_aware(datetime.combine(day, time(hour, minute)))
        self._events.append((moment, len(self._events), happen))

    def batches(self, until: datetime) -> Iterator[list[tuple[datetime, Happen]]]:
        """The events up to a moment, in order, in lots that make one transaction each."""
        events = [
            (moment, happen)
            for moment, _, happen in sorted(self._events, key=lambda e: e[:2])
            if moment <= until - timedelta(minutes=1)
        ]
        for start in range(0, len(events), BATCH):
            yield events[start : start + BATCH]
