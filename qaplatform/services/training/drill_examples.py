"""A drill tried out before anybody gets it: its own examples, and an answer of its author's; nothing of it is kept."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from typing import Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.context import Context
from qaplatform.audit.finding import Finding
from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Problem
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.saying import Saying, say
from qaplatform.exam.act_words import act_words
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.training.drill_judging import marker_now
from qaplatform.services.training.drill_shown import Shown, answer_text
from qaplatform.services.training.settings import training_settings
from qaplatform.training.drill_fields import LANGUAGES, mark_of
from qaplatform.training.drill_judging import FoundIn, Judged, Verdict
from qaplatform.training.drills import Drill, Language, Situation

Kind = Literal["good", "bad"]
EXPECTED: dict[Kind, Verdict] = {"good": "passed", "bad": "failed"}


class Example(msgspec.Struct, frozen=True):
    """An example of a drill, judged by the live rubric as an answer would be."""

    language: Language
    kind: Kind
    situation: Situation
    text: str
    judged: Judged
    rubric: Rubric
    """By which it was judged."""

    @property
    def fits(self) -> bool:
        """Whether the good one passes, the bad one fails."""
        return self.judged.verdict == EXPECTED[self.kind]

    def problem(self, path: str, text: str) -> Problem | None:
        """What is wrong with it, at its place in the drill's text."""
        if self.fits:
            return None
        mark = mark_of(text, self.language, self.kind)
        if self.kind == "good":
            said = say("this answer must pass the drill: {faults}", faults=self._faults())
        elif self.judged.verdict == "passed":
            said = say("this answer must fail the drill, but it passes")
        else:
            said = say("this answer must fail the drill, but nobody can read it")
        return Problem(path, mark.line, mark.column, said)

    def _faults(self) -> Saying:
        judged, words = self.judged, act_words()
        undone = [one for one, met in zip(self.situation.must, judged.met, strict=True) if not met]
        faults = (
            *(say("'{act}' is not done", act=one) for one in undone),
            *(say("it has '{sign}'", sign=words.signs[one]) for one in judged.signs),
            *(say("it reads as written for the marking ({kind})", kind=words.gaming[one]) for one in judged.gaming),
            *(self._found(one) for one in judged.findings if one.counts),
            *((say("part of it cannot be read"),) if judged.verdict == "unread" else ()),
        )
        said: Saying = reduce(
            lambda one, rest: say("{first}; {rest}", first=one, rest=rest), faults or (say("it fails"),)
        )
        return said

    def _found(self, one: FoundIn) -> Saying:
        finding = Finding(0, one.start, one.end, self.text[one.start : one.end], one.code, one.facts)
        zh, en = (Wording(self.rubric, Context(), language) for language in LANGUAGES)
        return say(
            "{criterion}: {sentence}",
            criterion=Words(zh.title(one.criterion), en.title(one.criterion)),
            sentence=Words(zh.sentence(one.criterion, finding), en.sentence(one.criterion, finding)),
        )


def judged_examples(session: Session, drill: Drill, *, now: datetime) -> tuple[Example, ...]:
    """All examples of a drill, those in Chinese first."""
    found = []
    for language, wording in drill.wordings.items():
        marker = marker_now(session, wording.situation, now=now)
        for kind, text in (("good", wording.situation.good), ("bad", wording.bad)):
            judged = marker.mark(wording.situation, text)
            found.append(Example(language, kind, wording.situation, text, judged, marker.auditor.rubric))  # type: ignore[arg-type] # the two kinds
    return tuple(found)


def offered(session: Session, drill: Drill, language: Language, *, seconds: int = 0) -> Shown:
    """A drill as a new hire would see it, so many seconds after it was shown and before the answer."""
    situation = msgspec.structs.replace(drill.situation(language), good="")
    allowed = training_settings(session).drill_seconds
    return Shown(
        answer_id=0, state="open", situation=situation, criterion=drill.criterion, origin="shipped", is_given=False,
        left_seconds=max(0, allowed - seconds), allowed_seconds=allowed, text="", judged=None, is_late=False, seconds=None, due_at=None,
    )  # fmt: skip


def tried(session: Session, drill: Drill, language: Language, text: str, *, seconds: int, now: datetime) -> Shown:
    """What would come of an answer after so many seconds.

    Raises:
        EmptyAnswerError, LongAnswerError: it cannot be one.
    """
    text = answer_text(text)
    situation, shown = drill.situation(language), offered(session, drill, language)
    judged = marker_now(session, situation, now=now).mark(situation, text, seconds=seconds)
    is_late = seconds > shown.allowed_seconds
    state = "failed" if is_late else judged.verdict
    return msgspec.structs.replace(
        shown, state=state, situation=situation, text=text, judged=judged, is_late=is_late, seconds=seconds
    )
