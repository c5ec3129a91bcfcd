"""Tags of weeks: `{% load weeks %}`. The words of the painted week for its script, and small pictures of a week."""

import json

from django import template
from django.utils.translation import gettext as _

from middleground.admissions.words import rules
from middleground.faces.ui.painted import DAY_CODES, DAY_NAMES
from middleground.faces.ui.pictures import short_days

register = template.Library()


@register.simple_tag
def week_words() -> str:
    """What the painted week says, in the reader's language, as JSON for an attribute."""
    return json.dumps(
        {
            "days": [str(name) for name in DAY_NAMES],
            "codes": DAY_CODES,
            "short": short_days(),
            "tones": {"free": _("free"), "must": _("if need be"), "none": _("not free"), "part": _("partly free")},
            "span": _("%(first)s to %(last)s"),
            "two": _("%(first)s and %(last)s"),
            "free": _("Free: %(times)s."),
            "must": _("If need be: %(times)s."),
            "nothing": _("Nothing is painted yet."),
            "hours": _("Hours a week: %(n)s."),
            "clear": _("Clear %(day)s"),
            "undone": _("Undone."),
            "hour": _("Time"),
        },
        ensure_ascii=False,
    )


@register.simple_tag
def week_fills() -> str:
    """The stretches that quick fills use: the parts of a day of the request form, as JSON for an attribute."""
    parts = {each["id"]: [each["from"], each["to"]] for each in rules()["day_parts"]}
    return json.dumps({"evenings": parts["evening"], "mornings": parts["morning"]})
