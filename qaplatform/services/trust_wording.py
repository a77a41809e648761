"""The words a model was asked in, as far as they are still those of today: only their hash is kept with a grade."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.rubric import Rubric
from qaplatform.llm.asking import Asked, asked_of, question_hash
from qaplatform.llm.prompt import LANGUAGES, Language, Prompts, filled
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.services.grader_trust import Measured
from qaplatform.services.question_grading import plain_questions
from qaplatform.services.rubric_versions import in_force, rubric_of
from qaplatform.store import conversation_words as words


class AskedWords(msgspec.Struct, frozen=True):
    """A question as a model reads it, without the rules around it and the examples."""

    language: Language
    question: str
    means: tuple[tuple[str, str], ...]
    """Verdict, and what it means."""
    evidence: str
    borderline: str
    policy: str
    """What the rubric says of the criterion."""


def title_of(prompt: str, language: str) -> str:
    """A question's title; its id where there is no such prompt any more."""
    found = shipped_prompts().questions.get(prompt)
    return prompt if found is None else found.title["en" if language == "en" else "zh"]


def words_asked(session: Session, found: Measured) -> AskedWords | None:
    """The words behind a hash; ``None`` where question, policy or rules are others by now."""
    prompts = shipped_prompts()
    if found.asked.prompt not in prompts.questions:
        return None
    for language in LANGUAGES:
        for asked in _ways(session, found, prompts, language):
            if question_hash(prompts.frame, asked, language) == found.asked.question_hash:
                return _words(asked, prompts, language)
    return None


def _ways(session: Session, found: Measured, prompts: Prompts, language: Language) -> Iterator[Asked]:
    """How the question may have been asked: by a rubric of today, by the one people ruled under last, by itself."""
    for rubric in _rubrics(session, found):
        for one in rubric.criteria:
            if one.id == found.criterion and one.question is not None and one.question.prompt == found.asked.prompt:
                yield asked_of(one, prompts, language)
    yield from plain_questions([found.asked.prompt], prompts, language)


def _rubrics(session: Session, found: Measured) -> Iterator[Rubric]:
    yield from in_force()
    if found.rubric_version is not None:
        code, content_hash, id = found.rubric_version
        ruled_under = rubric_of(content_hash, code, lambda: words.rubric_files(session, id))
        if ruled_under is not None:
            yield ruled_under


def _words(asked: Asked, prompts: Prompts, language: Language) -> AskedWords:
    prompt = asked.prompt
    values = {"policy": asked.policy or prompts.frame.words[language]["policy_none"]}
    return AskedWords(
        language=language,
        question=filled(prompt.question[language], values),
        means=tuple((verdict, filled(text, values)) for verdict, text in prompt.means[language].items()),
        evidence=filled(prompt.evidence[language], values) if asked.evidence != "none" else "",
        borderline=filled(prompt.borderline[language], values) if language in prompt.borderline else "",
        policy=asked.policy,
    )
