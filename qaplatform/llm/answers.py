"""A model's reply → answers, or the sentence that says what is wrong with it.

One validator for all ways of asking: with a JSON schema, with JSON asked for, or in plain text. It never fills in a
verdict: what is not said, said twice or said otherwise is a bad reply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from qaplatform.errors import QAPlatformError
from qaplatform.llm.asking import Asked
from qaplatform.llm.prompt import Verdict
from qaplatform.llm.transcript import cleaned

Mode = Literal["json_schema", "json_object", "text"]
MOST_REPLY_CHARS = 200_000
_MOST_REASON_CHARS = 2_000
_MOST_QUOTE_CHARS = 1_000
_MOST_QUOTES = 12
_MOST_CANDIDATES = 500
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_WORDS: dict[str, Verdict] = {
    "yes": "yes", "no": "no", "not_applicable": "not_applicable", "unsure": "unsure",
    "not applicable": "not_applicable", "not-applicable": "not_applicable",
    "是": "yes", "否": "no", "不适用": "not_applicable", "不确定": "unsure",
}  # fmt: skip
_VERDICT_LINE = re.compile(
    r"^[\s>*#`_-]*(?P<id>[^:：=]{1,200}?)[\s*`_]*[:：=][\s*`_]*(?P<verdict>.{1,40}?)[\s*`_.。!]*$"
)
_HEAD_LINE = re.compile(r"^\s*#{1,6}\s*(?P<id>.{1,200}?)\s*#*\s*$")
_QUOTE_LINE = re.compile(
    r"^\s*(?:[-*]\s*)?[>＞]\s*[\[【#]?(?P<number>[0-9]{1,6})[\]】]?\s*[:：.、]\s*(?P<quote>.*\S)\s*$"
)


class BadReplyError(QAPlatformError):
    """A model's reply cannot be used; ``problem`` says why, in a sentence the model can be told."""

    code = "bad_reply"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __reduce__(self) -> tuple[type[BadReplyError], tuple[str]]:
        return type(self), (self.problem,)


class Quote(msgspec.Struct, frozen=True):
    """What a model says was written; nothing is known of it before it is located."""

    message: int
    text: str


class Answer(msgspec.Struct, frozen=True):
    """What a model says about one criterion, in the right form and with an allowed verdict; no more is known."""

    criterion_id: str
    verdict: Verdict
    reason: str = ""
    quotes: tuple[Quote, ...] = ()


def parse(text: str, mode: Mode, questions: Sequence[Asked]) -> list[Answer]:
    """The answers in a reply, in the order of the questions.

    Args:
        text: What the model wrote. JSON may stand in a code fence or among other words; thoughts before it are left
            aside.
        mode: How it was asked. In ``text``, verdicts stand in the last lines; JSON is taken as well.
        questions: What was asked.

    Raises:
        BadReplyError: it cannot be used.
    """
    if len(text) > MOST_REPLY_CHARS:
        raise BadReplyError(f"the answer is longer than {MOST_REPLY_CHARS} characters")
    said = _THOUGHT.sub("", text).strip()
    if not said:
        raise BadReplyError("the answer is empty")
    found = _json_in(said)
    if found is not None:
        return _checked(found, questions)
    if mode == "text":
        return _from_lines(said, questions)
    raise BadReplyError("the answer is no JSON object with a list of answers")


