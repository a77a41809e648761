"""A question as the cells of one row: what :mod:`qaplatform.training.question_sheets` writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qaplatform.training.questions import (
    LETTERS,
    AnyQuestion,
    FillIn,
    JudgeChat,
    Kind,
    MultipleChoice,
    Option,
    Ordering,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
)

ENGLISH = "_en"
"""What the key of a column with the English text ends in."""
OPTION_COLUMNS = tuple(f"option_{letter}" for letter in LETTERS)
KIND_NAMES: Mapping[Kind, str] = {
    "single": "单选",
    "multiple": "多选",
    "true_false": "判断",
    "order": "排序",
    "fill_in": "填空",
    "short_answer": "简答",
    "judge_chat": "判对话",
}
COLUMNS: Mapping[str, tuple[str, str, int]] = {
    "id": ("编号", "id", 18),
    "type": ("类型", "type", 12),
    "topic": ("主题", "topic", 14),
    "difficulty": ("难度", "difficulty", 8),
    "criterion": ("质检项", "criterion", 18),
    "domain": ("条目", "domain", 8),
    "task": ("对话任务", "task", 10),
    "text": ("题目", "question", 60),
    "chat": ("对话", "chat", 60),
    **{f"option_{letter}": (f"选项{letter.upper()}", f"option {letter.upper()}", 30) for letter in LETTERS},
    "answer": ("答案", "answer", 40),
    "score": ("标准总分", "score", 10),
    "explanation": ("解析", "explanation", 60),
    "text_en": ("英文题目", "question in English", 60),
    **{
        f"option_{letter}_en": (f"英文选项{letter.upper()}", f"option {letter.upper()} in English", 30)
        for letter in LETTERS
    },
    "answer_en": ("英文参考答案", "answer in English", 40),
    "explanation_en": ("英文解析", "explanation in English", 60),
}
"""Columns in their order: Chinese title, English title, width in Latin characters."""


def row_of(question: AnyQuestion) -> dict[str, str]:
    """The cells of a question by the column's key; empty ones are left out."""
    cells = {
        "id": question.id,
        "type": KIND_NAMES[question.kind],
        "topic": question.topic,
        "difficulty": str(question.difficulty),
        "criterion": question.criterion or "",
        "domain": question.domain or "",
        "text": question.text.zh,
        "text_en": question.text.en,
        "explanation": question.explanation.zh,
        "explanation_en": question.explanation.en,
        **_own(question),
    }
    return {key: value for key, value in cells.items() if value}


def _own(question: AnyQuestion) -> dict[str, str]:
    if isinstance(question, SingleChoice | MultipleChoice):
        return {**_options(question.options), "answer": ", ".join(question.answer)}
    if isinstance(question, TrueFalse):
        return {"answer": "对" if question.answer else "错"}
    if isinstance(question, Ordering):
        return _options(question.steps)
    if isinstance(question, FillIn):
        return {"answer": "\n".join(" | ".join(accepted) for accepted in question.blanks)}
    if isinstance(question, ShortAnswer):
        return {"answer": question.model_answer.zh, "answer_en": question.model_answer.en, **_points(question)}
    return _judge_chat(question)


def _options(options: Iterable[Option]) -> dict[str, str]:
    return {
        key: value
        for option in options
        for key, value in (
            (f"option_{option.id}", option.text.zh),
            (f"option_{option.id}{ENGLISH}", option.text.en),
        )
    }


def _points(question: ShortAnswer) -> dict[str, str]:
    return {
        key: value
        for column, point in zip(OPTION_COLUMNS, question.points, strict=False)
        for key, value in (
            (column, f"{point.title.zh}: {' | '.join(point.phrases)}"),
            (column + ENGLISH, point.title.en),
        )
    }


def _judge_chat(question: JudgeChat) -> dict[str, str]:
    cells = {"task": {"mark": "标错", "better": "选优", "score": "打分"}[question.task], "chat": question.chat}
    if question.task == "mark":
        faults = (f"{one.criterion} {one.message} {one.quote}" for one in question.faults)
        return {**cells, "answer": "\n".join(faults)}
    if question.task == "better":
        return {**cells, **_options(question.options), "answer": ", ".join(question.answer)}
    verdicts = "\n".join(f"{criterion} {verdict}" for criterion, verdict in question.verdicts.items())
    return {**cells, "answer": verdicts, "score": f"{question.score:g}"}
