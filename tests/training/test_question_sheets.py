"""Spreadsheets of questions: there and back, in either language of columns; nothing in them is a formula."""

from __future__ import annotations

import io

import pytest
import python_calamine

from qaplatform.audit.phrases import Words
from qaplatform.formats.drafts import RefusedError
from qaplatform.formats.writing.rows import Column
from qaplatform.formats.writing.sheet import write_rows_xlsx
from qaplatform.training.question_loading import shipped_questions
from qaplatform.training.question_sheets import read_questions_xlsx, write_questions_xlsx
from qaplatform.training.questions import SingleChoice, options_of

TITLES = ("编号", "类型", "难度", "条目", "题目", "选项A", "选项B", "选项C", "答案", "解析")
ENGLISH = (
    "id",
    "type",
    "difficulty",
    "domain",
    "question",
    "option A",
    "option B",
    "option C",
    "answer",
    "explanation",
)
ROW = ("q1", "单选", "1", "D1", "选哪个", "甲", "乙", "丙", "B", "因为")


def book(*rows: tuple[str | float, ...], titles: tuple[str, ...] = TITLES) -> bytes:
    stream = io.BytesIO()
    write_rows_xlsx("题", [Column(one, "text", 20) for one in titles], rows, stream)
    return stream.getvalue()


def test_all_shipped_questions_come_back_as_they_were() -> None:
    bank = shipped_questions()
    stream = io.BytesIO()
    assert write_questions_xlsx(bank.questions.values(), stream) == len(bank)
    read = read_questions_xlsx(stream.getvalue())
    assert not read.problems
    assert {one.id: one for one in read.questions} == bank.questions


def test_texts_that_look_like_formulas_are_made_harmless_and_come_back() -> None:
    options = options_of(Words(text, "") for text in ("=1+1", "@SUM(A1)", "-5 分", "＝2"))
    sly = SingleChoice(
        id="sly", topic="t", difficulty=1, text=Words('=HYPERLINK("http://x","点")', ""), explanation=Words("+1", ""),
        domain="D1", options=options, answer=("a",),
    )  # fmt: skip
    stream = io.BytesIO()
    write_questions_xlsx([sly], stream)
    cells = (
        python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(stream.getvalue()))
        .get_sheet_by_index(0)
        .to_python()[1]
    )
    assert not [one for one in cells if isinstance(one, str) and one.startswith(("=", "+", "-", "@", "＝"))]
    assert read_questions_xlsx(stream.getvalue()).questions == (sly,)


@pytest.mark.parametrize(
    "titles", [TITLES, ENGLISH, tuple(f"{zh} / {en}" for zh, en in zip(TITLES, ENGLISH, strict=True))]
)
def test_columns_may_be_named_in_either_language(titles) -> None:
    read = read_questions_xlsx(book(ROW, titles=titles))
    assert [(one.id, one.answer) for one in read.questions] == [("q1", ("b",))]


def test_numbers_typed_as_numbers_are_taken() -> None:
    row = ("q1", "fill_in", 2, "D1", "限时 ____ 秒", "", "", "", 60, "因为")
    assert read_questions_xlsx(book(row)).questions[0].blanks == (("60",),)


def test_a_row_of_ones_own_needs_no_row_of_the_handbook_and_kinds_are_named_as_people_say() -> None:
    (question,) = read_questions_xlsx(book((ROW[0], "单选题", ROW[2], "", *ROW[4:]))).questions
    assert (question.kind, question.domain) == ("single", "D26")


@pytest.mark.parametrize(
    ("place", "cell", "column", "message"),
    [
        (0, "一", "编号 / id", "lower-case letters"),
        (0, "q0", "编号 / id", "there is a question 'q0' already, in row 2"),
        (1, "选择", "类型 / type", "there is no type '选择'"),
        (2, "难", "难度 / difficulty", "difficulty must be 1, 2 or 3"),
        (3, "首问", "条目 / domain", "a row such as D5"),
        (4, "", "题目 / question", "no Chinese text"),
        (6, "", "选项B / option B", "an option before the last is empty"),
        (6, "甲", "选项A / option A", "two of the options say the same"),
        (8, "D", "答案 / answer", "answer names 'd'; the options are a, b, c"),
        (8, "", "答案 / answer", "exactly one right option"),
    ],
)
def test_a_bad_row_is_said_with_row_and_column_and_the_others_are_read(place, cell, column, message) -> None:
    spoilt = tuple(cell if number == place else value for number, value in enumerate(ROW))
    read = read_questions_xlsx(book(("q0", *ROW[1:]), spoilt, ("q2", *ROW[1:])))
    assert [one.id for one in read.questions] == ["q0", "q2"]
    [problem] = read.problems
    assert (problem.row, problem.column) == (3, column)
    assert message in problem.message


def test_a_file_without_the_columns_is_refused() -> None:
    with pytest.raises(RefusedError, match="no sheet has the columns"):
        read_questions_xlsx(book(("a",), titles=("姓名",)))
    with pytest.raises(RefusedError):
        read_questions_xlsx(b"PK\x03\x04 not really")
