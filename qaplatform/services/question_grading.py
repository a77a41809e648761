"""A rubric's questions about a conversation: what is asked, masked; and what came of it, at its places in the original."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.masking import Masked, mask_all
from qaplatform.audit.rubric import Rubric
from qaplatform.llm.asking import Asked, asked_of
from qaplatform.llm.grading import Grade
from qaplatform.llm.injection import Sign
from qaplatform.llm.prompt import Language, Prompts
from qaplatform.llm.transcript import Said, said_of

_FEWEST_NAME_CHARS = 2


class Quoted(msgspec.Struct, frozen=True):
    """Verified evidence: characters ``start:end`` of a message as it was written, and the words as they were masked."""

    message: int
    start: int
    end: int
    quote: str


class Suspicion(msgspec.Struct, frozen=True):
    """Words that seem to be written for the model, at their place in a message as it was written."""

    message: int
    start: int
    end: int
    kind: str


class GradedQuestion(msgspec.Struct, frozen=True):
    """A question's verdict with its evidence, or why there is none."""

    criterion: str
    verdict: str | None
    reason: str
    evidence: tuple[Quoted, ...]
    problem: str
    parts: int
    parts_read: int
    dropped_quotes: int
    is_recalled: bool


class Words(msgspec.Struct, frozen=True):
    """A conversation as it is sent: without personal data."""

    said: tuple[Said, ...]
    masked: tuple[Masked, ...]


def words_of(conversation: Conversation, language: Language, staff: Collection[str] = ()) -> Words:
    """The messages behind the mask; the customer's name at the source, and those of the shop's people, wherever they stand."""
    customer = conversation.customer
    known = [customer.id] if customer and customer.id else []
    known += [name for name in staff if len(name) >= _FEWEST_NAME_CHARS]
    masked = mask_all([one.text for one in conversation.messages], language=language, known_names=known)
    said = said_of(conversation.messages, [one.text for one in masked])
    # Who they are is nobody's business; that they are several may matter.
    agents = list(dict.fromkeys(one.name for one in said if one.name))
    numbers = {name: str(place) for place, name in enumerate(agents, start=1)} if len(agents) > 1 else {}
    return Words(
        # Internal notes are what colleagues say of the chat, not what was said in it.
        tuple(msgspec.structs.replace(one, name=numbers.get(one.name or "")) for one in said if one.role != "note"),
        tuple(masked),
    )


def questions_of(rubric: Rubric, unscored: Collection[str], prompts: Prompts, language: Language) -> tuple[Asked, ...]:
    """The questions that apply to a conversation: those that its audit has left unscored.

    Raises:
        UnknownPromptError: the rubric names a prompt that is not there.
    """
    questions = [one for one in rubric.criteria if one.kind == "question" and one.id in unscored]
    return tuple(asked_of(one, prompts, language) for one in questions)


def language_of(conversation: Conversation) -> Language:
    """What a conversation is asked about in: its own language."""
    return "en" if (conversation.language or "").startswith("en") else "zh"


def plain_questions(names: Sequence[str], prompts: Prompts, language: Language) -> tuple[Asked, ...]:
    """Questions by the names of their prompts, without a rubric.

    Raises:
        UnknownPromptError: there is none of that name.
    """
    found = [prompts.question(name) for name in dict.fromkeys(names)]
    return tuple(Asked(one.id, one.title[language], one) for one in found)


def graded_question(grade: Grade, masked: Sequence[Masked]) -> GradedQuestion:
    """A grade with its evidence at the places of the original."""
    merged = grade.merged
    if merged is None:
        return GradedQuestion(grade.criterion_id, None, "", (), grade.problem, 0, 0, 0, grade.is_recalled)
    evidence = []
    for span in merged.spans:
        text = masked[span.message]
        original = span.in_original(text)
        evidence.append(Quoted(span.message, original.start, original.end, text.text[span.start : span.end]))
    return GradedQuestion(
        criterion=grade.criterion_id,
        verdict=merged.verdict,
        reason=merged.reason,
        evidence=tuple(evidence),
        problem=grade.problem,
        parts=merged.parts,
        parts_read=merged.parts_read,
        dropped_quotes=merged.dropped,
        is_recalled=grade.is_recalled,
    )


def suspicions(signs: Sequence[Sign], masked: Sequence[Masked]) -> tuple[Suspicion, ...]:
    """Signs of injection at their places in the original."""
    return tuple(
        Suspicion(one.message, *masked[one.message].to_original(one.start, one.end), one.kind) for one in signs
    )
