"""GIFT, Moodle's text form of questions: read and written (docs.moodle.org, *GIFT format*).

GIFT knows single and multiple choice, true or false, short texts with accepted variants (our fill-in with one blank) and essays
(our short answer without required points). What it cannot hold is named by :func:`to_gift`, never dropped silently: orders,
dialogues, several blanks, required points, and the second language. What GIFT has no word for (id, topic, difficulty, criterion,
domain, and an essay's model answer) stands in a comment before the question, as Moodle writes ids and tags, and is read back from there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from qaplatform.audit.phrases import Words
from qaplatform.audit.saying import Saying, said_in, say
from qaplatform.training.gift_answers import GiftError, answer_text, answers_of, escaped, plain, split_at
from qaplatform.training.questions import (
    BLANK,
    AnyQuestion,
    FillIn,
    FlawError,
    MultipleChoice,
    Question,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
)

_TAG = re.compile(r"\[(id|tag):((?:\\.|[^\]\\])*)\]")
_TITLE = re.compile(r"::((?:\\.|[^:\\]|:(?!:))*)::")
_FORMAT = re.compile(r"\[(html|plain|markdown|moodle)\]")
_BODY = re.compile(r"(?:\\.|[^{}\\])*", re.DOTALL)
_OWN_TAGS = ("topic", "difficulty", "criterion", "domain", "model_answer")
_SLUG = re.compile(r"[^a-z0-9]+")


class LeftOut(NamedTuple):
    """A question that GIFT cannot hold, and why."""

    question: str
    reason: str


class GiftProblem(NamedTuple):
    """A question that could not be read; ``line`` counts from 1."""

    line: int
    message: Saying


class GiftText(NamedTuple):
    """A GIFT file's text, and what is not in it."""

    text: str
    left_out: tuple[LeftOut, ...]


class GiftQuestions(NamedTuple):
    """The questions of a GIFT file, and what could not be read."""

    questions: tuple[AnyQuestion, ...]
    problems: tuple[GiftProblem, ...]


def to_gift(questions: Iterable[AnyQuestion], language: str = "zh") -> GiftText:
    """Questions as GIFT, in one language."""
    blocks, left_out = [], []
    category = ""
    for question in questions:
        if language == "en" and not question.has_english:
            left_out.append(LeftOut(question.id, "it is not there in English"))
            continue
        body = _body(question, language)
        if isinstance(body, LeftOut):
            left_out.append(body)
            continue
        if question.topic != category:
            category = question.topic
            blocks.append(f"$CATEGORY: {category}")
        blocks.append(f"{_comment(question, language)}\n::{escaped(question.id)}::{body}")
    return GiftText("\n\n".join(blocks) + "\n" if blocks else "", tuple(left_out))


def _comment(question: Question, language: str) -> str:
    given: dict[str, object] = {
        "topic": question.topic,
        "difficulty": question.difficulty,
        "criterion": question.criterion,
        "domain": question.domain,
    }
    if isinstance(question, ShortAnswer):
        given["model_answer"] = question.model_answer.in_language(language)
    tags = "".join(f" [tag:{key}={_tagged(str(value))}]" for key, value in given.items() if value is not None)
    return f"// [id:{question.id}]{tags}"


def _tagged(text: str) -> str:
    """A text inside a tag, on one line."""
    return re.sub(r"([\\\]])", r"\\\1", text).replace("\n", "\\n")


def _body(question: AnyQuestion, language: str) -> str | LeftOut:
    text = escaped(question.text.in_language(language))
    general = "####" + escaped(question.explanation.in_language(language))
    if isinstance(question, TrueFalse):
        return f"{text} {{{'TRUE' if question.answer else 'FALSE'}{general}}}"
    if isinstance(question, SingleChoice | MultipleChoice):
        return f"{text} {{\n" + "\n".join(_choices(question, language)) + f"\n\t{general}\n}}"
    if isinstance(question, FillIn) and len(question.blanks) == 1:
        before, after = re.split(BLANK, question.text.in_language(language), maxsplit=1)
        accepted = " ".join(f"={answer_text(one)}" for one in question.blanks[0])
        return f"{escaped(before)}{{{accepted} {general}}}{escaped(after)}"
    if isinstance(question, ShortAnswer) and not question.points:
        return f"{text} {{{general}}}"
    reasons = {"fill_in": "GIFT knows one blank a question", "short_answer": "GIFT knows no required points"}
    return LeftOut(question.id, reasons.get(question.kind, f"GIFT knows no questions of type {question.kind}"))


def _choices(question: SingleChoice | MultipleChoice, language: str) -> Iterator[str]:
    right, wrong = len(question.answer), len(question.options) - len(question.answer)
    for option in question.options:
        is_right = option.id in question.answer
        mark = "=" if is_right else "~"
        if isinstance(question, MultipleChoice):
            mark = f"~%{_share(right)}%" if is_right else f"~%-{_share(wrong)}%"
        yield f"\t{mark}{answer_text(option.text.in_language(language))}"


def _share(count: int) -> str:
    """A share of 100 as Moodle takes it, with five places at most."""
    return f"{100 / count:.5f}".rstrip("0").rstrip(".")


class _Block(NamedTuple):
    """A question's text with the comment before it; ``line`` is where the text begins."""

    line: int
    text: str
    tags: dict[str, str]
    category: str


