"""Questions and a part of a conversation → a request; an answer that cannot be used → one more request.

Everything the model reads of ours comes from the prompts' files; this module only puts it in order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from qaplatform.audit.rubric import Criterion
from qaplatform.llm.prompt import VERDICTS, Example, Language, Prompt, Prompts, Verdict, filled
from qaplatform.llm.request import Message, Request
from qaplatform.llm.transcript import Window, cleaned, line_of, render

Evidence = Literal["required", "optional", "none"]
Form = Literal["json", "text"]
SCHEMA_NAME = "answers"
MOST_QUOTES = 3
"""So many quotes are asked for; the validator lets some more pass."""
_TOKENS_AROUND = 200
_TOKENS_AN_ANSWER = 500
_MOST_REPLY_CHARS = 6_000
"""So much of a reply that could not be used is sent back."""


class Asked(msgspec.Struct, frozen=True):
    """One criterion that is asked about."""

    criterion_id: str
    title: str
    """The criterion's own title, in the language asked in."""
    prompt: Prompt
    evidence: Evidence = "required"
    policy: str = ""
    """What the rubric says about it, in the language asked in."""
    allowed: tuple[Verdict, ...] = ()
    """Verdicts it may be answered with; the prompt's where empty."""

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Verdicts it may be answered with."""
        return self.allowed or self.prompt.verdicts


def asked_of(criterion: Criterion, prompts: Prompts, language: Language) -> Asked:
    """What a rubric's criterion of kind ``question`` asks.

    Raises:
        UnknownPromptError: there is no prompt of that name.
        ValueError: the criterion asks nothing.
    """
    question = criterion.question
    if question is None:
        raise ValueError(f"criterion {criterion.id!r} asks nothing")
    return Asked(
        criterion_id=criterion.id,
        title=criterion.title.in_language(language),
        prompt=prompts.question(question.prompt),
        evidence=question.evidence,
        policy=criterion.policy.in_language(language) if criterion.policy else "",
    )


def question_hash(frame: Prompt, asked: Asked, language: Language) -> str:
    """Sixteen characters that stand for all a model reads of one question and of the rules around it.

    With the model, its parameters and :func:`transcript_hash` they say whether an answer is known already.
    """
    return _hash([frame.content_hash, language, _question(asked, frame, language), asked.verdicts])


def transcript_hash(frame: Prompt, window: Window, language: Language) -> str:
    """Sixteen characters that stand for a part of a conversation as a model reads it, whatever the fence."""
    words = frame.words[language]
    return _hash([render(window, "", roles=words, auto=words["auto"]), window.index, window.count])


def _hash(content: object) -> str:
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()[:16]


def build_request(
    frame: Prompt,
    questions: Sequence[Asked],
    window: Window,
    *,
    language: Language,
    fence: str,
    form: Form = "json",
    tokens_an_answer: int = _TOKENS_AN_ANSWER,
) -> Request:
    """What is sent to a model.

    Args:
        frame: The prompt of purpose ``frame``.
        questions: What is asked, one or a few; no criterion twice.
        window: The part of the conversation, masked.
        language: What the request is written in, whatever the conversation is in.
        fence: New for every request; see :func:`qaplatform.llm.transcript.fence_for`.
        form: ``text`` for endpoints that cannot be held to JSON.
        tokens_an_answer: What one answer may take; models that think first need more.

    Raises:
        ValueError: no question, or one criterion twice.
    """
    ids = [one.criterion_id for one in questions]
    if not ids or len(set(ids)) != len(ids):
        raise ValueError("a request asks at least one question, and no criterion twice")
    words = frame.words[language]
    transcript = render(window, fence, roles=words, auto=words["auto"])
    part = {"number": str(window.index + 1), "count": str(window.count)}
    values = {
        "fence": fence,
        "questions": "\n\n".join(_question(one, frame, language) for one in questions),
        "part": filled(words["part"], part) if window.count > 1 else words["whole"],
        "transcript": transcript,
        "answer_form": filled(words["answer_json" if form == "json" else "answer_text"], {"ids": ", ".join(ids)}),
    }
    messages = (
        Message("system", filled(frame.system[language], values)),
        Message("user", filled(frame.user[language], values)),
    )
    return Request(messages, answer_schema(questions), SCHEMA_NAME, _TOKENS_AROUND + tokens_an_answer * len(ids))


def repair_request(request: Request, reply_text: str, problem: str, *, repair: Prompt, language: Language) -> Request:
    """The one more try after a reply that could not be used.

    Args:
        request: What was asked.
        reply_text: What came back.
        problem: What is wrong with it, as :class:`qaplatform.llm.answers.BadReplyError` says.
        repair: The prompt of purpose ``repair``.
        language: The request's.
    """
    ids = ", ".join(request.schema["properties"]["answers"]["items"]["properties"]["id"]["enum"])
    said = filled(repair.user[language], {"problem": cleaned(problem), "ids": ids})
    reply = reply_text.strip()[:_MOST_REPLY_CHARS] or "…"
    return msgspec.structs.replace(
        request, messages=(*request.messages, Message("assistant", reply), Message("user", said))
    )


def answer_schema(questions: Sequence[Asked]) -> dict[str, Any]:
    """The JSON schema of the answers, in the strict form; reason and evidence are written before the verdict."""
    allowed = {verdict for one in questions for verdict in one.verdicts}
    quote = _object({"message": {"type": "integer"}, "quote": {"type": "string"}})
    answer = _object(
        {
            "id": {"type": "string", "enum": [one.criterion_id for one in questions]},
            "reason": {"type": "string"},
            "evidence": {"type": "array", "items": quote},
            "verdict": {"type": "string", "enum": [verdict for verdict in VERDICTS if verdict in allowed]},
        }
    )
    return _object({"answers": {"type": "array", "items": answer}})


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _question(asked: Asked, frame: Prompt, language: Language) -> str:
    """One question with all that belongs to it."""
    prompt, words = asked.prompt, frame.words[language]
    values = {"policy": asked.policy or words["policy_none"]}
    lines = [
        f"{filled(words['question'], {'id': asked.criterion_id})} ({asked.title or prompt.title[language]})",
        filled(prompt.question[language], values),
        "",
        filled(words["verdicts"], {"verdicts": " / ".join(asked.verdicts)}),
        words["means"],
        *(f"- {one}: {filled(text, values)}" for one, text in prompt.means[language].items() if one in asked.verdicts),
    ]
    if asked.evidence == "none":
        lines += ["", words["evidence_none"]]
    else:
        said = filled(prompt.evidence[language], values)
        lines += ["", words["evidence"], f"- {said}", f"- {words[f'evidence_{asked.evidence}']}"]
    if language in prompt.borderline:
        lines += ["", words["borderline"], filled(prompt.borderline[language], values)]
    examples = [one for one in prompt.examples.get(language, ()) if one.verdict in asked.verdicts]
    if examples:
        lines += ["", words["examples"], "\n\n".join("\n".join(_example(one, words)) for one in examples)]
    return "\n".join(lines)


def _example(example: Example, words: Mapping[str, str]) -> list[str]:
    lines = [f"  {line_of(message, '', roles=words, auto=words['auto'])}" for message in example.messages]
    quote = f" > {example.quote_message}: {example.quote}" if example.quote_message is not None else ""
    return [*lines, f"  → {words['answer']}: {example.reason}{quote} → {example.verdict}"]
