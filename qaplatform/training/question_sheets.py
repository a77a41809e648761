"""Questions as a spreadsheet, one row a question, written and read back; columns are named in Chinese and in English.

What a cell holds, by kind: options of a choice, steps of an order (in the right one) and required points of a short answer
(``title: phrase | phrase``) stand in the columns of options. The answer: letters (``a, c``), 对 or 错, a line a blank
(``30 | 三十``), the model answer, a line a fault (``criterion message quote``), a line a criterion (``criterion pass``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

from qaplatform.audit.phrases import Words
from qaplatform.audit.saying import Saying, said_in, say
from qaplatform.formats.drafts import RefusedError
from qaplatform.formats.workbook import Sheet, cell_text, sheets_in
from qaplatform.formats.writing.plain import harmless
from qaplatform.formats.writing.rows import Column
from qaplatform.formats.writing.sheet import write_rows_xlsx
from qaplatform.training.question_rows import COLUMNS, ENGLISH, KIND_NAMES, OPTION_COLUMNS, row_of
from qaplatform.training.questions import (
    AnyQuestion,
    Fault,
    FillIn,
    FlawError,
    JudgeChat,
    Kind,
    MultipleChoice,
    Ordering,
    RequiredPoint,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
    options_of,
)

MOST_BYTES = 16 << 20
_YES = frozenset({"对", "正确", "是", "true", "t", "yes", "√", "1"})
_NO = frozenset({"错", "错误", "否", "false", "f", "no", "×", "0"})
_TASKS = {"mark": "mark", "标错": "mark", "better": "better", "选优": "better", "score": "score", "打分": "score"}


class SheetProblem(NamedTuple):
    """What keeps a row from being a question; ``row`` as the spreadsheet shows it, ``column`` its title (may be empty)."""

    row: int
    column: str
    message: Saying


class ReadSheet(NamedTuple):
    """The questions of a spreadsheet, and what could not be read."""

    questions: tuple[AnyQuestion, ...]
    problems: tuple[SheetProblem, ...]


class _CellError(ValueError):
    """A cell cannot be read."""

    def __init__(self, key: str, message: Saying) -> None:
        super().__init__(message)
        self.key = key


def write_questions_xlsx(questions: Iterable[AnyQuestion], stream: BinaryIO) -> int:
    """Write a workbook of questions, both languages, and return how many there were. No cell is ever a formula."""
    columns = [Column(f"{zh} / {en}", "text", width) for zh, en, width in COLUMNS.values()]
    rows = ([row_of(question).get(key, "") for key in COLUMNS] for question in questions)
    return write_rows_xlsx("题库 questions", columns, rows, stream)


def read_questions_xlsx(data: bytes, *, max_bytes: int = MOST_BYTES) -> ReadSheet:
    """The questions of a workbook: of its first sheet with the columns of one. Bad rows are problems, the others are read.

    Columns may stand in any order and be named in either language; unknown ones are passed over.

    Raises:
        RefusedError: no spreadsheet, damaged or too large, or no sheet has the columns.
    """
    for sheet in sheets_in(data, max_bytes):
        for place, row in enumerate(sheet.rows[:10]):
            titles = _titles([_text(value) for value in row.cells])
            if {"id", "type", "text"} <= set(titles.values()):
                return _read(sheet, place, titles)
    raise RefusedError("no_columns", "", "no sheet has the columns 编号 id, 类型 type and 题目 question")


def _titles(cells: Iterable[str]) -> dict[int, str]:
    """Places of columns → their keys; of two with one name the first counts."""
    names = {name.casefold(): key for key, (zh, en, _) in COLUMNS.items() for name in (zh, en)}
    found: dict[int, str] = {}
    for place, title in enumerate(cells):
        key = next((names[part] for part in map(_name, title.split("/")) if part in names), names.get(_name(title)))
        if key is not None and key not in found.values():
            found[place] = key
    return found


def _name(title: str) -> str:
    return title.strip().casefold()


def _text(value: object) -> str:
    """A cell's text, without the apostrophe that made it harmless."""
    text = cell_text(value).replace("\r\n", "\n").strip()
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text


def _read(sheet: Sheet, header: int, titles: Mapping[int, str]) -> ReadSheet:
    questions: dict[str, tuple[AnyQuestion, int]] = {}
    problems: list[SheetProblem] = []
    for row in sheet.rows[header + 1 :]:
        cells = {key: _text(row.cells[place]) for place, key in titles.items() if place < len(row.cells)}
        if not any(cells.values()):
            continue
        try:
            question = question_of(cells)
        except _CellError as error:
            problems.append(SheetProblem(row.line, _title(error.key), said_in(error)))
        except FlawError as flaw:
            problems.append(SheetProblem(row.line, _title(flaw.field), said_in(flaw)))
        else:
            if question.id in questions:
                said = say(
                    "there is a question {id!r} already, in row {line}", id=question.id, line=questions[question.id][1]
                )
                problems.append(SheetProblem(row.line, _title("id"), said))
            else:
                questions[question.id] = (question, row.line)
    return ReadSheet(tuple(question for question, _ in questions.values()), tuple(problems))


def _title(field: str) -> str:
    """The column to look at for a field of a question."""
    key = {"options": "option_a", "steps": "option_a", "points": "option_a", "blanks": "answer", "faults": "answer",
           "verdicts": "answer", "model_answer": "answer"}.get(field, field)  # fmt: skip
    zh, en, _ = COLUMNS.get(key, ("", "", 0))
    return f"{zh} / {en}" if zh else ""


