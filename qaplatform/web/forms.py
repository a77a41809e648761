"""The base of all forms, and checks whose messages are ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, FloatField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.i18n import get_translations
from wtforms.validators import DataRequired, Length, NumberRange

from qaplatform.web.i18n import LazyText, _, language, lazy

_LEFT = {"zh": ["zh"], "en": ["en"]}


class Form(FlaskForm):  # type: ignore[misc]
    """A form with its token. Messages that are not ours come from WTForms in the reader's language."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """How WTForms treats our forms."""

        def get_translations(self, form: object) -> Any:  # noqa: ARG002
            """Messages of WTForms itself."""
            return get_translations(_LEFT[language()])


class NumberField(FloatField):  # type: ignore[misc]
    """A number that is shown as people write it: 60, not 60.0."""

    def _value(self) -> str:
        if self.raw_data or self.data is None:
            return str(super()._value())
        return format(self.data, ".15g")


def choices(*pairs: tuple[str, str | LazyText]) -> list[SelectChoice]:
    """Choices of a select or radio field: what is sent, and what is shown."""
    return [SelectChoice(value, label) for value, label in pairs]


def stripped(value: str | None) -> str | None:
    """A filter for text fields: what people paste comes with spaces around it."""
    return value.strip() if isinstance(value, str) else value


def required(message: LazyText | None = None) -> DataRequired:
    """Something must be filled in."""
    return DataRequired(message or lazy("请填写此项。"))


def at_most(chars: int) -> Length:
    """So many characters at most."""
    return Length(max=chars, message=lazy("不能超过 %(chars)s 个字符。", chars=chars))


def between(least: float, most: float) -> NumberRange:
    """A number of this range."""
    return NumberRange(least, most, message=lazy("应在 %(least)s 到 %(most)s 之间。", least=least, most=most))


def same_as(name: str, message: LazyText) -> Callable[[FlaskForm, Field], None]:
    """The same as another field."""

    def check(form: FlaskForm, field: Field) -> None:
        if field.data != form[name].data:
            raise ValidationError(str(message))

    return check


def set_error(field: Field, message: str) -> None:
    """Put what a service said beside the field it is about."""
    field.errors = [*field.errors, message]


def saved() -> str:
    """The usual message after something was saved."""
    return _("已保存。")
