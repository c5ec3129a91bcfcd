"""Actions: every write. Declared once, an action has a name in the clinic's words, typed inputs, who may do it and a body.

The declaration gives it: permission check, validation, one transaction, optimistic concurrency, an audit entry in words and
idempotency by request key. Lock order, everywhere: client, episode, session, booking (`Model.lock_rank`).

    @action("Record attendance", by=role("counselor", "program-director"))
    def record_attendance(act: Act, session: Session, ...) -> Attendance: ...

    record_attendance.run(actor, session=session, ...)          # from a command, a test, another face
    record_attendance.submit(request, session=session)          # from a page: a bound form, errors beside their fields
    record_attendance.within(act, session=session, ...)         # as part of a larger action, in its transaction
"""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_noop

from . import asking, audit, clock, context, gate, guard
from .act import Act, look_again
from .context import Access, Actor
from .errors import Invalid, NotAllowed, Refused, Stale
from .who import Who

ABSENT = inspect.Parameter.empty
REGISTRY: dict[str, "Action[Any]"] = {}
_running: ContextVar["Act | None"] = ContextVar("running", default=None)


class Action[R]:
    """A declared way to change something. `inputs` are its typed inputs in order."""

    def __init__(
        self,
        name: str,
        by: Who,
        body: Callable[..., R],
        *,
        quiet: bool,
        purpose: str,
        fresh: str | None,
        remembered: bool,
    ) -> None:
        self.remembered = remembered
        self.name, self.by, self.body, self.quiet, self.purpose, self.fresh = name, by, body, quiet, purpose, fresh
        self.id = f"{body.__module__.removeprefix('middleground.').removesuffix('.actions')}.{body.__name__}"
        self.__doc__, self.__name__, self.__module__ = body.__doc__, body.__name__, body.__module__

    @cached_property
    def inputs(self) -> dict[str, asking.Input]:
        parameters = inspect.signature(self.body, eval_str=True).parameters
        return {
            name: asking.read_annotation(name, p.annotation, p.default, ABSENT)
            for name, p in list(parameters.items())[1:]
        }

    def might(self, actor: Actor) -> bool:
        return self.by.might(actor)

    # ---- doing it ------------------------------------------------------------------------------------------

    def run(
        self,
        actor: Actor,
        *,
        key: str | None = None,
        seen_version: int | None = None,
        purpose: str | None = None,
        **given: Any,
    ) -> R:
        """Do it. Raises `Refused` (or a kind of it) with a plain sentence; then nothing has changed."""
        if _running.get() is not None:
            raise RuntimeError(f"{self.id}: inside another action use .within(act, ...)")
        act = Act(actor, self, clock.now(), purpose or self.purpose, self._key(actor, key, given))
        try:
            return self._once(act, given, seen_version)
        except NotAllowed as no:
            audit.write_alone(
                audit.Line(actor, act.purpose, "Refused", f"{self.name}: {no.message}", facts={"action": self.id})
            )
            raise

    def _key(self, actor: Actor, key: str | None, given: dict[str, Any]) -> str | None:
        """The key of the receipt. Visitors can't be told apart, so theirs holds what they sent too: the next person at a
        shared computer, writing over a form kept by the browser, is not answered with the request of the one before."""
        if not key or not self.remembered:
            return None
        if actor.user_id is not None or actor.is_system:
            return key
        sent = repr(sorted((name, repr(value)) for name, value in given.items()))
        return hashlib.sha256(f"{key} {sent}".encode()).hexdigest()

    def _once(self, act: Act, given: dict[str, Any], seen_version: int | None) -> R:
        try:
            with transaction.atomic(), guard.opened(self.id), context.entered(self._access(act)):
                if act.key and (before := self._receipt(act)):
                    return before[0]
                result = self._do(act, given, seen_version)
                audit.write(act.lines)
                if act.key:
                    self._keep_receipt(act, result)
                return result
        except (IntegrityError, Refused):
            # Two requests with one key raced: the other one won, its answer is ours.
            if act.key and (before := self._look_up(act)):
                return before[0]
            raise

    def _access(self, act: Act) -> Access:
        return Access(act.actor, act.purpose, self.id, everything=act.actor.is_system)

    def within(self, act: Act, **given: Any) -> R:
        """Do it as part of a running action: same transaction, own audit entry; the outer action's permission covers it."""
        part = Act(act.actor, self, act.now, act.purpose, lines=act.lines, booked=act.booked, goes_on=act.goes_on)
        return self._body(part, self._clean(given))

    def _do(self, act: Act, given: dict[str, Any], seen_version: int | None) -> R:
        if not self.by.might(act.actor):
            raise NotAllowed()
        values = self._locked(self._clean(given))
        self._check_fresh(values, seen_version)
        if not self.by.allows(act.actor, values):
            raise NotAllowed()
        token = _running.set(act)
        try:
            result = self._body(act, values)
            look_again(act)
            return result
        finally:
            _running.reset(token)

    def _body(self, act: Act, values: dict[str, Any]) -> R:
        for value in values.values():
            if isinstance(value, models.Model):
                act.about(value)
        place = len(act.lines)
        result = self.body(act, **values)
        act.about(result)
        if not self.quiet:
            act.lines.insert(
                place,
                audit.Line(
                    act.actor,
                    act.purpose,
                    self.name,
                    act.words or self.name,
                    tuple(act.clients),
                    {"action": self.id, **act.facts},
                    act.now,
                ),
            )
        return result

    # ---- inputs --------------------------------------------------------------------------------------------

    def _clean(self, given: Mapping[str, Any]) -> dict[str, Any]:
        unknown = set(given) - set(self.inputs)
        if unknown:
            raise TypeError(f"{self.id}: unknown input {', '.join(sorted(unknown))}")
        values, errors = {}, {}
        for name, item in self.inputs.items():
            try:
                values[name] = self._clean_one(item, given.get(name, item.default))
            except ValidationError as bad:
                errors[name] = list(bad.messages)
        if errors:
            raise Invalid(errors)
        return values

    def _clean_one(self, item: asking.Input, value: Any) -> Any:
        if value is None or (value == "" and item.optional):
            if item.optional:
                return item.default
            raise ValidationError(gettext_noop("This is needed."))
        if item.model is not None or item.type in (list, dict):
            return value
        if item.many:
            return [item.type(v) for v in asking.field(item).clean(list(value))]
        if item.type is bool:
            return bool(value)
        if isinstance(value, str) or item.ask.low is not None or item.ask.high is not None:
            cleaned = asking.field(item).clean(value)
            return item.type(cleaned) if issubclass(item.type, models.TextChoices) else cleaned
        if not isinstance(value, item.type):
            raise ValidationError(f"{item.name} must be a {item.type.__name__}.")
        return value

    def _locked(self, values: dict[str, Any]) -> dict[str, Any]:
        """Read each given row again inside the transaction, locked in the one lock order, through the gate."""
        rows = [(n, v) for n, v in values.items() if isinstance(v, models.Model) and v.pk is not None]
        for name, row in sorted(
            rows, key=lambda pair: (getattr(pair[1], "lock_rank", 50), type(pair[1]).__name__, pair[1].pk)
        ):
            manager = type(row)._default_manager
            locked = (
                manager.select_for_update(of=("self",)) if hasattr(row, "kind") or hasattr(row, "version") else manager
            )
            again = locked.filter(pk=row.pk).first()
            if again is None:
                raise NotAllowed(gettext_noop("This record isn't available to you."))
            values[name] = again
        return values

    def _check_fresh(self, values: dict[str, Any], seen_version: int | None) -> None:
        if seen_version is not None and self.fresh and values[self.fresh].version != seen_version:
            raise Stale()

    # ---- once only -----------------------------------------------------------------------------------------

    def _look_up(self, act: Act) -> tuple[Any] | None:
        with context.entered(self._access(act)):
            return self._receipt(act)

    def _receipt(self, act: Act) -> tuple[Any] | None:
        from .models import Receipt

        found = Receipt.objects.filter(key=act.key or "").first()
        if found is None:
            return None
        if (found.action, found.actor_id) != (self.id, act.actor.user_id):
            raise Refused(gettext_noop("This form was already used for something else. Open the page again."))
        return (_remember(found.result),)

    def _keep_receipt(self, act: Act, result: Any) -> None:
        from .models import Receipt

        Receipt.objects.create(
            key=act.key or "", action=self.id, actor_id=act.actor.user_id, at=act.now, result=_reference(result)
        )

    # ---- asking for it -------------------------------------------------------------------------------------

    def form(self, data: Any = None, *, initial: Mapping[str, Any] | None = None, **fixed: Any) -> forms.Form:
        """The form that asks for every input not `fixed`."""
        fields = {n: asking.field(i) for n, i in self.inputs.items() if n not in fixed and i.type is not dict}
        defaults = {n: i.default for n, i in self.inputs.items() if i.default is not None}
        return type(f"{self.__name__}_form", (forms.Form,), fields)(data, initial={**defaults, **(initial or {})})

    def submit(
        self, request: Any, *, form: forms.Form | None = None, initial: Mapping[str, Any] | None = None, **fixed: Any
    ) -> "Submission[R]":
        """Bind the posted form, do the action, put what is wrong beside its field. Never loses what was typed."""
        bound = form if form is not None else self.form(request.POST, initial=initial, **fixed)
        if not bound.is_valid():
            return Submission(False, bound, None, None)
        values = {n: v for n, v in bound.cleaned_data.items() if n in self.inputs and not (v is None or v == "")}
        version = request.POST.get("seen_version", "")
        try:
            result = self.run(
                request.actor,
                key=request.POST.get("request_key") or None,
                purpose=_purpose(request),
                seen_version=int(version) if version.isdecimal() else None,
                **{**values, **fixed},
            )
        except Invalid as bad:
            for name, says in bad.errors.items():
                bound.add_error(name if name in bound.fields else None, [gettext(each) for each in says])
            return Submission(False, bound, None, bad)
        except Refused as no:
            bound.add_error(no.field if no.field in bound.fields else None, gettext(no.message))
            return Submission(False, bound, None, no)
        return Submission(True, bound, result, None)


