"""What mentors decided about an exam, in words, and what they may say of a reply that nobody could read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qaplatform.exam.act_words import act_word, sign_word, wanted_words
from qaplatform.exam.scenario import Required, several
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.training.exam_grading import ExamResult
from qaplatform.services.training.exam_standing import NOTHING, act_of
from qaplatform.store.training.exam_results import StoredRuling
from qaplatform.web.i18n import Language, _
from qaplatform.web.training import exam_words

_SHORT_CHARS = 24
_ACTS = (
    "greets", "soothes", "apologises", "explains", "asks", "offers", "refuses", "promises", "escalates", "closes",
    "confirms", "stalls", "rebuffs",
)  # fmt: skip
"""What a mentor may say a reply did, beside what the task asks for."""


@dataclass(frozen=True, slots=True)
class RulingShown:
    """What a mentor decided, in words."""

    what: str
    decision: str
    reason: str
    person: str
    at: datetime


def ruling_of(one: StoredRuling, result: ExamResult, wording: Wording | None, language: Language) -> RulingShown:
    """A ruling in words."""
    what = str(exam_words.RULING_KINDS.get(one.kind, one.kind))
    if one.kind == "criterion":
        what = wording.title(one.subject) if wording else one.subject
    elif one.kind == "task" and result.task:
        what = next((it.title.in_language(language) for it in result.task.items if it.id == one.subject), one.subject)
    elif one.kind == "unread":
        text = next((it.text for it in result.lines if str(it.number) == one.subject), "")
        what = f"“{text[:_SHORT_CHARS]}”"
    return RulingShown(what, decision_of(one, result, language), one.reason, one.user_name, one.created_at)


def decision_of(one: StoredRuling, result: ExamResult, language: Language) -> str:
    """What was decided, in words."""
    if one.kind != "unread" or one.decision not in (NOTHING, *(value for value, _said in acts_of(result, language))):
        return _act_words(one.decision, language) if one.kind == "unread" else exam_words.decision(one.decision)
    return dict([(NOTHING, _("没有做到任务项")), *acts_of(result, language)])[one.decision]


def _act_words(decision: str, language: Language) -> str:
    act = act_of(decision)
    return act_word(act[0], language) if act else exam_words.decision(decision)


def acts_of(result: ExamResult, language: Language) -> list[tuple[str, str]]:
    """What a reply may have been: first what the task asks for, then the other acts by themselves."""
    found: dict[str, str] = {}
    for one in result.scenario.required if result.scenario else ():
        found.setdefault(_written(one), one.title.in_language(language))
    for act in _ACTS:
        if act == "promises":
            found.setdefault(act, sign_word("vague", language))
            found.setdefault("promises due", wanted_words([act], [], language, due=True))
        found.setdefault(act, act_word(act, language))
    return list(found.items())


def _written(one: Required) -> str:
    """An act as scenarios write it: ``offers refund due``."""
    about = several(one.about)
    return " ".join([several(one.act)[0], *about[:1], *(["due"] if one.due else [])])
