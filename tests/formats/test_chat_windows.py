"""Text copied from a chat window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.audit.conversation import Customer
from qaplatform.formats.chat import ChatReader
from qaplatform.formats.options import ReadOptions

Read = Callable[..., Any]
COLON, OPEN, CLOSE = "\uff1a", "\uff08", "\uff09"

HEADS = [
    "{name}2025-9-1 8:03:05\n{text}",
    "{name} 2025-9-1 8:03:05\n{text}",
    "{name}  2025-09-01 08:03:05\n{text}",
    "{name}(2025-09-01 08:03:05):\n{text}",
    f"{{name}}{OPEN}2025-09-01 08:03:05{CLOSE}{COLON}\n{{text}}",
    "{name}(2025-09-01 08:03:05): {text}",
    "{name} 2025/9/1 8:03:05 已读\n{text}",
    "{name} 2025年9月1日 8:03:05\n{text}",
    "{name}\n2025-9-1 8:03:05\n{text}",
    "{name}\n(2025-09-01 08:03:05)\n{text}\n已读",
    "[2025-09-01 08:03:05] {name}: {text}",
    "2025-09-01 08:03:05 {name}\n{text}",
    "2025-09-01 08:03:05 {name}\n{text}\n未读\n",
    "2025-09-01 08:03:05 {name}:{text}",
]


@pytest.mark.parametrize("head", HEADS, ids=range(len(HEADS)))
@pytest.mark.parametrize(
    "names", [("tb12345", "茶叶店:小王"), ("花开半夏", f"茶叶店{COLON}小王")], ids=["ascii", "wide"]
)
def test_every_way_a_window_writes_name_and_time_is_read(read: Read, head: str, names: tuple[str, str]) -> None:
    customer, agent = names
    content = "\n".join(
        head.format(name=name, text=text) for name, text in ((customer, "在吗"), (agent, "在的"), (customer, "好"))
    )
    outcome = read("a.txt", content)
    assert outcome.report.kind == "chat"
    assert outcome.said == [("customer", None, "在吗"), ("agent", "小王", "在的"), ("customer", None, "好")]
    assert {m.sent_at for m in outcome.messages} == {"2025-09-01T08:03:05+08:00"}
    (conversation,) = outcome.conversations
    assert (conversation.id, conversation.shop, conversation.customer) == ("a", "茶叶店", Customer(id=customer))
    assert outcome.tally.exit_code == 0


@pytest.mark.parametrize("arrow", ["-->", "->", "→", "==>", "——>"])
def test_an_arrow_names_both_sides(read: Read, arrow: str) -> None:
    outcome = read(
        "a.txt",
        f"花花 {arrow} 茶叶店:小王 2025-09-01 08:03:05\n在吗\n茶叶店:小王 {arrow} 花花 2025-09-01 08:03:15\n在\n",
    )
    assert outcome.said == [("customer", None, "在吗"), ("agent", "小王", "在")]


def test_a_message_of_several_lines_keeps_its_lines(read: Read) -> None:
    outcome = read("a.txt", "花花 2025-9-1 8:03:05\n第一行\n\n第三行\n  \n\n茶叶店:小王 2025-9-1 8:04:05\n好\n\n")
    assert [m.text for m in outcome.messages] == ["第一行\n\n第三行", "好"]


def test_lines_of_the_window_itself_are_told_from_what_was_said(read: Read) -> None:
    content = """以下为历史消息
