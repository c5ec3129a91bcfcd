"""What a week adds up to, packed into one 64-bit number, for many weeks at once: each count has its own bits and a guard
bit that is set when it goes over its limit."""

from collections.abc import Hashable

import numpy
from numpy.typing import NDArray

from ..clinic import Client
from ..packed import Field, Fields

Numbers = NDArray[numpy.int64]
BITS = 62  # what a 64-bit number holds beside its sign
A_DAY = 15  # groups that one day can't hold
MINUTES, DAYS, DISTANT = "minutes", "days", "distant"


class Counts(Fields):
    """The counts of one client: units of minutes, days, distant (telehealth) units, groups of each mix kind, sessions of
    each kind. A count for which there are no bits left is not kept: then more weeks seem possible than are."""

    def __init__(self, client: Client, unit: int) -> None:
        super().__init__()
        self.client, self.unit = client, unit
        self.fields: dict[Hashable, Field] = {}
        self.enough: list[tuple[Hashable, int]] = []
        self.keep(MINUTES, client.max_week // unit)
        self.keep(DAYS, client.days_max)
        if client.telehealth_max < client.max_week:
            self.keep(DISTANT, client.telehealth_max // unit)
        for i, wish in enumerate(client.sessions):
            self.keep(("session", i), wish.count)
        for i, rule in enumerate(client.mix):
            if rule.most is None:
                self.enough.append((("mix", i), rule.least))
            most = max(2 * rule.least, A_DAY) if rule.most is None else rule.most
            self.keep(("mix", i), most, rule.most is not None)

    def keep(self, name: Hashable, most: int, limited: bool = True) -> None:
        """Count it while there are bits left."""
        bits = max(1, most.bit_length())
        if self.at + bits + 1 <= BITS:
            self.fields[name] = self.field(bits, most)
            if not limited:
                self.guards ^= self.fields[name].guard

    def add(self, name: Hashable, number: int = 1) -> int:
        """So many more, as packed; far too many are one too many."""
        field = self.fields.get(name)
        return min(number, 1 << field.bits) << field.shift if field else 0

    def read(self, packed: Numbers, name: Hashable) -> Numbers:
        return self.fields[name].read(packed)

    def kept(self, packed: Numbers) -> Numbers:
        """Counts without a limit cut down to what is enough."""
        for name, enough in self.enough:
            if field := self.fields.get(name):
                packed = packed - (numpy.maximum(self.read(packed, name) - enough, 0) << field.shift)
        return packed

    def booking(self, minutes: int, distant: bool) -> int:
        """What any booking adds, its kind aside."""
        units = minutes // self.unit
        return self.add(MINUTES, units) + (self.add(DISTANT, units) if distant else 0)

    def shortfalls(self, packed: Numbers, prescribed: int, owed: bool, already: int) -> NDArray[numpy.float64]:
        """Levels 1 to 3 of the client for each of these weeks, one row a level."""
        client = self.client
        minutes, days = self.read(packed, MINUTES) * self.unit, self.read(packed, DAYS)
        below = ((minutes < client.payer_minutes) | (days < client.payer_days)) & owed
        lacking = numpy.zeros(len(packed), dtype=numpy.int64)
        for i, rule in enumerate(client.mix):
            if ("mix", i) in self.fields:
                lacking += numpy.maximum(rule.least - self.read(packed, ("mix", i)), 0)
        for i, wish in enumerate(client.sessions):
            if wish.required and ("session", i) in self.fields:
                lacking += numpy.maximum(wish.count - self.read(packed, ("session", i)), 0)
        short = numpy.maximum(prescribed - minutes, 0)
        return numpy.array([below, short, numpy.maximum(lacking - already, 0)], dtype=numpy.float64)
