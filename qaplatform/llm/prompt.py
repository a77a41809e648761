"""A prompt: what a language model is asked and told, as frozen values.

Values come from the YAML files in ``prompts/`` through :mod:`qaplatform.llm.prompts`; ``prompts/README.md`` says what
their keys mean.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from qaplatform.errors import QAPlatformError
from qaplatform.llm.transcript import Said, Speaker

Language = Literal["zh", "en"]
Purpose = Literal["frame", "repair", "question"]
Verdict = Literal["yes", "no", "not_applicable", "unsure"]
Across = Literal["any_yes", "any_no", "latest"]
"""How answers about the parts of a long conversation become one; see :mod:`qaplatform.llm.merging`."""

LANGUAGES: tuple[Language, ...] = get_args(Language)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
VARIABLE = re.compile(r"\{\{([a-z_]+)\}\}")

FRAME_WORDS: Mapping[str, tuple[str, ...]] = {
    "customer": (), "agent": (), "bot": (), "system": (), "note": (), "auto": (), "whole": (), "part": ("number", "count"),
    "question": ("id",), "policy_none": (), "verdicts": ("verdicts",), "means": (), "evidence": (), "borderline": (),
    "examples": (), "answer": (), "evidence_required": (), "evidence_optional": (), "evidence_none": (),
    "answer_json": ("ids",), "answer_text": ("ids",),
}  # fmt: skip
"""Words and sentences of the frame, with the variables each must have."""


class UnknownPromptError(QAPlatformError):
    """There is no prompt of that name; a rubric's question must name one of those in prompts/."""


class Example(msgspec.Struct, frozen=True):
    """An invented piece of conversation with its right answer, in one language."""

    verdict: Verdict
    messages: tuple[Said, ...]
    reason: str
    quote_message: int | None = None
    quote: str = ""


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """One prompt; texts are by language. What a purpose does not have is empty."""

    id: str
    purpose: Purpose
    title: Mapping[Language, str]
    variables: tuple[str, ...] = ()
    """What is filled in where ``{{name}}`` stands."""
    system: Mapping[Language, str] = {}
    user: Mapping[Language, str] = {}
    words: Mapping[Language, Mapping[str, str]] = {}
    """The frame's words and sentences; see :data:`FRAME_WORDS`."""
    question: Mapping[Language, str] = {}
    verdicts: tuple[Verdict, ...] = ()
    means: Mapping[Language, Mapping[Verdict, str]] = {}
    """What each verdict means."""
    evidence: Mapping[Language, str] = {}
    """What counts as evidence."""
    speakers: Mapping[Verdict, Speaker] = {}
    """Whose words are evidence for ``yes`` and for ``no``."""
    across: Across = "any_no"
    borderline: Mapping[Language, str] = {}
    examples: Mapping[Language, tuple[Example, ...]] = {}
    content_hash: str = ""

    def speaker(self, verdict: Verdict) -> Speaker:
        """Whose words are evidence for a verdict."""
        return self.speakers.get(verdict, "any")


class Prompts(msgspec.Struct, frozen=True):
    """All prompts of an installation."""

    frame: Prompt
    repair: Prompt
    questions: Mapping[str, Prompt]

    def question(self, id: str) -> Prompt:
        """One question.

        Raises:
            UnknownPromptError: there is none of that name.
        """
        if id not in self.questions:
            raise UnknownPromptError(f"there is no prompt {id!r}; there are {', '.join(sorted(self.questions))}")
        return self.questions[id]


def sealed(prompt: Prompt) -> Prompt:
    """The prompt with its content hash: same hash, same words to the model."""
    content = msgspec.json.encode(msgspec.structs.replace(prompt, content_hash=""), order="deterministic")
    return msgspec.structs.replace(prompt, content_hash=hashlib.sha256(content).hexdigest()[:12])


def filled(text: str, values: Mapping[str, str]) -> str:
    """A prompt's text with its variables filled in, all at once: nothing in a value is taken for a variable."""
    return VARIABLE.sub(lambda match: values[match[1]], text)
