"""From a form that was sent to a service and back: one transaction, and what the service refuses stands beside its field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from flask import abort, flash
from flask_wtf import FlaskForm

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import AccessError
from qaplatform.store.faults import StoreFaultError
from qaplatform.web.current import current_store
from qaplatform.web.forms import set_error
from qaplatform.web.sentences import SENTENCES, sentence_of

Value = TypeVar("Value")
Session: TypeAlias = Any
"""What the store's transactions give: a view hands it on to a service, and knows nothing of SQL."""
_UNKNOWN = ".unknown"
"""How codes end that say there is no such thing."""


@dataclass(frozen=True, slots=True)
class Done(Generic[Value]):
    """It was done; what the service gave back."""

    value: Value


@contextmanager
def missing_is_404() -> Iterator[None]:
    """A thing that is not there is a page that is not there."""
    try:
        yield
    except QAPlatformError as error:
        if _code(error).endswith(_UNKNOWN):
            abort(404)
        raise


def submitted(
    form: FlaskForm,
    act: Callable[[Session], Value],
    places: Mapping[str, str] | None = None,
    *,
    but: type[QAPlatformError] | None = None,
) -> Done[Value] | None:
    """Do what a form asks for, if it is filled in as it should be; ``None`` where it must be shown again.

    ``places`` has names of fields by the codes of errors; what has no place is said above the page. Errors of the kind
    ``but`` are raised: the view has more to say of them.
    """
    if not form.validate_on_submit():
        return None
    try:
        return done(act)
    except QAPlatformError as error:
        if but is not None and isinstance(error, but):
            raise
        tell(form, error, places or {})
        return None


def done(act: Callable[[Session], Value]) -> Done[Value]:
    """Do something in a transaction of its own, where there is no form to show again."""
    with missing_is_404(), current_store().writing() as session:
        return Done(act(session))


def tell(form: FlaskForm, error: QAPlatformError, places: Mapping[str, str]) -> None:
    """Put what a service said into a form.

    Raises:
        QAPlatformError: the same one, if it is no matter of the form.
    """
    code = _code(error)
    if code not in SENTENCES or isinstance(error, (AccessError, StoreFaultError)):
        raise error
    if code in places:
        set_error(form[places[code]], sentence_of(error))
    else:
        flash(sentence_of(error), "error")


def _code(error: QAPlatformError) -> str:
    return str(getattr(error, "code", ""))
