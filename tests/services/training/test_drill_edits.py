"""A form changes a drill where it stands in its YAML: comments and layout of everything else stay."""

from __future__ import annotations

import difflib

import msgspec
import pytest

from qaplatform.audit.phrases import Words
from qaplatform.services.training.drill_edits import edited_drill, loses_comments
from qaplatform.services.training.drill_library import shipped_text
from qaplatform.services.yaml_edits import UneditableYamlError, YamlText
from qaplatform.training.drill_fields import DrillFields, WordingFields, drill_yaml, fields_in
from qaplatform.training.drill_loading import shipped_drills

TEXT = """\
# top
criterion: banned_phrase  # which
# about trains
trains: {acts: [closes]}
drills:
  # the drill
  - id: own
    title: {zh: 要换颜色, en: Another colour}  # a title
    # what must be done
    must:
      - offers/explains  # either
      - asks photo
    # in Chinese
    zh:
      chat: |  # the chat
        customer 10:00:00 在吗

        customer 10:00:20 # 能退吗
      # about the panel
      panel: [已出库；可到货后免费换色]  # p
      good: '可以的'  # g
      # about bad
      bad: >-
        不可能，
        已经发货了。
# end
"""


def fields(text: str = TEXT) -> DrillFields:
    found = fields_in(text)
    assert found is not None
    return found


ZH = fields().wording("zh")
ENGLISH = WordingFields(chat="customer 10:00:00 Blue?", good="Yes: tell me why.", bad="No")


def put(**values: object) -> DrillFields:
    return msgspec.structs.replace(fields(), **values)


def wording(**values: object) -> DrillFields:
    return put(wordings={"zh": msgspec.structs.replace(ZH, **values)})


CHANGES = [
    (put(), []),
    (put(criterion="greeting"), ["-criterion: banned_phrase  # which", "+criterion: greeting  # which"]),
    (
        put(title=Words("新", "New: one")),
        [
            "-    title: {zh: 要换颜色, en: Another colour}  # a title",
            '+    title: {zh: 新, en: "New: one"}  # a title',
        ],
    ),
    (
        put(title=Words("要换颜色", "")),
        ["-    title: {zh: 要换颜色, en: Another colour}  # a title", "+    title: {zh: 要换颜色}  # a title"],
    ),
    (put(musts=fields().musts[1:]), ["-      - offers/explains  # either"]),
    (
        put(queue="pre_sale", promotion=True, must_not=("banned",)),
        ["+    must_not: [banned]", "+    queue: pre_sale", "+    promotion: true"],
    ),
    (
        put(shop="a: b", return_addresses=("杭州, 1 号", "z")),
        ['+    shop: "a: b"', '+    return_addresses: ["杭州, 1 号", z]'],
    ),
    (
        wording(chat="customer 10:00:00 在吗\ncustomer 10:01:00 # 二", then="system transfer 小王"),
        [
            "-",
            "-        customer 10:00:20 # 能退吗",
            "+        customer 10:01:00 # 二",
            "+      then: |",
            "+        system transfer 小王",
        ],
    ),
    (
        wording(panel=(), good="改了 # 不"),
        [
            "-      panel: [已出库；可到货后免费换色]  # p",
            "-      good: '可以的'  # g",
            "+      good: '改了 # 不'  # g",
        ],
    ),
    (
        wording(bad="不\\行"),
        ["-      bad: >-", "-        不可能，", "-        已经发货了。", "+      bad: '不\\行'"],
    ),
    (
        put(wordings={"zh": ZH, "en": ENGLISH}),
        [
            "+    en:",
            "+      chat: |",
            "+        customer 10:00:00 Blue?",
            '+      good: "Yes: tell me why."',
            "+      bad: No",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "changed"), CHANGES, ids=range(len(CHANGES)))
def test_only_what_was_changed_is_written_anew(wanted: DrillFields, changed: list[str]) -> None:
    edited = edited_drill(TEXT, wanted)
    lines = list(difflib.unified_diff(TEXT.split("\n"), edited.split("\n"), lineterm="", n=0))[2:]
    assert [one for one in lines if not one.startswith("@@")] == changed
    assert fields(edited) == fields(drill_yaml(wanted))
    assert edited_drill(edited, fields(edited)) == edited
    assert edited_drill(edited, fields()).count("#") >= edited.count("#") - 1, "and back again"


def test_a_language_that_is_emptied_goes_and_one_that_never_was_is_nothing() -> None:
    both = edited_drill(TEXT, put(wordings={"zh": ZH, "en": ENGLISH}))
    assert edited_drill(both, put(wordings={"zh": ZH, "en": WordingFields()})) == TEXT


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("    must:\n    shop:\n", put(shop="甲")),
        ("    must: ~\n", put()),
        ("    must: []\n    title: {}\n", put()),
        ("", put()),
    ],
)
def test_a_draft_with_empty_keys_is_filled_in_at_its_places(lines: str, wanted: DrillFields) -> None:
    text = f"criterion: banned_phrase\ndrills:\n  - id: own\n{lines}    # kept\n    zh:\n      good: a  # kept\n"
    edited = edited_drill(text, msgspec.structs.replace(wanted, kept=""))
    assert fields(edited) == msgspec.structs.replace(wanted, kept="")
    assert edited.count("# kept") == 2