def from_gift(text: str, *, topic: str = "imported", domain: str = "D26") -> GiftQuestions:
    """The questions of a GIFT text. Raises nothing.

    Args:
        text: the file.
        topic: of questions that stand under no category and name none.
        domain: what questions train that name nothing.
    """
    questions: list[AnyQuestion] = []
    problems: list[GiftProblem] = []
    ids: dict[str, int] = {}
    for block in _blocks(text.removeprefix("\ufeff")):
        try:
            question = _question(block, topic, domain)
        except GiftError as error:
            problems.append(GiftProblem(block.line + error.line_offset, said_in(error)))
        except FlawError as error:
            problems.append(GiftProblem(block.line, said_in(error)))
        else:
            if question.id in ids:
                said = say("there is a question {id!r} already, in line {line}", id=question.id, line=ids[question.id])
                problems.append(GiftProblem(block.line, said))
            else:
                ids[question.id] = block.line
                questions.append(question)
    return GiftQuestions(tuple(questions), tuple(problems))


def _blocks(text: str) -> Iterator[_Block]:
    """Questions are parted by blank lines (outside braces); comments and categories stand on lines of their own.

    A name or a category after a blank line begins another question, whatever is still open: braces that are forgotten cost one.
    """
    lines: list[str] = []
    first, category, is_open = 0, "", False
    tags: dict[str, str] = {}
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        stripped = line.strip()
        if is_open and not lines[-1].strip() and stripped.startswith(("::", "$CATEGORY:", "// question:", "// [id:")):
            yield _Block(first, "\n".join(lines).rstrip(), tags, category)
            lines, first, tags, is_open = [], 0, {}, False
        if stripped.startswith("//") and not is_open:
            tags |= _tags(stripped)
        elif stripped.startswith("$CATEGORY:") and not lines:
            category = stripped.removeprefix("$CATEGORY:").strip()
        elif stripped:
            first = first or number
            lines.append(line)
            is_open = _is_open("\n".join(lines))
        elif lines and is_open:
            # A blank line inside braces that close later belongs to the answers; one that never closes is found below.
            lines.append("")
        elif lines:
            yield _Block(first, "\n".join(lines), tags, category)
            lines, first, tags, is_open = [], 0, {}, False
    if lines:
        yield _Block(first, "\n".join(lines).rstrip(), tags, category)


def _is_open(text: str) -> bool:
    bare = re.sub(r"\\.", "", text)
    return bare.count("{") > bare.count("}")


def _tags(comment: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, written in _TAG.findall(comment):
        value = re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], written)
        key, _, rest = value.partition("=")
        if kind == "id":
            found["id"] = value
        elif key in _OWN_TAGS:
            found[key] = rest
    return found


def _question(block: _Block, topic: str, domain: str) -> AnyQuestion:
    text = block.text.lstrip()
    title = _TITLE.match(text)
    if title:
        text = text[title.end() :].lstrip()
    text = text[match.end() :] if (match := _FORMAT.match(text)) else text
    before = (_BODY.match(text) or [""])[0]
    if len(before) == len(text):
        raise GiftError(say("there is no answer in braces {{ … }}"))
    if text[len(before)] == "}":
        raise GiftError(
            say("a closing brace without an opening one; write \\}} for a brace in a text"), before.count("\n")
        )
    inside = (_BODY.match(text, len(before) + 1) or [""])[0]
    end = len(before) + 1 + len(inside)
    if text[end : end + 1] != "}":
        raise GiftError(say("the braces {{ … }} of the answer do not close"), before.count("\n"))
    after = text[end + 1 :]
    if split_at(after, "{}"):
        raise GiftError(
            say("a question has one answer in braces; write \\{{ for a brace in a text"), text[: end + 1].count("\n")
        )
    answers = answers_of(inside, before.count("\n"))
    has_gap = answers.kind == "fill_in" and not BLANK.search(plain(before + after))
    asked = plain(before) + ("____" if has_gap or after.strip() else "") + plain(after)
    name = block.tags.get("id") or (plain(title[1]) if title else "")
    shared = {
        "id": _id(name) or _made_id(asked),
        "topic": block.tags.get("topic") or _id(block.category.rpartition("/")[2]) or topic,
        "difficulty": _difficulty(block.tags.get("difficulty", "1")),
        "text": Words(asked.strip(), ""),
        "explanation": Words(answers.feedback or "—", ""),
        "criterion": block.tags.get("criterion"),
        "domain": block.tags.get("domain") or (None if block.tags.get("criterion") else domain),
    }
    return answers.question(shared, block.tags.get("model_answer", ""))


def _difficulty(text: str) -> int:
    if text not in ("1", "2", "3"):
        raise GiftError(say("difficulty must be 1, 2 or 3, not {text!r}", text=text))
    return int(text)


def _id(name: str) -> str:
    """A name as an id; empty where nothing of it can stand in an id."""
    if re.fullmatch(r"[a-z][a-z0-9_-]{0,79}", name):
        return name
    slug = _SLUG.sub("-", name.lower()).strip("-")[:60]
    return slug if not slug or slug[0].isalpha() else f"gift-{slug}"


def _made_id(text: str) -> str:
    """The id of a question without a name: of its words, so that the first one of another file is another question."""
    return f"gift-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"
