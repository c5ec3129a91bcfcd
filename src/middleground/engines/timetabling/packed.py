"""Counts packed into one number: each has its own bits, and a guard bit that is set when it goes over its limit."""

from dataclasses import dataclass

import numpy
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Field:
    """`offset` lifts the count so that the guard bit is set beyond the limit. `read` takes one number or an array of them."""

    shift: int
    bits: int
    offset: int

    @property
    def one(self) -> int:
        return 1 << self.shift

    @property
    def guard(self) -> int:
        return 1 << (self.shift + self.bits)

    @property
    def whole(self) -> int:
        """All its bits."""
        return ((1 << (self.bits + 1)) - 1) << self.shift

    def read[Packed: (int, NDArray[numpy.int64])](self, packed: Packed) -> Packed:
        return (packed >> self.shift & ((1 << (self.bits + 1)) - 1)) - self.offset


class Fields:
    """`packed & guards` tells whether a limit is passed; `nothing` is where counting begins."""

    def __init__(self) -> None:
        self.at = self.guards = self.nothing = 0

    def field(self, bits: int, most: int | None) -> Field:
        """Room for one more count; without `most` it has no limit, and must not outgrow its bits."""
        top = (1 << bits) - 1
        field = Field(self.at, bits, top - min(top, most) if most is not None else 0)
        self.at += bits + 1
        self.guards |= field.guard
        self.nothing += field.offset << field.shift
        return field
