"""Drills as forms: every shipped one comes back the same, mistakes find their fields, chats are written as people write."""

from __future__ import annotations

import pytest

from qaplatform.audit.phrases import Words
from qaplatform.resources import folder_texts, shipped_folder
from qaplatform.training.chat_writing import as_notation
from qaplatform.training.drill_fields import DrillFields, WordingFields, drill_yaml, fields_in, mark_of, place_of
from qaplatform.training.drill_loading import check_drills, shipped_drills
from qaplatform.training.drills import DEFAULT_SIGNS, Must

FIELDS = DrillFields(
    id="a-b",
    criterion="return_address",
    title=Words("要改: 地址", ""),
    musts=(Must(("promises", "offers"), ("refund", "resend"), due=True), Must(("asks",), ("photo",))),
    must_not=(*DEFAULT_SIGNS, "vague"),
    queue="pre_sale",
    promotion=True,
    shop="#1 店",
    return_addresses=("杭州市, 1 号", "null"),
    wordings={
        "zh": WordingFields(
            chat="customer 10:00:00 在吗\ncustomer 10:00:20 # 能退吗: [图]",
            then="system transfer 小王 → 小李",
            panel=("可退; 7 天", "- 一件"),
            good="可以的：您看",
            bad='"不行"',
        ),
        "en": WordingFields(chat="customer 10:00 Can I return it?", good="Yes: tell me why.", bad="No"),
    },
    kept="# Ours.\ntrains: {acts: [asks]}\nfrom_chats:\n  must: [asks]",
)  # fmt: skip


def test_every_shipped_drill_is_the_same_when_it_comes_back_from_a_form() -> None:
    texts = folder_texts(shipped_folder("packs") / "drills").values()
    for id, drill in shipped_drills().by_id.items():
        fields = next(found for text in texts if (found := fields_in(text, id)) is not None)
        text = drill_yaml(fields)
        drills, problems = check_drills({"d.yaml": text})
        assert drills is not None, problems
        assert drills.by_id == {id: drill}
        assert fields_in(text) == fields


def test_what_is_filled_in_comes_back_and_is_a_drill() -> None:
    text = drill_yaml(FIELDS)
    assert fields_in(text) == FIELDS
    drills, problems = check_drills({"d.yaml": text})
    assert [(one.severity, one.message) for one in problems] == [("warning", "title has no 'en' text")]
    assert drills is not None
    assert drills.trained["return_address"].must == (Must(("asks",)),)
    empty = drill_yaml(DrillFields(id="x"))
    assert fields_in(empty) == DrillFields(id="x", wordings={"zh": WordingFields()})


BEYOND = [
    "criterion: a\ndrills: []\n",
    "criterion: a\ndrills:\n  - {id: x}\n  - {id: y}\n",
    "criterion: a\ndrills:\n  - {id: x, more: 1}\n",
    "criterion: a\ndrills:\n  - {id: x, must: [dances]}\n",
    "criterion: a\ndrills:\n  - {id: x, must: [rebuffs]}\n",
    "criterion: a\ndrills:\n  - {id: x, must: [asks foto]}\n",
    "criterion: a\ndrills:\n  - {id: x, must_not: [rude]}\n",
    "criterion: a\ndrills:\n  - {id: x, promotion: maybe}\n",
    "criterion: [a]\ndrills:\n  - {id: x}\n",
    "criterion: a\ndrills:\n  - {id: x, zh: no}\n",
    "{criterion: a, drills: [{id: x}]}",
    "criterion: a\ncriterion: b\ndrills: []\n",
    "- a",
    "a: [",
    "",
]


@pytest.mark.parametrize("text", BEYOND)
def test_what_no_form_can_show_is_left_to_the_yaml(text: str) -> None:
    assert fields_in(text) is None


def test_a_mistake_finds_its_field() -> None:
    text = drill_yaml(FIELDS)
    lines = text.split("\n")

    def place(piece: str, keys: tuple[str | int, ...], inside: int | None = None) -> None:
        line = next(number for number, one in enumerate(lines, 1) if piece in one)
        found = place_of(text, line, lines[line - 1].index(piece) + 1)
        assert (found.keys, found.line) == (keys, inside), piece

    place("return_address", ("criterion",))
    place("a-b", ("id",))
    place('"要改', ("title", "zh"))
    place("asks photo", ("must", 1))
    place("# 能退吗", ("zh", "chat"), 2)
    place("可以的", ("zh", "good"))
    place("Yes", ("en", "good"))
    assert place_of("", 1, 1).keys == ()
    mark = mark_of(text, "zh", "bad")
    assert lines[mark.line - 1][mark.column - 1 :] == '"\\"不行\\""'
    assert mark_of(text, "zh", "nothing").line == 1


CHATS = [
    (
        "客户：我想换\n客服: 好的\n顾客 行不行",
        "customer 10:00:00 我想换\nagent 10:00:20 好的\ncustomer 10:00:40 行不行",
    ),
    ("客户 9:05 在吗\n客服 9：06：10：在", "customer 9:05 在吗\nagent 9:06:10 在"),
    ("customer 10:00:00 hi\nagent:a2   10:00:20 hello", "customer 10:00:00 hi\nagent:a2 10:00:20 hello"),
    ("系统：转接 小王 → 小李\n客户 在吗", "system 10:00:00 transfer 小王 → 小李\ncustomer 10:00:20 在吗"),
    ("customer:我要退", "customer 10:00:00 我要退"),
    ("我要退\ncustomers hi", "我要退\ncustomers hi"),
]


@pytest.mark.parametrize(("written", "kept"), CHATS)
def test_a_chat_is_written_as_people_write(written: str, kept: str) -> None:
    assert as_notation(written) == kept
    assert as_notation(kept) == kept


def test_what_comes_after_the_answer_has_no_times() -> None:
    assert as_notation("系统 转接 小王 → 小李", timed=False) == "system transfer 小王 → 小李"
