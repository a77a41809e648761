"""GIFT: what is written comes back; what cannot be written or read is said."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from qaplatform.audit.phrases import Words
from qaplatform.training.gift import from_gift, to_gift
from qaplatform.training.question_loading import shipped_questions
from qaplatform.training.questions import FillIn, MultipleChoice, ShortAnswer, SingleChoice, TrueFalse, options_of

SHARED = {"id": "q", "topic": "t", "difficulty": 2, "explanation": Words("因为", ""), "criterion": "greeting"}


def in_chinese(value):
    """A question's content without its English."""
    if isinstance(value, dict):
        return value["zh"] if set(value) == {"zh", "en"} else {key: in_chinese(one) for key, one in value.items()}
    return [in_chinese(one) for one in value] if isinstance(value, list | tuple) else value


def test_the_shipped_questions_that_gift_can_hold_come_back_as_they_were() -> None:
    bank = shipped_questions()
    written = to_gift(bank.questions.values())
    read = from_gift(written.text)
    assert not read.problems
    assert len(read.questions) + len(written.left_out) == len(bank)
    for one in read.questions:
        assert in_chinese(msgspec.to_builtins(one)) == in_chinese(msgspec.to_builtins(bank.questions[one.id]))
    reasons = {bank.questions[one.question].kind: one.reason for one in written.left_out}
    assert set(reasons) == {"order", "judge_chat", "fill_in", "short_answer"}
    assert reasons["order"] == "GIFT knows no questions of type order"


def test_in_english_the_english_questions_go_out_and_the_others_are_named() -> None:
    bank = shipped_questions()
    written = to_gift(bank.questions.values(), "en")
    assert {one.question for one in written.left_out if "English" in one.reason} == {
        id for id, one in bank.questions.items() if not one.has_english
    }
    assert from_gift(written.text).problems == ()


TEXT = some.text(
    some.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"])
    | some.sampled_from("\\~=#{}:%->/[]$T \n"),
    min_size=1,
    max_size=30,
)
CLEAN = TEXT.map(str.strip).filter(lambda one: one and "_" not in one)


@settings(max_examples=150, deadline=None)
@given(CLEAN, some.lists(CLEAN, min_size=3, max_size=5, unique=True), CLEAN, some.integers(0, 3))
def test_any_text_survives_the_way_there_and_back(text: str, options: list[str], why: str, kind: int) -> None:
    shared = {**SHARED, "text": Words(text, ""), "explanation": Words(why, "")}
    listed = options_of(Words(one, "") for one in options)
    question = [
        lambda: SingleChoice(**shared, options=listed, answer=("b",)),
        lambda: (
            MultipleChoice(**shared, options=listed, answer=("a", "c"))
            if len(listed) > 3
            else TrueFalse(**shared, answer=True)
        ),
        lambda: FillIn(**{**shared, "text": Words(text + "____", "")}, blanks=(tuple(options),)),
        lambda: ShortAnswer(**shared, model_answer=Words(options[0], "")),
    ][kind]()
    written = to_gift([question]).text
    assert from_gift(written) == ((question,), ()), written


def test_a_file_written_elsewhere_is_read() -> None:
    text = """\
// question: 1  name: Colours
$CATEGORY: $course$/top/After sales

::Q 1:: [html]Who pays\\: shop or buyer? {
=The shop#right
~The buyer#wrong

~Nobody
}

The limit is {=60 =sixty#well done} seconds.

The clock stops.{F#no#yes####Only people stop it}

::Both::Which two?{~%50%a ~%50%b ~%-100%c}

Write an apology. {}
"""
    read = from_gift(text, topic="mine")
    assert not read.problems
    first, second, third, fourth, fifth = read.questions
    assert (first.id, first.topic, first.text.zh, first.answer) == (
        "q-1",
        "after-sales",
        "Who pays: shop or buyer?",
        ("a",),
    )
    assert [one.text.zh for one in first.options] == ["The shop", "The buyer", "Nobody"]
    assert (second.text.zh, second.blanks) == ("The limit is ____ seconds.", (("60", "sixty"),))
    assert (third.answer, third.explanation.zh) == (False, "Only people stop it")
    assert (fourth.id, fourth.answer) == ("both", ("a", "b"))
    assert (fifth.kind, fifth.domain) == ("short_answer", "D26")
    (again,) = from_gift("Write an apology. {}").questions
    (other,) = from_gift("Write a greeting. {}").questions
    assert again.id == fifth.id, "without a name it is known by its words, wherever in a file it stands"
    assert other.id.startswith("gift-")
    assert other.id != fifth.id


@pytest.mark.parametrize("then", ["::next::", "// question: 7\n::next::", "$CATEGORY: t\n\n::next::"])
def test_braces_that_are_forgotten_cost_one_question(then: str) -> None:
    read = from_gift(f"::first:: A {{\n=a\n\n~b\n\n{then} B {{T}}\n\n::last:: C {{F}}\n")
    (problem,) = read.problems
    assert (problem.line, "do not close" in problem.message) == (1, True)
    assert [one.id for one in read.questions] == ["next", "last"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("\n\nNo braces here", 3, "there is no answer in braces"),
        ("Open {=a ~b", 1, "do not close"),
        ("Odd } here {=a ~b}", 1, "a closing brace without an opening one"),
        ("Two {=a ~b} and {=c ~d}", 1, "one answer in braces"),
        ("Numbers {#5:1}", 1, "numerical answers"),
        ("Match {\n=a -> b\n=c -> d}", 2, "matching answers"),
        ("None right {\n~a\n~b}", 1, "no answer is right"),
        ("Two right {=a =b ~c}", 1, "several answers are right"),
        ("Share {\n=a\n~%x%b}", 3, "a share is written"),
        ("Share {\n=a\n~%900%b}", 3, "from -100 to 100"),
        ("Partial {\n=a\n=%50%b}", 3, "partial worth"),
        ("Empty {=a ~}", 1, "an answer has no text"),
        ("Words {nothing}", 1, "an answer begins with"),
        ("::x::A {T}\n\n::x::B {F}", 3, "there is a question 'x' already, in line 1"),
        ("// [tag:difficulty=9]\nHard {T}", 2, "difficulty must be 1, 2 or 3"),
        ("Same {=a ~a}", 1, "two of the options say the same"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str, line: int, message: str) -> None:
    *_, problem = from_gift(text).problems
    assert problem.line == line
    assert message in problem.message


@settings(max_examples=150, deadline=None)
@given(some.text(some.sampled_from("\\~=#{}:%->/[]$T \nab好")))
def test_no_text_at_all_makes_the_reader_raise(text: str) -> None:
    from_gift(text)
