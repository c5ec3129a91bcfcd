"""Sample data for the style guide. Nobody in it is real."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from middleground.faces.ui.forms import Clock, Day


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(
        label="Name the client uses", help_text="What they like to be called. The legal name has its own field."
    )
    born = forms.DateField(label="Date of birth", widget=Day())
    phone = forms.CharField(
        label="Phone", required=False, widget=forms.TextInput({"type": "tel", "autocomplete": "tel"})
    )
    track = forms.ChoiceField(label="Track", choices=[("evening", "Evening, Mon Wed Thu"), ("day", "Day, Mon to Fri")])
    arrives = forms.TimeField(label="Usual arrival", required=False, widget=Clock())
    mark = forms.ChoiceField(
        label="Attendance",
        widget=forms.RadioSelect,
        choices=[("present", "Present"), ("late", "Late"), ("excused", "Excused"), ("absent", "Absent")],
    )
    craving = forms.ChoiceField(
        label="Strongest craving today",
        help_text="0 is none, 10 is the strongest yet.",
        widget=forms.RadioSelect,
        choices=[(n, n) for n in range(11)],
    )
    needs = forms.MultipleChoiceField(
        label="What would help with coming",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("ride", "A ride"), ("care", "Child care"), ("work", "A letter for work")],
    )
    note = forms.CharField(label="How the client took part", widget=forms.Textarea({"rows": 4}))
    consent = forms.BooleanField(label="The client read the plan and agrees with it")


NAV = [
    {"label": "Today", "url": "#today", "icon": "sun", "current": True, "count": 3},
    {"label": "Clients", "url": "#clients", "icon": "people", "current": False, "count": None},
    {"label": "Groups", "url": "#groups", "icon": "group", "current": False, "count": None},
    {"label": "Timetable", "url": "#timetable", "icon": "calendar", "current": False, "count": None},
    {"label": "Admissions", "url": "#admissions", "icon": "flag", "current": False, "count": 2},
    {"label": "Outcomes", "url": "#outcomes", "icon": "chart", "current": False, "count": None},
]
CLIENT_NAV = [
    {"label": "Today", "url": "#today", "icon": "sun", "current": True, "count": None},
    {"label": "Week", "url": "#week", "icon": "calendar", "current": False, "count": None},
    {"label": "Craving help", "url": "#help", "icon": "lifebuoy", "current": False, "count": None},
    {"label": "Lessons", "url": "#lessons", "icon": "book", "current": False, "count": 1},
    {"label": "More", "url": "#more", "icon": "menu", "current": False, "count": None},
]
PUBLIC_NAV = [
    {"label": "What an IOP is", "url": "#what", "icon": "info", "current": False, "count": None},
    {"label": "Is it for me?", "url": "#fit", "icon": "help", "current": False, "count": None},
    {"label": "Ask for a place", "url": "#ask", "icon": "flag", "current": False, "count": None},
]
TOKENS = (
    "paper",
    "surface",
    "sunk",
    "accent",
    "accent-soft",
    "good-soft",
    "watch-soft",
    "danger-soft",
    "info-soft",
    "danger",
)
ATTENDANCE = ("present", "late", "left-early", "excused", "absent", "unrecorded")
NOTES = ("draft", "signed", "awaiting-cosign", "overdue", "waitlist", "moderate")
HOURS = [("Week 1", 9), ("Week 2", 9), ("Week 3", 6, "one session excused"), ("Week 4", 7.5)]
CRAVINGS = [
    ("Mar 2", 7),
    ("Mar 4", 6),
    ("Mar 5", 8),
    ("Mar 9", None),
    ("Mar 11", 5),
    ("Mar 12", 4),
    ("Mar 16", 4),
    ("Mar 18", 2),
]
TABS = [
    {"label": "Overview", "url": "#overview", "current": True},
    {"label": "Plan", "url": "#plan"},
    {"label": "Notes", "url": "#notes", "count": 4},
    {"label": "Consents", "url": "#consents"},
]


def roster() -> list[dict[str, Any]]:
    """Four people of an evening group."""
    start = timezone.now().replace(minute=0, second=0, microsecond=0)
    rows = (
        ("Wren Alder", "present", 180, "signed"),
        ("Marisol Vega", "late", 150, "draft"),
        ("Desmond Clark", "excused", 0, "unsigned"),
        ("T. Okafor", "present", 180, "overdue"),
    )
    return [
        {"name": n, "mark": m, "minutes": k, "note": s, "next": start + timedelta(days=d * 3)}
        for d, (n, m, k, s) in enumerate(rows)
    ]


def sample() -> dict[str, Any]:
    """Everything the style guide shows."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    return {
        "form": SampleForm(prefix="ok"),
        "refused": SampleForm({"no-name": "", "no-note": "Took part"}, prefix="no"),
        "tokens": TOKENS,
        "attendance": ATTENDANCE,
        "notes": NOTES,
        "hours": HOURS,
        "cravings": CRAVINGS,
        "tabs": TABS,
        "roster": roster(),
        "now": now,
        "later": now + timedelta(hours=3),
        "tomorrow": now + timedelta(days=1),
        "last_month": now - timedelta(days=40),
        "crumbs": [{"label": "Today", "url": "#today"}, {"label": "Style guide"}],
        "me": {"name": "Rosa Delgado", "role": "Counselor"},
        "me_links": [{"label": "Settings", "url": "#settings", "icon": "gear"}],
    }
