"""The English of questions that come back from a file of one language, as GIFT is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from qaplatform.training.questions import AnyQuestion, FlawError


def with_english_of(question: AnyQuestion, before: AnyQuestion) -> AnyQuestion:
    """A question without English with that of the one before, where every Chinese text of it stood there as well."""
    if question.has_english or not before.has_english:
        return question
    known = {words.zh: words.en for _field, words in before.texts()}
    if any(words.zh not in known for _field, words in question.texts()):
        return question
    try:
        found: AnyQuestion = msgspec.convert(_filled(msgspec.to_builtins(question), known), AnyQuestion)
    except (FlawError, msgspec.ValidationError):
        return question
    return found


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        if set(value) == {"zh", "en"}:
            return {"zh": value["zh"], "en": known[value["zh"]]}
        return {key: _filled(one, known) for key, one in value.items()}
    return [_filled(one, known) for one in value] if isinstance(value, list | tuple) else value
