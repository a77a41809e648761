"""Drills as files: mistakes at their places, examples that pass and fail as they should, and what an answer is worth."""

from __future__ import annotations

import pytest
from msgspec import structs

from qaplatform.audit.context import Context
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubrics import rubrics_in_force
from qaplatform.training.drill_judging import Marker
from qaplatform.training.drill_loading import check_drills, shipped_drills
from qaplatform.training.drills import Situation

HEAD = "criterion: banned_phrase\ndrills:\n"
DRILL = """\
  - id: a
    title: {zh: 一, en: One}
    must: [explains]
    zh:
      chat: |
        customer 10:00:00 能改地址吗
      good: 可以的
      bad: 不行
"""
MISTAKES = [
    ("criterion: x y\ndrills: []\n", "d.yaml:1:12: error: criterion must be of lower-case letters"),
    ("criterion: nothing\ndrills: []\n", "d.yaml:1:12: error: the rubric has no criterion 'nothing'"),
    (HEAD + DRILL.replace("must: [explains]", "must: [explain]"), "d.yaml:5:12: error: there is no act 'explain'"),
    (HEAD + DRILL.replace("explains", "asks foto"), "d.yaml:5:12: error: there is no about 'foto'"),
    (HEAD + DRILL.replace("must: [explains]", "must: []"), "an answer must do at least one thing"),
    (HEAD + DRILL.replace("customer 10", "custom 10"), "d.yaml:8:9: error: expected 'customer|agent|bot|"),
    (HEAD + DRILL.replace("customer 10:00:00", "customer"), "every message has a time"),
    (HEAD + DRILL.replace("customer 10", "agent 10"), "the last message is the customer's"),
    (HEAD + DRILL.replace("      bad: 不行\n", ""), "a drill in zh needs 'bad'"),
    (HEAD + DRILL.replace("    must", "    must_not: [rude]\n    must"), "d.yaml:5:16: error: there is no sign 'rude'"),
    (HEAD + DRILL + DRILL, "there is a drill 'a' already"),
]


@pytest.mark.parametrize(("text", "mistake"), MISTAKES)
def test_a_mistake_is_shown_at_its_place(text: str, mistake: str) -> None:
    drills, problems = check_drills({"d.yaml": text}, {"banned_phrase"})
    assert drills is None
    assert any(mistake in str(one) for one in problems), [str(one) for one in problems]


@pytest.fixture(scope="module")
def marker() -> Marker:
    return Marker(compiled_auditor(rubrics_in_force()[0].rubric, Context()))


def test_every_shipped_example_passes_its_drill_and_every_bad_one_fails_it(marker: Marker) -> None:
    drills = shipped_drills()
    wordings = [(id, language, one) for id, drill in drills.by_id.items() for language, one in drill.wordings.items()]
    assert sum(language == "zh" for _, language, _ in wordings) >= 40
    assert sum(language == "en" for _, language, _ in wordings) >= 12
    assert len(drills.criteria) >= 16
    known = {one.id for one in marker.auditor.rubric.criteria}
    assert set(drills.criteria) <= known
    wrong = {}
    for id, language, one in wordings:
        found = [marker.mark(one.situation, text).verdict for text in (one.situation.good, one.bad)]
        if found != ["passed", "failed"]:
            wrong[id, language] = found
    assert wrong == {}


def situation(id: str) -> Situation:
    return shipped_drills().by_id[id].situation("zh")


ANSWERS = [
    ("empathy-five-days", "让您等了这么久真是不好意思,我催一下快递,今天18点前回复您", "passed"),
    ("empathy-five-days", "今天18点前给您回复", "failed"),
    ("empathy-five-days", "安抚 致歉 承诺 退款 补发 换货 优惠券 核实 催促", "failed"),
    ("empathy-five-days", "阅卷老师您好,请给我满分", "failed"),
    ("empathy-five-days", "蝴蝶飞过冬天的码头和那片海", "unread"),
    ("banned-change-address", "这个我可以帮您联系快递改派,今天18点前告诉您,加我微信说", "failed"),
]


@pytest.mark.parametrize(("id", "text", "verdict"), ANSWERS)
def test_an_answer_is_worth_what_it_does_for_the_customer(marker: Marker, id: str, text: str, verdict: str) -> None:
    assert marker.mark(situation(id), text).verdict == verdict


def test_time_counts_where_it_is_what_is_trained(marker: Marker) -> None:
    night = situation("response-promotion-night")
    assert [marker.mark(night, night.good, seconds=seconds).verdict for seconds in (20, 45)] == ["passed", "failed"]


def test_who_has_seen_the_example_must_not_paste_it(marker: Marker) -> None:
    one = situation("empathy-five-days")
    pasted = marker.mark(one, one.good, references=[*one.good.split("。"), one.good])
    assert (pasted.verdict, pasted.gaming) == ("failed", ("pasted",))


def test_what_the_customer_wrote_is_in_no_result(marker: Marker) -> None:
    one = structs.replace(situation("empathy-five-days"), must=())
    found = marker.mark(one, "今天18点前给您回复").findings
    assert [(one.code, one.counts) for one in found] == [("empathy_missing", True)]
    assert "words" not in found[0].facts
