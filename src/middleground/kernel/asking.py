"""An action's inputs as form fields: the annotation says the type, `Ask` says how a person is asked for it.

    def refer_out(act: Act, inquiry: Inquiry, to: Annotated[str, Ask("Where to")], why: Annotated[Why, Ask("Why")]) -> Referral

Types: str, int, bool, Decimal, date, time, datetime, a `TextChoices`, `list[TextChoices]`, a model, `list[Model]`, and dict or list
(structured input, cleaned by the action itself; as a form field it is JSON). `X | None` or a default makes an input optional.
"""

import datetime as dt
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Union, get_args, get_origin

from django import forms
from django.db import models
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

from . import clock

NOT_CHOSEN = _("Choose one")  # the empty choice of every list
NOT_SAID = _("No answer")  # the same among buttons, where it can be pressed


@dataclass(
    frozen=True, eq=False
)  # typing keeps equal annotations as one: a marked label would become an unmarked twin's
class Ask:
    """How a person is asked: label, help under the field, limits, choices. `among` gives the rows of a model to choose from."""

    label: Any = ""
    help: Any = ""
    lines: int = 1
    most: int | None = None
    low: Any = None
    high: Any = None
    choices: Callable[[], list[tuple[str, Any]]] | list[tuple[str, Any]] | None = None
    among: Callable[[], Any] | None = None
    radio: bool = False
    widget: Any = None
    hidden: bool = False


@dataclass(frozen=True)
class Input:
    """One declared input of an action."""

    name: str
    type: Any
    ask: Ask
    optional: bool
    many: bool
    default: Any

    @property
    def model(self) -> type[models.Model] | None:
        return self.type if isinstance(self.type, type) and issubclass(self.type, models.Model) else None


class Structured(forms.JSONField):
    """JSON of one `kind`, list or dict. Any other, and what is nested too deep to be read, is refused in words."""

    def __init__(self, kind: type, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def to_python(self, value: Any) -> Any:
        try:
            found = super().to_python(value)
        except RecursionError:
            found = value
        if found is None or isinstance(found, self.kind):
            return found
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except RecursionError:
            return InvalidJSONInput(data)


def meant(day: dt.date) -> None:
    """Refuses a day or a moment that nobody means, before something is reckoned from it."""
    if day.year not in clock.YEARS:
        raise forms.ValidationError(_("Choose a day in the years 1900 to 2199."))


def read_annotation(name: str, annotation: Any, default: Any, absent: Any) -> Input:
    ask = Ask()
    if hasattr(annotation, "__metadata__"):
        ask = next((m for m in annotation.__metadata__ if isinstance(m, Ask)), ask)
        annotation = get_args(annotation)[0]
    optional = default is not absent
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [a for a in get_args(annotation) if a is not type(None)]
        optional = optional or len(inner) < len(get_args(annotation))
        annotation = inner[0]
    many = get_origin(annotation) is list and _is_choosable(get_args(annotation)[0])
    if many:
        annotation = get_args(annotation)[0]
    elif get_origin(annotation) in (list, dict):
        annotation = get_origin(annotation)
    if not ask.label:
        ask = replace(ask, label=name.replace("_", " ").capitalize())
    return Input(name, annotation, ask, optional, many, None if default is absent else default)


def _is_choosable(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, (models.Model, models.TextChoices))


def field(item: Input) -> forms.Field:
    """The Django form field for an input."""
    ask = item.ask
    common: dict[str, Any] = {"label": ask.label, "help_text": ask.help, "required": not item.optional}
    made = _field(item, ask, common)
    if ask.hidden:
        made.widget = forms.HiddenInput()
    return made


def _field(item: Input, ask: Ask, common: dict[str, Any]) -> forms.Field:
    if item.model is not None:
        rows = ask.among() if ask.among else item.model._default_manager.all()
        if item.many:
            return forms.ModelMultipleChoiceField(queryset=rows, **common, **_widget(ask, many=True))
        return forms.ModelChoiceField(queryset=rows, empty_label=NOT_CHOSEN, **common, **_widget(ask))
    if ask.choices is not None or (isinstance(item.type, type) and issubclass(item.type, models.TextChoices)):
        return _choice_field(item, ask, common)
    return _plain_field(item, ask, common)


def _widget(ask: Ask, many: bool = False) -> dict[str, Any]:
    if ask.widget is not None:
        return {"widget": ask.widget}
    if many:
        return {"widget": forms.CheckboxSelectMultiple()}
    return {"widget": forms.RadioSelect()} if ask.radio else {}


def _choice_field(item: Input, ask: Ask, common: dict[str, Any]) -> forms.Field:
    given = ask.choices() if callable(ask.choices) else ask.choices
    options = list(given) if given is not None else list(item.type.choices)
    if item.many or item.type is list:
        return forms.MultipleChoiceField(choices=options, **common, **_widget(ask, many=True))
    if not ask.radio or (item.optional and not item.default):
        options = [("", NOT_SAID if ask.radio else NOT_CHOSEN), *options]
    coerce = item.type if isinstance(item.type, type) and item.type in (int, str) else str
    return forms.TypedChoiceField(
        choices=options, coerce=coerce, empty_value=item.default if item.optional else "", **common, **_widget(ask)
    )


def _plain_field(item: Input, ask: Ask, common: dict[str, Any]) -> forms.Field:
    limits = {"min_value": ask.low, "max_value": ask.high}
    widget = _widget(ask)
    if item.type is bool:
        return forms.BooleanField(**{**common, "required": False}, **widget)
    if item.type is int:
        return forms.IntegerField(**common, **limits, **widget)
    if item.type is Decimal:
        return forms.DecimalField(**common, **limits, max_digits=12, decimal_places=2, **widget)
    if item.type is dt.datetime:
        return forms.DateTimeField(
            **common,
            **(widget or {"widget": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")}),
            validators=[meant],
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M"],
        )
    if item.type is dt.date:
        return forms.DateField(
            **common,
            **(widget or {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}),
            validators=[meant],
        )
    if item.type is dt.time:
        return forms.TimeField(
            **common, **(widget or {"widget": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")})
        )
    if item.type in (list, dict):
        return Structured(item.type, **common, **(widget or {"widget": forms.HiddenInput()}))
    if item.type is str:
        area = {"widget": forms.Textarea(attrs={"rows": ask.lines})} if ask.lines > 1 else {}
        return forms.CharField(
            **common, max_length=ask.most or (200 if ask.lines == 1 else 20_000), empty_value="", **(widget or area)
        )
    raise TypeError(f"{item.name}: no way to ask for {item.type!r}")
