"""This clinic's own figures beside the myths, if there are enough people behind them to be fair."""

from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

KEEP = 900  # seconds; the figures change slowly and every visitor may look


def figures() -> dict[str, Any]:
    """Figure id -> value, as `insight.queries.public_figures` gives them; empty where that room has nothing to say."""
    kept = cache.get("public-figures")
    if kept is None:
        kept = _asked()
        if kept:
            cache.set("public-figures", kept, KEEP)
    return kept


def _asked() -> dict[str, Any]:
    if find_spec("middleground.insight.queries") is None:
        return {}
    public = getattr(import_module("middleground.insight.queries"), "public_figures", None)
    return dict(public() or {}) if public else {}


def shown(given: Any, unit: str) -> str:
    """A figure in words: "62%", "9.5 hours", "$0 to $60". Empty when there is none. A figure may be a value or {"value": ...}."""
    value = given.get("value") if isinstance(given, dict) else given
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        low, high = (_money(each) for each in value)
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    if unit == "percent":
        return f"{round(float(value) * 100 if float(value) <= 1 else float(value))}%"
    return _("%(n)s hours") % {"n": f"{float(value):.1f}".removesuffix(".0")} if unit == "hours" else str(value)


def _money(value: Any) -> str:
    amount = Decimal(str(value))
    return f"${amount:.0f}" if amount == amount.to_integral_value() else f"${amount:.2f}"
