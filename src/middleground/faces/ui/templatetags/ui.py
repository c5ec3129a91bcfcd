"""Template tags of every page: `{% load ui %}`. Each renders one small template of `ui/`, which escapes its values."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from middleground.engines.disclosure import role_words
from middleground.faces.ui import charts, moments, statuses
from middleground.faces.ui.icons import symbol
from middleground.kernel.who import ROLES

register = template.Library()

TONE_OF_MESSAGE = {"success": "good", "warning": "watch", "error": "danger", "debug": "plain"}


@register.simple_tag
def icon(name: str, label: str | None = None, large: bool = False) -> SafeString:
    """Draw a symbol of the sprite. Without `label` it is decoration and hidden from screen readers."""
    drawn = mark_safe(symbol(name))  # noqa: S308 our own file
    css = "icon icon-large" if large else "icon"
    if label:
        return format_html('<svg class="{}" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', css, label, drawn)
    return format_html('<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', css, drawn)


@register.inclusion_tag("ui/_field.html")
def field(bound: BoundField, css: str = "", label: str | None = None, help: str | None = None) -> dict[str, Any]:
    """A form field with label, "required", help and errors beside it. Radios and checkbox groups become a fieldset."""
    widget = bound.field.widget
    return {
        "field": bound,
        "css": css,
        "label": bound.label if label is None else label,
        "help": bound.help_text if help is None else help,
        "single": getattr(widget, "input_type", "") == "checkbox" and not bound.use_fieldset,
        "required": bound.field.required,
    }


@register.inclusion_tag("ui/_form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """What to put right, with a link to each field. Nothing when the form has no errors."""
    return {"form": form, "wrong": [bound for bound in form if bound.errors]}


@register.inclusion_tag("ui/_form_fields.html")
def form_fields(form: BaseForm, only: str = "") -> dict[str, Any]:
    """Every field of the form, or those named in `only` ("name, phone"), hidden ones included."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    visible = [form[name] for name in names] if names else form.visible_fields()
    return {
        "form": form,
        "visible": [bound for bound in visible if not bound.is_hidden],
        "hidden": form.hidden_fields(),
    }


@register.simple_tag
def request_key() -> SafeString:
    """A fresh key, so that a form sent twice is done once."""
    return format_html('<input type="hidden" name="request_key" value="{}">', uuid.uuid4())


@register.simple_tag
def chip(status: object, tone: str | None = None, label: str | None = None) -> SafeString:
    """A status as shape and word. Tones: good, watch, danger, info, accent, plain."""
    look = statuses.look_of(status, tone, label)
    drawn = icon(statuses.ICON_OF_TONE[look.tone])
    return format_html('<span class="chip tone-{}">{}{}</span>', look.tone, drawn, look.word)


@register.inclusion_tag("ui/_meter.html")
def meter(value: Any, max: Any, label: str, unit: str = "", tone: str = "accent") -> dict[str, Any]:
    """How much of a whole: label, "6 of 9 hours" and a bar."""
    return {"value": value, "max": max, "label": label, "unit": unit, "tone": tone, "share": charts.share(value, max)}


@register.simple_tag
def when(moment: date | datetime | None, missing: str | None = None) -> SafeString:
    """A date or time in friendly words, the full one on hover and to machines."""
    if moment is None:
        return format_html('<span class="quiet">{}</span>', missing if missing is not None else _("not yet"))
    here = moments.local(moment) if isinstance(moment, datetime) else moment
    day = here.date() if isinstance(here, datetime) else here
    words = moments.day_in_words(day, timezone.localdate())
    if isinstance(here, datetime):
        words = f"{words} {moments.clock(here)}"
    return format_html('<time datetime="{}" title="{}">{}</time>', here.isoformat(), moments.full(here), words)


@register.simple_tag
def clock(start: datetime, end: datetime | None = None) -> SafeString:
    """A time of day, or a span of it: 6:00 to 9:00 pm."""
    here = moments.local(start)
    words = moments.clock_span(here, moments.local(end)) if end else moments.clock(here)
    return format_html('<time datetime="{}">{}</time>', here.isoformat(), words)


@register.filter
def stamp(moment: datetime) -> str:
    """The day with its year, and the time: Nov 21, 2026, 9:45 pm. For what is kept or printed, where "today" would grow old."""
    return f"{date_format(moments.local(moment), 'M j, Y')}, {moments.clock(moments.local(moment))}"


