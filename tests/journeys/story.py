"""The one new person of the long journey, and the windows of those who carry them along."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .hands import Hands

CLINIC_TIME = ZoneInfo("America/Chicago")
EVENING = 16  # before this hour the evening's counselor is the one with time


def now() -> datetime:
    """The clinic's wall clock."""
    return datetime.now(CLINIC_TIME)


def days_from_now(days: int) -> str:
    return f"{now() + timedelta(days=days):%Y-%m-%d}"


@dataclass
class Story:
    opens: Callable[..., Hands]
    first: str = "Marlow"
    last: str = "Fennimore"
    phone: str = "555-0177"
    client_id: int = 0
    windows: dict[str, Hands] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def counselor(self) -> tuple[str, str]:
        """Sign-in and name of the counselor who doesn't lead groups at this hour."""
        return ("counselor2", "Birch Tanner") if now().hour < EVENING else ("cora", "Cora Lantern")

    def at_desk_of(self, username: str) -> Hands:
        """Somebody's window at their desk; opened once."""
        if username not in self.windows:
            self.windows[username] = self.opens(username)
        return self.windows[username]

    def chart(self, part: str = "") -> str:
        """The address of a part of this client's chart."""
        return f"/clients/{self.client_id}/{part}"
