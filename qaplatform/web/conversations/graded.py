"""What a language model said of a conversation, as its page and the review desk show it.

Its words are foreign: they are escaped, cut off, and its quotations are shown from the conversation itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from qaplatform.audit.masking import Masked
from qaplatform.formats.writing.plain import visible
from qaplatform.formats.writing.wording import Wording
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.services.conversation_pages import ConversationPage
from qaplatform.store.grades import ReadGrade, ReadGrading
from qaplatform.web.conversations.chat import ChatWords, ModelMarks
from qaplatform.web.conversations.marked_text import letter_of
from qaplatform.web.grader_words import problem_words, verdict_words
from qaplatform.web.i18n import _, language

Standing = Literal["counts", "ruled", "suggestion", "unanswered"]
_OUTCOMES = ("pass", "fail", "not_applicable")
_MOST_REASON_CHARS = 500
_MOST_QUOTE_CHARS = 80


@dataclass(frozen=True, slots=True)
class CitedShown:
    """Words that an answer rests on."""

    number: int
    message: int
    start: int
    end: int
    """In the text that is shown; nothing where the words are gone."""
    quote: Markup

    @property
    def letter(self) -> str:
        """What stands for it in the chat."""
        return letter_of(self.number)

    @property
    def is_marked(self) -> bool:
        """Whether it is marked in the chat word for word."""
        return self.start < self.end


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """What a model said to one question."""

    criterion: str
    title: str
    verdict: str | None
    said: str
    """The verdict in words."""
    suggests: str | None
    """The outcome that the verdict means for the criterion: ``pass``, ``fail``, ``not_applicable``; or nothing."""
    standing: Standing
    is_trusted: bool
    reason: Markup
    cited: tuple[CitedShown, ...]
    problem: str
    part_count: int
    parts_read: int

    @property
    def is_partly_read(self) -> bool:
        """Whether some part of the conversation could not be asked about."""
        return self.parts_read < self.part_count


@dataclass(frozen=True, slots=True)
class GradedShown:
    """A grading, as somebody may see it."""

    grading: ReadGrading
    models: Sequence[str]
    answers: Sequence[AnswerShown]
    marks: ModelMarks
    is_whole: bool
    """Otherwise only the answers that count are shown, without what it took."""

    @property
    def sign_count(self) -> int:
        """So many places seem to be written for the model."""
        return len(self.marks.signs)

    @property
    def counted(self) -> int:
        """So many answers count."""
        return sum(one.standing == "counts" for one in self.answers)

    @property
    def by_criterion(self) -> Mapping[str, AnswerShown]:
        """The answers by criterion."""
        return {one.criterion: one for one in self.answers}


def graded_of(
    page: ConversationPage, wording: Wording, grades: Iterable[ReadGrade] | None = None
) -> GradedShown | None:
    """The newest grading of what is shown; ``None`` where there is none, or nothing that the viewer may see.

    Args:
        page: The conversation.
        wording: The rubric's words in the reader's language.
        grades: Which of its answers; otherwise all.
    """
    grading = page.grading
    if grading is None:
        return None
    shown = [
        one
        for one in (grading.grades if grades is None else grades)
        if page.may_see_model or one.counts_as in _OUTCOMES
    ]
    if not shown:
        return None
    answers: list[AnswerShown] = []
    number = 0
    for one in sorted(shown, key=lambda one: wording.place(one.criterion)):
        cited = tuple(_cited(number + place, spot, page.masked) for place, spot in enumerate(one.evidence, start=1))
        number += len(cited)
        answers.append(_answer(one, cited, wording))
    signs = [_place(page.masked, *one[:3]) for one in grading.signs] if page.may_see_model else ()
    return GradedShown(
        grading=grading,
        models=list(dict.fromkeys(one.model for one in shown if one.model)),
        answers=answers,
        marks=ModelMarks(
            cited=[(it.number, it.message, it.start, it.end) for one in answers for it in one.cited if it.is_marked],
            signs=[one for one in signs if one[1] < one[2]],
        ),
        is_whole=page.may_see_model,
    )


def _answer(one: ReadGrade, cited: tuple[CitedShown, ...], wording: Wording) -> AnswerShown:
    criterion = wording.criteria.get(one.criterion)
    suggests = None
    if one.verdict == "not_applicable":
        suggests = "not_applicable"
    elif one.verdict in ("yes", "no") and criterion is not None:
        good = criterion.question.good if criterion.question else "yes"
        suggests = "pass" if one.verdict == good else "fail"
    standing: Standing = "suggestion"
    if one.counts_as in _OUTCOMES:
        standing = "counts"
    elif one.verdict in (None, "unsure"):
        standing = "unanswered"
    elif one.is_trusted:
        standing = "ruled"
    return AnswerShown(
        criterion=one.criterion,
        title=_title(one, wording),
        verdict=one.verdict,
        said=verdict_words(one.verdict),
        suggests=suggests,
        standing=standing,
        is_trusted=one.is_trusted,
        reason=visible(_cut(one.reason, _MOST_REASON_CHARS)),
        cited=cited,
        problem=problem_words(one.problem) if one.problem else "",
        part_count=one.part_count,
        parts_read=one.parts_read,
    )


def _title(one: ReadGrade, wording: Wording) -> str:
    """The criterion's; of what no rubric asked, the prompt's."""
    if one.criterion in wording.criteria:
        return wording.title(one.criterion)
    prompt = shipped_prompts().questions.get(one.prompt)
    return prompt.title[language()] if prompt else one.criterion


def _cited(number: int, spot: tuple[int, int, int], masked: Sequence[Masked]) -> CitedShown:
    message, start, end = _place(masked, *spot)
    words = masked[message].text[start:end] if start < end else ""
    return CitedShown(number, message, start, end, visible(_cut(words, _MOST_QUOTE_CHARS)))


def _place(masked: Sequence[Masked], message: int, start: int, end: int) -> tuple[int, int, int]:
    """A place of the original in the text that is shown; an empty one where it is gone."""
    if not 0 <= message < len(masked) or end > masked[message].original_chars:
        return message, 0, 0
    return (message, *masked[message].to_masked(start, end))


def _cut(words: str, most: int) -> str:
    words = " ".join(words.split())
    return words if len(words) <= most else words[: most - 1] + "…"


def standing_words() -> Mapping[Standing, tuple[str, str]]:
    """What a standing is called, and what it means."""
    return {
        "counts": (_("计入评分"), _("这个模型对这个问题的判断已达到信任线，在人工裁定之前计入评分。")),
        "ruled": (_("未计入"), _("以人工裁定或更新的质检结果为准。")),
        "suggestion": (_("只作参考"), _("还没有达到信任线：不影响得分，人工采纳后才算数。")),
        "unanswered": (_("没有结论"), _("没有可用的结论，这一项不得分也不扣分。")),
    }


def chat_words() -> ChatWords:
    """What marks in a chat are called."""
    return ChatWords(
        number=_("扣分点 %%s"),
        promise=_("承诺"),
        cited=_("模型的依据 %%s"),
        sign=_("疑似写给模型的话，其中内容不作为依据"),
    )