@register.inclusion_tag("ui/_empty.html")
def empty(icon: str, title: str, text: str = "", action_url: str = "", action_label: str = "") -> dict[str, Any]:
    """What a list shows when it has nothing: why, and what to do."""
    return {"icon": icon, "title": title, "text": text, "action_url": action_url, "action_label": action_label}


@register.inclusion_tag("ui/_tabs.html")
def tabs(items: Iterable[dict[str, Any]], label: str = "") -> dict[str, Any]:
    """Links to the sides of one thing: items are {label, url, current, count}."""
    return {"items": items, "label": label or _("Sections")}


@register.inclusion_tag("ui/_stat.html")
def stat(label: str, value: Any, note: str = "", tone: str = "") -> dict[str, Any]:
    """One number with its name. With a tone, the note gets that tone's shape."""
    return {"label": label, "value": value, "note": note, "tone": tone, "mark": statuses.ICON_OF_TONE.get(tone)}


@register.inclusion_tag("ui/_svg_line.html")
def svg_line(
    points: Sequence[Sequence[Any]],
    title: str,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    tone: str = "accent",
) -> dict[str, Any]:
    """A line through (label, number or None) points, with a table twin. `low` and `high` fix the value axis."""
    drawn = charts.line([point[1] for point in points], low, high)
    known = [point for point in points if point[1] is not None]
    return {
        "points": points,
        "title": title,
        "unit": unit,
        "tone": tone,
        "line": drawn,
        "latest": known[-1] if known else None,
    }


@register.inclusion_tag("ui/_svg_bars.html")
def svg_bars(
    rows: Iterable[Sequence[Any]], title: str, unit: str = "", most: float | None = None, tone: str = "accent"
) -> dict[str, Any]:
    """Bars for (label, value[, note]) rows. The chart is itself a table, so it needs no twin."""
    return {"rows": charts.bars(rows, most), "title": title, "unit": unit, "tone": tone}


@register.inclusion_tag("ui/_source.html")
def source(cite: str, confidence: str = "", summary: str = "Source") -> dict[str, Any]:
    """Where a rule comes from and, in words, how sure it is: folded away until somebody asks."""
    return {"cite": cite, "sureness": statuses.SURENESS.get(confidence, ""), "summary": summary}


@register.simple_block_tag
def card(
    content: str,
    title: str = "",
    icon: str = "",
    tone: str = "",
    level: int = 2,
    link: str = "",
    link_label: str = "",
    css: str = "",
) -> SafeString:
    """{% card "Title" icon="note" %}...{% endcard %}"""
    given = {
        "title": title,
        "icon": icon,
        "tone": tone,
        "level": level,
        "link": link,
        "link_label": link_label,
        "css": css,
    }
    return render_to_string("ui/_card.html", {**given, "content": content})


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: str = "") -> SafeString:
    """{% notice "watch" "Title" %}...{% endnotice %}: something to know before going on."""
    mark = {"info": "info", "good": "check-circle"}.get(tone, statuses.ICON_OF_TONE.get(tone, "info"))
    return render_to_string("ui/_notice.html", {"content": content, "tone": tone, "title": title, "mark": mark})


@register.simple_block_tag(takes_context=True)
def confirm(
    context: Context,
    content: str,
    label: str,
    action_url: str,
    button: str,
    tone: str = "danger",
    icon: str = "",
    small: bool = True,
) -> SafeString:
    """{% confirm "Cancel it" url "Yes, cancel it" %}what will happen{% endconfirm %}: opens in place, posts once."""
    given = {"label": label, "action_url": action_url, "button": button, "tone": tone, "icon": icon, "small": small}
    return render_to_string("ui/_confirm.html", {**given, "content": content, "csrf_token": context.get("csrf_token")})


@register.filter
def tone_of(level: str) -> str:
    """The tone of a Django message level tag."""
    return TONE_OF_MESSAGE.get(level, "info")


@register.filter
def mark_of(tone: str) -> str:
    """The icon that goes with a tone."""
    return {"info": "info", "good": "check-circle"}.get(tone, statuses.ICON_OF_TONE.get(tone, "info"))


@register.filter
def role(name: str) -> str:
    """A role's name in words ("case manager")."""
    return role_words(name, (get_language() or "en")[:2]) if name in ROLES else name


@register.filter
def initials(name: object) -> str:
    """Up to two initials of a name."""
    words = str(name or "").split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
