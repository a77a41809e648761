import re

import pytest

from qaplatform.audit.finding import Finding
from qaplatform.audit.observers import risk
from qaplatform.audit.phrases import PhraseBook, PhraseGroup, Words
from qaplatform.audit.rubric import Rubric
from qaplatform.formats.writing import Wording, words


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (160.0, "160"),
        (12.34, "12.3"),
        (7, "7"),
        (True, "是"),
        (None, "—"),
        ("", "—"),
        (["小王", "小李"], "小王、小李"),
        ("2026-11-11T12:00:00+00:00", "2026-11-11 20:00"),
        ("2026-11-11T12:00:00", "2026-11-11 12:00"),
        ("2026-99-99T12:00", "2026-99-99T12:00"),
    ],
)
def test_facts_are_said_as_people_write_them(chinese, fact, said):
    assert chinese.filled("({x})", {"x": fact}) == f"({said})"


def test_a_missing_fact_is_a_dash_and_foreign_braces_are_left_alone(chinese):
    assert chinese.filled("{a} {b:.1f} {{c}} {d.e}", {"a": "{b}", "c": 1}) == "{b} — {1} {d.e}"


def test_a_code_without_wording_is_said_with_its_facts(chinese):
    assert chinese.sentence("greeting", Finding(0, 0, 0, "", "new_code", {"n": 3})) == "new_code: n 3"
    assert chinese.sentence("unknown", Finding(0, 0, 0, "", "new_code")) == "new_code"


def test_every_reason_the_core_gives_has_words():
    listed = re.findall(r"^\* [a-z ()]+: (.*)$", risk.__doc__, re.MULTILINE)
    codes = [code for line in listed for code in re.findall(r"``(\w+)``", line)]
    assert len(codes) > 20
    assert {f"reason_{code}" for code in codes} <= set(words.table())


def test_reasons_are_said_in_words_and_unknown_ones_as_they_are(chinese):
    assert [chinese.reason(code) for code in ("threat", "gate:queue", "greeting", "new_code", "")] == [
        "扬言投诉、曝光或差评",
        "不在适用范围",
        "问候自报",
        "new_code",
        "",
    ]


def test_unknown_criteria_keep_their_ids_and_places_of_their_own(chinese):
    assert chinese.title("house_rule") == "house_rule"
    assert len({chinese.place(name) for name in [*chinese.criteria, "house_rule", "other_rule"]}) == 8


def test_topics_are_named_by_the_tag_tree_of_the_rubric(context):
    groups = PhraseBook([PhraseGroup(id="topic/order/payment", title=Words(zh="付款", en="Payment"))])
    rubric = Rubric(id="r", version="1", title=Words(zh="标准", en="Rubric"), sections=(), phrases=groups)
    assert Wording(rubric, context, "zh").topic_path(("order", "payment", "fails")) == "订单 › 付款 › fails"
    assert Wording(rubric, context, "en").topic_path(("order", "payment")) == "Order › Payment"


def test_agents_are_named_by_the_context(chinese):
    assert [chinese.agent(name) for name in ("a1", "stranger", None, "")] == [
        "王晓梅",
        "stranger",
        "（未署名客服）",
        "（未署名客服）",
    ]
    assert (chinese.team("a1"), chinese.team("stranger")) == ("售前一组", "")