@dataclass
class Submission[R]:
    """What came of a posted form: `ok`, the bound form (with errors if not), the result, the refusal."""

    ok: bool
    form: forms.Form
    result: R | None
    refused: Refused | None

    def __bool__(self) -> bool:
        return self.ok


def _purpose(request: Any) -> str | None:
    access = context.current()
    return access.purpose if access else None


def _reference(result: Any) -> Any:
    if isinstance(result, models.Model):
        return {"model": result._meta.label, "pk": result.pk}
    return None


def _remember(kept: Any) -> Any:
    from django.apps import apps

    if not kept:
        return None
    with context.everything("answering a repeated request"):
        return apps.get_model(kept["model"])._default_manager.filter(pk=kept["pk"]).first()


def action[R](
    name: str,
    *,
    by: Who,
    quiet: bool = False,
    purpose: str = "treatment",
    fresh: str | None = None,
    remembered: bool = True,
) -> Callable[[Callable[..., R]], Action[R]]:
    """Declare an action. `quiet` ones (a draft kept, a notice read) leave no audit entry; `fresh` names the input whose
    version must be the one the actor saw. One that is not `remembered` keeps no receipt: sent again, it is judged again (a
    sign-in must not be answered from memory)."""

    def declare(body: Callable[..., R]) -> Action[R]:
        made = Action(name, by, body, quiet=quiet, purpose=purpose, fresh=fresh, remembered=remembered)
        if made.id in REGISTRY and REGISTRY[made.id].body.__code__.co_filename != body.__code__.co_filename:
            raise ValueError(f"action {made.id} is declared twice")
        REGISTRY[made.id] = made
        return made

    return declare


def table() -> list[tuple[str, str, dict[str, str]]]:
    """(id, name, role -> "yes" or relation) of every declared action, sorted by id."""
    load_all()
    return [(a.id, a.name, a.by.by_role()) for _, a in sorted(REGISTRY.items())]


def load_all() -> None:
    """Import every app's actions so that the registry is whole."""
    from importlib import import_module
    from importlib.util import find_spec

    from django.apps import apps

    import_module("middleground.kernel.desk")
    for config in apps.get_app_configs():
        if config.name == "middleground.kernel":
            continue
        if config.name.startswith("middleground.") and find_spec(f"{config.name}.actions"):
            import_module(f"{config.name}.actions")


__all__ = ["REGISTRY", "Act", "Action", "Submission", "action", "gate", "load_all", "table"]
