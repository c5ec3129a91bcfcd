"""This clinic's own figures in words, if there are enough people behind them to be fair."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from middleground.insight.queries import public_figures


def figures() -> dict[str, Any]:
    """Figure id -> value, or None where too few people stand behind it. `insight` counts them once a day."""
    return public_figures()


def shown(value: Any, unit: str) -> str:
    """A figure in words: "62%", "9.5 hours", "$0 to $60". Empty when there is none."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        low, high = (_money(each) for each in value)
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    if unit == "percent":
        return f"{round(float(value) * 100)}%"
    return _("%(n)s hours") % {"n": f"{float(value):.1f}".removesuffix(".0")} if unit == "hours" else str(value)


def _money(value: Any) -> str:
    amount = Decimal(str(value))
    return f"${amount:.0f}" if amount == amount.to_integral_value() else f"${amount:.2f}"