花花 2025-9-1 8:03:05
在吗
已读
茶叶店:小王 2025-9-1 8:03:15
在的亲
茶叶店:小王撤回了一条消息
系统提示:会话已由小王转交给小李
茶叶店:小李 2025-9-1 8:05:00
[图片]
茶叶店:小李 2025-9-1 8:05:10
【自动回复】稍等一下
未读
"""
    outcome = read("a.txt", content)
    assert [(m.role, m.agent, m.kind, m.auto) for m in outcome.messages] == [
        ("customer", None, "text", False),
        ("agent", "小王", "text", False),
        ("system", None, "text", False),
        ("system", None, "transfer", False),
        ("agent", "小李", "image", False),
        ("agent", "小李", "text", True),
    ]
    assert outcome.messages[3].sent_at == "2025-09-01T08:03:15+08:00"
    assert outcome.tally.ignored_lines == 3


SAID = [
    "我帮您转交给仓库的同事处理",
    "麻烦您把件退回来转交给门卫",
    "付款时间: 2025-09-01 08:00:00",
    "订单创建于 2025-09-01 08:00:00",
    "我是在2025-09-01 08:00:00下单的",
    "昨天说好的, 2025-09-01 08:00:00",
    "-----\n见上面",
    "客户",
    "刚才那条您撤回了一条消息我没看到",
]


@pytest.mark.parametrize("text", SAID)
def test_words_that_only_look_like_lines_of_the_window_stay_part_of_the_message(read: Read, text: str) -> None:
    outcome = read("a.txt", f"花花 2025-9-1 8:03:05\n你好\n{text}\n茶叶店:小王 2025-9-1 8:04:05\n好\n")
    assert [m.text for m in outcome.messages] == [f"你好\n{text}", "好"]


def window(*heads: str) -> str:
    """Messages 一 to 四 under the heads given; other lines stand as they are."""
    texts = iter("一二三四")
    return "\n".join(f"{head}\n{next(texts)}" if "2025-" in head else head for head in heads) + "\n"


T1, T2, T3, T4 = (f"2025-9-1 {clock}" for clock in ("8:03:05", "8:03:15", "9:03:05", "9:03:15"))
SEVERAL = {
    "blank and another customer": window(f"花花 {T1}", f"店:小王 {T2}", "", f"草草 {T3}", f"店:小王 {T4}"),
    "plain names": window(f"花花 {T1}", f"小王 {T2}", "", f"草草 {T3}", f"小王 {T4}"),
    "arrows": window(f"花花 --> 小王 {T1}", f"小王 --> 花花 {T2}", "", f"小王 --> 草草 {T3}", f"草草 --> 小王 {T4}"),
    "headers": window("买家:花花", f"花花 {T1}", f"小王 {T2}", "", "买家:草草", f"小王 {T3}", f"草草 {T4}"),
    "titles": window(
        "与花花的聊天记录", "", f"花花 {T1}", f"店:小王 {T2}", "", "与草草的聊天记录", "", f"店:小王 {T3}", f"草草 {T4}"
    ),
}


@pytest.mark.parametrize("content", SEVERAL.values(), ids=SEVERAL.keys())
def test_several_conversations_in_one_file_are_told_apart(read: Read, content: str) -> None:
    outcome = read("a.txt", content)
    first, second = outcome.conversations
    assert [m.text for m in first.messages] == ["一", "二"]
    assert [m.text for m in second.messages] == ["三", "四"]
    assert (first.id, second.id) == ("a-1", "a-2")
    assert first.customer == Customer(id="花花")


def test_a_header_with_a_number_gives_the_conversation_its_id(read: Read) -> None:
    content = "".join(
        f"=== 会话 {n} ===\n花花 2025-9-1 8:03:05\n一\n店:小王 2025-9-1 8:03:15\n二\n\n" for n in (17, 18)
    )
    assert [c.id for c in read("a.txt", content).conversations] == ["a:17", "a:18"]


def test_a_transfer_to_a_colleague_does_not_begin_a_new_conversation(read: Read) -> None:
    content = window(f"花花 {T1}", "", f"店:小王 {T2}", "", f"店:小李 {T3}", "", f"花花 {T4}")
    assert len(read("a.txt", content).conversations) == 1


def test_an_impossible_time_is_noticed_and_the_message_kept(read: Read) -> None:
    outcome = read("a.txt", "花花 2025-13-1 8:03:05\n一\n店:小王 2025-9-1 8:03:15\n二\n")
    assert [m.sent_at for m in outcome.messages] == [None, "2025-09-01T08:03:15+08:00"]
    assert outcome.noticed == [(1, "sent_at", "bad_time")]


def test_another_zone_can_be_given(read: Read) -> None:
    outcome = read("a.txt", "花花 2025-9-1 8:03:05\n一\n", zone="Asia/Tokyo")
    assert outcome.messages[0].sent_at == "2025-09-01T08:03:05+09:00"


def test_text_before_the_first_message_is_rejected_line_by_line(read: Read) -> None:
    outcome = read("a.txt", "导出人\n张三\n花花 2025-9-1 8:03:05\n一\n")
    assert outcome.refused == [(1, "", "before_first_message"), (2, "", "before_first_message")]
    assert len(outcome.messages) == 1


def test_a_text_without_any_message_is_rejected_with_an_example_of_what_is_expected(read: Read) -> None:
    outcome = read("a.txt", "只是一些文字\n没有时间\n")
    assert [code for _, _, code in outcome.refused] == ["no_message"]
    assert "2025-09-01" in outcome.rejections[0].way_out


def test_an_absurdly_long_message_is_rejected_with_all_its_lines(read: Read) -> None:
    outcome = read(
        "a.txt", "花花 2025-9-1 8:03:05\n" + "长长\n" * 100 + "店:小王 2025-9-1 8:03:15\n二\n", max_text_bytes=200
    )
    assert outcome.refused == [(1, "text", "text_too_long")]
    assert outcome.tally.rejected_lines == 101
    assert [m.text for m in outcome.messages] == ["二"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_of_a_copied_chat_is_told(read: Read, codec: str) -> None:
    outcome = read(
        "a.txt",
        "花花 2025-9-1 8:03:05\r\n这个茶叶什么时候发货\r\n店:小王 2025-9-1 8:03:15\r\n今天就发\r\n".encode(codec),
    )
    assert [m.text for m in outcome.messages] == ["这个茶叶什么时候发货", "今天就发"]


NAMES = st.sampled_from(["花花", "茶叶店:小王", "tb_2025", "店小蜜", "A B"])
WORDS = st.text(st.sampled_from("好的,在吗abc 123?!\n"), max_size=20)


@given(
    spoken=st.lists(st.tuples(NAMES, WORDS, st.integers(0, 59)), min_size=1, max_size=8),
    head=st.sampled_from(HEADS[:6]),
)
def test_what_a_window_shows_is_read_back(spoken: list[tuple[str, str, int]], head: str) -> None:
    content = "\n".join(
        head.replace("05", f"{second:02d}").format(name=name, text=text) for name, text, second in spoken
    )
    block = ChatReader("f", "f", ReadOptions()).read(content, 0)
    messages = [m for c in block.conversations for m in c.messages]
    assert [m.text for m in messages] == ["\n".join(_trimmed(text, head)) for _, text, _ in spoken]
    assert [m.sent_at and m.sent_at[17:19] for m in messages] == [f"{second:02d}" for _, _, second in spoken]
    assert not block.rejections


def _trimmed(text: str, head: str) -> list[str]:
    """What of a text survives: blank lines at its ends are the window's, not the person's."""
    lines = ["" if not line.strip() else line for line in text.split("\n")]
    if head.endswith(": {text}"):
        lines[0] = lines[0].strip()
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines
