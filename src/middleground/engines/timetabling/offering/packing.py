"""What a week adds up to, packed into one int: each count has its own bits and a guard bit that is set when it goes over its limit."""

from collections.abc import Sequence

from ..clinic import Client, Wish, within
from ..packed import Fields
from ..times import TELEHEALTH

MINUTES_BITS, DAYS_BITS, SMALL_BITS = 15, 4, 9


def wishes(client: Client) -> tuple[Wish, ...]:
    """The 1:1 kinds asked for, each kind once."""
    return tuple({wish.kind: wish for wish in reversed(client.sessions)}.values())[::-1]


class Packing(Fields):
    """The counts of one client: minutes, days, telehealth minutes, sessions not with the counselor, groups of each mix
    kind, sessions of each kind. `packed & guards` tells whether a limit of H12 or H13 is passed."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client
        self.wishes = wishes(client)
        self.minutes = self.field(MINUTES_BITS, client.max_week)
        self.days = self.field(DAYS_BITS, client.days_max)
        self.telehealth = self.field(MINUTES_BITS, client.telehealth_max)
        self.strange = self.field(SMALL_BITS, None)
        self.mix = [self.field(SMALL_BITS, rule.most) for rule in client.mix]
        self.sessions = [self.field(SMALL_BITS, wish.count) for wish in self.wishes]
        self.home = client.telehealth_max < client.max_week  # else telehealth needs no counting of its own
        self.group_adds: dict[tuple[str, int, bool], int] = {}

    def group(self, kind: str, minutes: int, place: str) -> int:
        """What a group adds."""
        key = (kind, minutes, self.home and place == TELEHEALTH)
        if key not in self.group_adds:
            added = minutes * self.minutes.one + (minutes * self.telehealth.one if key[2] else 0)
            for rule, field in zip(self.client.mix, self.mix, strict=True):
                added += field.one if within(kind, rule.kind) else 0
            self.group_adds[key] = added
        return self.group_adds[key]

    def session(self, index: int, place: str, strange: bool) -> int:
        """What a session of a wished kind adds; `strange`: not with the counselor."""
        minutes = self.wishes[index].minutes
        added = minutes * self.minutes.one + self.sessions[index].one
        added += minutes * self.telehealth.one if self.home and place == TELEHEALTH else 0
        return added + (self.strange.one if strange else 0)

    def days_left(self, packed: int) -> int:
        """How many more days may be used (H12)."""
        return self.client.days_max - self.days.read(packed)

    def first_levels(self, packed: int, more: int = 0, days: int = 0) -> tuple[int, int]:
        """Levels 1 and 2 when at most so many minutes and days could still be added."""
        client = self.client
        minutes = min(self.minutes.read(packed) + more, max(client.max_week, self.minutes.read(packed)))
        met = minutes >= client.payer_minutes and self.days.read(packed) + days >= client.payer_days
        return int(not met), max(0, client.prescribed - minutes)

    def missing(self, packed: int, more: Sequence[int] | None = None) -> int:
        """Level 3 when at most so many groups of each mix kind, and all sessions, could still be added."""
        lack = 0
        for i, (rule, field) in enumerate(zip(self.client.mix, self.mix, strict=True)):
            lack += max(0, rule.least - field.read(packed) - (more[i] if more else 0))
        if more is None:
            for wish, field in zip(self.wishes, self.sessions, strict=True):
                lack += max(0, wish.count - field.read(packed)) if wish.required else 0
        return lack
