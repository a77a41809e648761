"""From the form of the desk to answers. One criterion, one group of fields; a browser without JavaScript sends the same.

Added findings and comments are kept in the draft as soon as they are made; the form only brings new ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast, get_args

import msgspec
from werkzeug.datastructures import MultiDict

from qaplatform.audit.masking import Masked
from qaplatform.audit.ruling import Cause
from qaplatform.services.review_drafts import MOST_CHARS, Added, Answer, BadDraftError, Comment, Draft

Fields = MultiDict[str, str]
_CHOICES = ("confirm", "pass", "fail", "not_applicable", "not_the_agent")


class WordsNotFoundError(BadDraftError):
    """These words do not stand in that message; copy them as they are shown."""

    code = "review.words"


def answers_in(fields: Fields, outcomes: Mapping[str, str], *, is_blind: bool) -> tuple[Answer, ...]:
    """The answers of a form; ``outcomes`` are the machine's by criterion, of all that may be answered.

    Raises:
        BadDraftError: a field holds what it cannot.
    """
    found = (_answer(fields, id, outcome, is_blind=is_blind) for id, outcome in outcomes.items())
    return tuple(one for one in found if one is not None)


def _answer(fields: Fields, id: str, outcome: str, *, is_blind: bool) -> Answer | None:
    said = fields.get(f"ruling:{id}", "")
    if said not in _CHOICES:
        return None
    reason, wrong = _text(fields, f"reason:{id}"), _numbers(fields.getlist(f"wrong:{id}"))
    agent = _numbers([fields.get(f"agent:{id}", "")])
    agent_id = agent[0] if agent else None
    match said:
        case "confirm":
            return Answer(id, "confirm", wrong=wrong, agent_id=agent_id, reason=reason)
        case "not_applicable":
            return Answer(id, "not_applicable", reason=reason)
        case "not_the_agent":
            cause = fields.get(f"cause:{id}", "")
            known = cast("Cause", cause) if cause in get_args(Cause) else None
            return Answer(id, "not_the_agent", cause=known, reason=reason)
        case _:
            kind: Literal["answer", "overrule"] = (
                "answer" if is_blind or outcome not in ("pass", "fail") else "overrule"
            )
            passed: Literal["pass", "fail"] = "pass" if said == "pass" else "fail"
            return Answer(id, kind, passed, agent_id=agent_id, reason=reason)


def choice_of(answer: Answer | None) -> str:
    """What is chosen in the form for an answer."""
    if answer is None:
        return ""
    return answer.outcome or "" if answer.kind in ("overrule", "answer") else answer.kind


def new_finding(fields: Fields, masked: Sequence[Masked]) -> Added | None:
    """A finding that is to be added; ``None`` where no words are given. Places are turned into those of the original.

    Raises:
        WordsNotFoundError: the words do not stand there.
        BadDraftError: a field holds what it cannot.
    """
    words, criterion = fields.get("new-words", "").strip(), fields.get("new-criterion", "")
    message = _numbers([fields.get("new-message", "")])
    if not words and not message:
        return None
    if not criterion or not message or not message[0] < len(masked):
        raise WordsNotFoundError
    text = masked[message[0]]
    places = _numbers([fields.get("new-start", ""), fields.get("new-end", "")])
    if len(places) == 2 and text.text[places[0] : places[1]].strip() == words:
        start, end = places
    else:
        start = text.text.find(words) if words else 0
        end = start + len(words) if words else len(text.text)
    if start < 0 or end <= start:
        raise WordsNotFoundError
    return Added(criterion, message[0], *text.to_original(start, end), _text(fields, "new-comment"))


def new_comment(fields: Fields, message_count: int) -> Comment | None:
    """A comment that is to be added, if there are any words.

    Raises:
        BadDraftError: there is no such message.
    """
    text = _text(fields, "comment-text")
    if not text:
        return None
    message = _numbers([fields.get("comment-message", "")])
    if message and message[0] >= message_count:
        raise BadDraftError
    kind: Literal["comment", "praise"] = "praise" if fields.get("comment-kind") == "praise" else "comment"
    return Comment(text, kind, message[0] if message else None)


def without(draft: Draft, what: str) -> Draft:
    """A draft without one of its added findings or comments: ``added:2``, ``comment:0``."""
    kind, _, number = what.partition(":")
    if not number.isdecimal():
        return draft
    place = int(number)
    if kind == "added":
        return msgspec.structs.replace(draft, added=(*draft.added[:place], *draft.added[place + 1 :]))
    if kind == "comment":
        return msgspec.structs.replace(draft, comments=(*draft.comments[:place], *draft.comments[place + 1 :]))
    return draft


def summary_in(fields: Fields) -> str:
    """The summary."""
    return _text(fields, "summary")


def _text(fields: Fields, name: str) -> str:
    text = fields.get(name, "").replace("\0", "").replace("\r\n", "\n").strip()
    if len(text) > MOST_CHARS:
        raise BadDraftError
    return text


def _numbers(texts: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(text) for text in texts if text.isdecimal() and text.isascii() and len(text) <= 6)