def test_comments_of_every_shipped_drill_stay_whatever_a_form_changes() -> None:
    for number, code in enumerate(sorted(shipped_drills().by_id)):
        text = commented(shipped_text(code))
        was = fields(text)
        zh = was.wording("zh")
        changes = (
            {"title": Words("新: 的", "New")},
            {"musts": (*was.musts[1:], was.musts[0])},
            {"shop": "一家店", "promotion": not was.promotion},
            {
                "wordings": {
                    **was.wordings,
                    "zh": msgspec.structs.replace(zh, chat=f"{zh.chat}\ncustomer 在吗", good="好"),
                }
            },
        )
        wanted = msgspec.structs.replace(was, **changes[number % len(changes)])
        edited = edited_drill(text, wanted)
        assert fields(edited) == fields(drill_yaml(wanted)), code
        gone = set(comments(text)) - set(comments(edited))
        assert len(gone) <= (was.promotion and "promotion" in changes[number % len(changes)]), (code, gone)
        assert not loses_comments(text)


def commented(text: str) -> str:
    """With a comment above and behind every key."""
    out, block = [], -1
    for number, line in enumerate(text.split("\n")):
        depth = len(line) - len(line.lstrip())
        if block >= 0 and (depth > block or not line):
            out.append(line)
            continue
        block = depth if line.endswith(": |") else -1
        out += [f"{' ' * depth}# above {number}", f"{line}  # behind {number}"] if line else [line]
    return "\n".join(out)


def comments(text: str) -> list[str]:
    return [line[line.index("# ") :] for line in text.split("\n") if "# above" in line or "# behind" in line]


def test_what_stands_on_one_line_is_written_anew_and_that_is_known_before() -> None:
    flow = "# top\ncriterion: a\ndrills:\n  # inside\n  - {id: x, must: [asks], zh: {chat: 在吗, good: a, bad: b}}\n"
    wanted = msgspec.structs.replace(
        fields(flow), wordings={"zh": WordingFields(chat="customer 1\ncustomer 2", good="a", bad="b")}
    )
    assert loses_comments(flow)
    assert not loses_comments(flow.replace("  # inside\n", ""))
    assert not loses_comments(TEXT)
    assert not loses_comments("no: drill  # at all")
    assert edited_drill(flow, wanted) == drill_yaml(wanted)
    assert edited_drill("a: [", wanted) == drill_yaml(wanted)


def test_a_mapping_on_one_line_takes_no_lines() -> None:
    text = YamlText("a: {b: c}\nd:\n  - e: f\n    g: h\n")
    for act in (
        lambda: text.with_lines(["a"], ["x: y"]),
        lambda: text.with_lines(["d", 0], ["x: y"], before=("e",)),
        lambda: text.with_block(["a", "b"], ["x", "y"]),
        lambda: text.with_block(["a"], ["x"]),
    ):
        with pytest.raises(UneditableYamlError):
            act()
    assert text.with_lines(["d", 0], ["x: y"], before=("g",)).text == "a: {b: c}\nd:\n  - e: f\n    x: y\n    g: h\n"
