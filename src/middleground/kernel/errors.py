"""What the kernel says when it says no. Every message is one plain sentence for the person who meets it."""

from django.utils.translation import gettext_noop as _


class Refused(Exception):
    """A write that did not happen, and why. `field` names the input it belongs beside; None: the form as a whole."""

    message = _("That can't be done.")

    def __init__(self, message: str = "", field: str | None = None) -> None:
        self.message = message or self.message
        self.field = field
        super().__init__(self.message)


class Invalid(Refused):
    """Inputs that can't be used: `errors` maps an input's name to its messages."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{name}: {' '.join(says)}" for name, says in errors.items()))


class NotAllowed(Refused):
    """The actor may not do this, or the record isn't theirs to see. The message never says which record exists."""

    message = _("Your role does not allow this here.")


class Stale(Refused):
    """Somebody changed the thing since it was opened."""

    message = _("Someone else changed this since you opened it. Your text is kept below: compare, then save again.")


class NotBookable(Refused):
    """The booking ledger has no room for it. `taken` lists the resource keys that are taken."""

    def __init__(self, message: str, taken: tuple[str, ...] = ()) -> None:
        self.taken = taken
        super().__init__(message)


class ClosedDoor(RuntimeError):
    """Code tried to read or write outside the doors. A programming error, never a person's mistake."""


class NoAccessContext(ClosedDoor):
    """A protected record was queried without saying who asks and why."""


class WriteOutsideAction(ClosedDoor):
    """A domain table was written outside a declared action."""