class _RefusedError(ValueError):
    """The JSON says something twice, or a number that is none."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RefusedError("a key stands twice in one JSON object")
    return found


def _no_number(name: str) -> float:
    raise _RefusedError(f"{name} is no number")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)


def _json_in(text: str) -> list[Any] | None:
    """The list of answers of the one JSON value in a text that has it; ``None`` where there is none."""
    try:
        candidates = list(_values_in(text))
    except _RefusedError as error:
        raise BadReplyError(str(error)) from error
    except RecursionError as error:
        raise BadReplyError("the JSON is nested too deeply") from error
    lists = [one for one in map(_answers_of, candidates) if one is not None]
    different = [one for place, one in enumerate(lists) if one not in lists[:place]]
    if len(different) > 1:
        raise BadReplyError("there are several different answers; give one JSON object only")
    return different[0] if different else None


def _values_in(text: str) -> Iterator[Any]:
    """The outermost JSON objects and lists in a text."""
    at, tried = 0, 0
    while tried < _MOST_CANDIDATES:
        begin = re.compile(r"[{\[]").search(text, at)
        if begin is None:
            return
        tried += 1
        try:
            value, at = _DECODER.raw_decode(text, begin.start())
        except _RefusedError:
            raise
        except ValueError:
            at = begin.start() + 1
            continue
        yield value


def _answers_of(value: Any) -> list[Any] | None:
    """The list of answers a JSON value holds; one bare answer, or a list of them, counts too."""
    if isinstance(value, dict):
        if "answers" in value:
            answers = value["answers"]
            if not isinstance(answers, list):
                raise BadReplyError(f"'answers' must be a list, not {_kind(answers)}")
            return answers
        return [value] if {"id", "verdict"} <= value.keys() else None
    if isinstance(value, list) and value and all(isinstance(one, dict) and "verdict" in one for one in value):
        return value
    return None


def _checked(found: Sequence[Any], questions: Sequence[Asked]) -> list[Answer]:
    """The answers, each question once."""
    asked = {one.criterion_id: one for one in questions}
    answers: dict[str, Answer] = {}
    for item in found:
        if not isinstance(item, dict):
            raise BadReplyError(f"an answer must be a JSON object, not {_kind(item)}")
        id = item.get("id")
        if not isinstance(id, str):
            raise BadReplyError("an answer has no 'id'" if id is None else f"'id' must be a text, not {_kind(id)}")
        id = id.strip()
        if id not in asked:
            raise BadReplyError(f"there is no question {id[:60]!r}; the questions are {', '.join(asked)}")
        if id in answers:
            raise BadReplyError(f"question {id} is answered twice")
        answers[id] = _answer(item, asked[id])
    return _complete(answers, questions)


def _complete(answers: dict[str, Answer], questions: Sequence[Asked]) -> list[Answer]:
    lacking = [one.criterion_id for one in questions if one.criterion_id not in answers]
    if lacking:
        raise BadReplyError(f"there is no answer to {', '.join(lacking)}")
    return [answers[one.criterion_id] for one in questions]


def _answer(item: dict[str, Any], asked: Asked) -> Answer:
    id = asked.criterion_id
    reason = item.get("reason") or ""
    if not isinstance(reason, str):
        raise BadReplyError(f"the reason of {id} must be a text, not {_kind(reason)}")
    evidence = item.get("evidence")
    if evidence is None:
        evidence = []
    if not isinstance(evidence, list):
        raise BadReplyError(f"the evidence of {id} must be a list, not {_kind(evidence)}")
    quotes = [_quote(one, id) for one in evidence]
    return _made(asked, item.get("verdict"), reason, quotes)


def _quote(item: Any, id: str) -> Quote:
    if not isinstance(item, dict) or "message" not in item or "quote" not in item:
        raise BadReplyError(f"each evidence of {id} must be an object with 'message' and 'quote'")
    number, text = item["message"], item["quote"]
    if isinstance(number, str) and re.fullmatch(r"\s*\[?[0-9]{1,6}\]?\s*", number):
        number = int(number.strip(" []\t\n"))
    if isinstance(number, bool) or not isinstance(number, int):
        raise BadReplyError(f"the message of an evidence of {id} must be a whole number, not {_kind(number)}")
    if not isinstance(text, str):
        raise BadReplyError(f"the quote of an evidence of {id} must be a text, not {_kind(text)}")
    return Quote(number, text)


def _made(asked: Asked, verdict: Any, reason: str, quotes: Sequence[Quote]) -> Answer:
    """An answer whose pieces are within bounds and whose verdict is one of those allowed."""
    id = asked.criterion_id
    if not isinstance(verdict, str):
        raise BadReplyError(f"{id} has no verdict" if verdict is None else f"the verdict of {id} must be a text")
    meant = _WORDS.get(verdict.strip().casefold())
    if meant is None or meant not in asked.verdicts:
        allowed = ", ".join(asked.verdicts)
        raise BadReplyError(f"the verdict of {id} must be one of {allowed}, not {verdict.strip()[:40]!r}")
    if len(reason) > _MOST_REASON_CHARS:
        raise BadReplyError(f"the reason of {id} is longer than {_MOST_REASON_CHARS} characters")
    if len(quotes) > _MOST_QUOTES:
        raise BadReplyError(f"{id} has more than {_MOST_QUOTES} pieces of evidence")
    if any(len(one.text) > _MOST_QUOTE_CHARS for one in quotes):
        raise BadReplyError(f"a quote of {id} is longer than {_MOST_QUOTE_CHARS} characters")
    return Answer(id, meant, cleaned(reason), tuple(Quote(one.message, _storable(one.text)) for one in quotes))


def _storable(text: str) -> str:
    """A text that every database takes: no NUL, no halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _kind(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return "nothing" if value is None else names.get(type(value), "something else")


def _from_lines(text: str, questions: Sequence[Asked]) -> list[Answer]:
    """Answers in plain text: a part for each question, and the verdicts in the last lines."""
    asked = {one.criterion_id: one for one in questions}
    lines = [
        line for line in text.splitlines() if line.strip() and not re.fullmatch(r"\s*(?:```\w*|[-*_]{3,})\s*", line)
    ]
    verdicts: dict[str, str] = {}
    while lines:
        said = _verdict_in(lines[-1], asked, alone=len(asked) == 1 and not verdicts)
        if said is None:
            break
        id, verdict = said
        if id in verdicts:
            raise BadReplyError(f"question {id} is answered twice")
        verdicts[id] = verdict
        lines.pop()
    lacking = [id for id in asked if id not in verdicts]
    if lacking:
        wanted = " and ".join(f"'{id}: verdict'" for id in lacking)
        raise BadReplyError(f"the last lines do not say {wanted}")
    parts = _parts(lines, asked)
    return [_from_part(asked[id], verdicts[id], parts[id]) for id in asked]


def _verdict_in(line: str, asked: dict[str, Asked], *, alone: bool) -> tuple[str, str] | None:
    """The question and the verdict a line states."""
    match = _VERDICT_LINE.match(line)
    if match and match["id"].strip() in asked:
        return match["id"].strip(), match["verdict"]
    if alone:
        # With one question, its name may be left out, or another word may stand for it.
        named = match and match["id"].strip().casefold() in ("verdict", "answer", "结论", "答案")
        bare = match["verdict"] if match and named else line.strip(" \t*`_.。!")
        if bare.strip().casefold() in _WORDS:
            return next(iter(asked)), bare
    return None


def _parts(lines: Sequence[str], asked: dict[str, Asked]) -> dict[str, list[str]]:
    """The lines of each question; what stands before the first heading belongs to a question only if it is the one."""
    parts: dict[str, list[str]] = {id: [] for id in asked}
    here = next(iter(asked)) if len(asked) == 1 else None
    for line in lines:
        head = _HEAD_LINE.match(line)
        if head and head["id"].strip(" *`") in asked:
            here = head["id"].strip(" *`")
        elif here is not None:
            parts[here].append(line)
    return parts


def _from_part(asked: Asked, verdict: str, lines: Sequence[str]) -> Answer:
    quotes, reason = [], []
    for line in lines:
        match = _QUOTE_LINE.match(line)
        if match:
            quotes.append(Quote(int(match["number"]), match["quote"]))
        else:
            reason.append(line.strip())
    return _made(asked, verdict, " ".join(reason), quotes)