def question_of(cells: Mapping[str, str]) -> AnyQuestion:
    """A row, cells by key, as a question.

    Raises:
        FlawError: the question cannot be as it is.
    """
    kinds: dict[str, Kind] = {name: kind for kind, zh in KIND_NAMES.items() for name in (kind, zh)}
    kind = kinds.get(cells.get("type", "").strip().casefold().removesuffix("题"))
    if kind is None:
        known = ", ".join(f"{zh} {name}" for name, zh in KIND_NAMES.items())
        raise _CellError(
            "type", say("there is no type {name!r}; there are {known}", name=cells.get("type", ""), known=known)
        )
    shared = {
        "id": cells.get("id", ""),
        "topic": cells.get("topic", "") or "imported",
        "difficulty": _difficulty(cells.get("difficulty", "")),
        "text": _words(cells, "text"),
        "explanation": _words(cells, "explanation"),
        "criterion": cells.get("criterion") or None,
        # Like a question of a GIFT file, one that names nothing belongs to the knowledge base as a whole.
        "domain": cells.get("domain") or (None if cells.get("criterion") else "D26"),
    }
    return _QUESTIONS[kind](shared, cells)


def _difficulty(text: str) -> int:
    if text not in ("1", "2", "3"):
        raise _CellError("difficulty", say("difficulty must be 1, 2 or 3, not {text!r}", text=text))
    return int(text)


def _words(cells: Mapping[str, str], key: str) -> Words:
    return Words(cells.get(key, ""), cells.get(key + ENGLISH, ""))


def _options(cells: Mapping[str, str]) -> list[Words]:
    """The options up to the last that is filled in; a gap before it is a mistake."""
    found = [_words(cells, key) for key in OPTION_COLUMNS]
    while found and not found[-1].zh and not found[-1].en:
        found.pop()
    for key, words in zip(OPTION_COLUMNS, found, strict=False):
        if not words.zh:
            raise _CellError(key, say("an option before the last is empty"))
    return found


def _letters(cells: Mapping[str, str]) -> tuple[str, ...]:
    """Letters such as ``a, c``, ``AC`` or ``A、C``, each once."""
    written = re.sub(r"[\s,，、;；]+", "", cells.get("answer", "").casefold())
    return tuple(sorted(set(written))) if written else ()


def _choice(shared: dict[str, Any], cells: Mapping[str, str]) -> dict[str, Any]:
    return {**shared, "options": options_of(_options(cells)), "answer": _letters(cells)}


def _true_false(shared: dict[str, Any], cells: Mapping[str, str]) -> AnyQuestion:
    said = cells.get("answer", "").strip().casefold()
    if said not in _YES | _NO:
        raise _CellError("answer", say("answer must be 对 (true) or 错 (false), not {said!r}", said=said))
    return TrueFalse(**shared, answer=said in _YES)


def _fill_in(shared: dict[str, Any], cells: Mapping[str, str]) -> AnyQuestion:
    lines = [line for line in cells.get("answer", "").split("\n") if line.strip()]
    return FillIn(**shared, blanks=tuple(_phrases(line) for line in lines))


def _phrases(line: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in line.split("|") if part.strip())


def _short_answer(shared: dict[str, Any], cells: Mapping[str, str]) -> AnyQuestion:
    points = []
    for key, words in zip(OPTION_COLUMNS, _options(cells), strict=False):
        title, colon, phrases = words.zh.partition(": ")
        if not colon:
            raise _CellError(key, say("a required point is written 'title: phrase | phrase'"))
        points.append(RequiredPoint(Words(title.strip(), words.en), _phrases(phrases)))
    return ShortAnswer(**shared, points=tuple(points), model_answer=_words(cells, "answer"))


def _judge_chat(shared: dict[str, Any], cells: Mapping[str, str]) -> AnyQuestion:
    task = _TASKS.get(cells.get("task", "").strip().casefold())
    lines = [line.strip() for line in cells.get("answer", "").split("\n") if line.strip()]
    if task == "mark":
        return JudgeChat(**shared, task="mark", chat=cells.get("chat", ""), faults=tuple(map(_fault, lines)))
    if task == "better":
        return JudgeChat(**_choice(shared, cells), task="better", chat=cells.get("chat", ""))
    if task == "score":
        verdicts = dict(_verdicts(lines))
        return JudgeChat(**shared, task="score", chat=cells.get("chat", ""), verdicts=verdicts, score=_score(cells))
    raise _CellError(
        "task", say("task must be 标错 mark, 选优 better or 打分 score, not {name!r}", name=cells.get("task", ""))
    )


def _fault(line: str) -> Fault:
    match = re.fullmatch(r"(\S+) ([0-9]{1,4}) (.+)", line)
    if match is None:
        raise _CellError("answer", say("a fault is written 'criterion message quote', not {line!r}", line=line))
    return Fault(match[1], int(match[2]), match[3])


def _verdicts(lines: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for line in lines:
        match = re.fullmatch(r"(\S+) (pass|fail)", line)
        if match is None:
            raise _CellError(
                "answer", say("a criterion is written 'criterion pass' or 'criterion fail', not {line!r}", line=line)
            )
        yield match[1], match[2]


def _score(cells: Mapping[str, str]) -> float:
    text = cells.get("score", "")
    if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,6})?", text):
        raise _CellError("score", say("score must be a number from 0 to 100, not {text!r}", text=text))
    return float(text)


_QUESTIONS: Mapping[Kind, Callable[[dict[str, Any], Mapping[str, str]], AnyQuestion]] = {
    "single": lambda shared, cells: SingleChoice(**_choice(shared, cells)),
    "multiple": lambda shared, cells: MultipleChoice(**_choice(shared, cells)),
    "true_false": _true_false,
    "order": lambda shared, cells: Ordering(**shared, steps=options_of(_options(cells))),
    "fill_in": _fill_in,
    "short_answer": _short_answer,
    "judge_chat": _judge_chat,
}
