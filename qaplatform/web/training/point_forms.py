"""The forms of the daily log: a problem point by itself, and the form under a day that holds one more and the summary."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from qaplatform.errors import QAPlatformError
from qaplatform.services.training.point_dates import NextDueError
from qaplatform.services.training.problem_points import CAUSES, MOST_CHARS, PointContent, PointPlace, ReadPoint
from qaplatform.web.forms import Form, at_most, choices, required, set_error, stripped
from qaplatform.web.i18n import lazy
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training import log_words as words

_LONG = {"maxlength": MOST_CHARS}
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)


class PointForm(Form):
    """A problem point."""

    what = TextAreaField(
        lazy("问题是什么"), [required(lazy("请写下是什么问题。")), at_most(MOST_CHARS)], filters=[stripped],
        render_kw={"rows": 2, **_LONG},
    )  # fmt: skip
    cause = RadioField(
        lazy("问题原因"), choices=choices(*((code, words.CAUSES[code]) for code in CAUSES)), validate_choice=False,
        validators=[required(lazy("请选择原因。"))],
    )  # fmt: skip
    severity = RadioField(lazy("程度"), choices=choices(*words.SEVERITIES.items()), default="minor")
    coaching = TextAreaField(
        lazy("怎么辅导的"), [at_most(MOST_CHARS)], filters=[stripped], render_kw={"rows": 2, **_LONG}
    )
    next_step = StringField(lazy("下一步"), [at_most(MOST_CHARS)], filters=[stripped], render_kw=_LONG)
    next_due_on = DateField(lazy("下一步的期限"), [Optional()])
    conversation = HiddenField()
    message = IntegerField(lazy("原话"), [Optional()])
    criterion = SelectField(lazy("质检项"), choices=(), validate_choice=False)

    @classmethod
    def of(cls, point: ReadPoint, due: date) -> PointForm:
        """A form that shows a point."""
        shown = {name: getattr(point, name) for name in ("what", "cause", "severity", "coaching", "next_step")}
        return cls(
            formdata=None, **shown, next_due_on=point.next_due_on or due, message=point.message,
            criterion=point.criterion or "", conversation=point.conversation_id,
        )  # fmt: skip

    @property
    def content(self) -> PointContent:
        """What was written."""
        return PointContent(
            what=self.what.data or "", cause=self.cause.data, severity=self.severity.data,
            coaching=self.coaching.data or "", next_step=self.next_step.data or "", next_due_on=self.next_due_on.data,
        )  # fmt: skip

    @property
    def place(self) -> PointPlace:
        """Where it lies."""
        asked = str(self.conversation.data or "")
        conversation_id = int(asked) if _ID.fullmatch(asked) else None
        is_there = conversation_id is not None
        return PointPlace(
            conversation_id, self.message.data if is_there else None, criterion=self.criterion.data or None
        )


class DayForm(PointForm):
    """One more point of the day, if anything of it is written, and the summary."""

    summary = TextAreaField(
        lazy("今天的小结"), [at_most(MOST_CHARS)], filters=[stripped], render_kw={"rows": 3, **_LONG}
    )

    @property
    def has_point(self) -> bool:
        """Whether anything of a point is written; a chosen cause alone is none."""
        return any((self.what.data, self.coaching.data, self.next_step.data))

    def validate(self, extra_validators: Any = None) -> bool:
        """As other forms; of a point nothing is asked while nothing of it is written."""
        is_right: bool = super().validate(extra_validators)
        if self.has_point:
            return is_right
        for name in ("what", "cause"):
            self[name].errors = []
        return not any(field.errors for field in self)


def say(form: PointForm, error: QAPlatformError) -> None:
    """Show what a service said beside the date it is about, or at the top of the form's fields."""
    set_error(form.next_due_on if isinstance(error, NextDueError) else form.what, sentence_of(error))
