import io

import msgspec
import pytest
from rich.cells import cell_len

from qaplatform.audit.conversation import Message
from qaplatform.formats.writing.table import main_reasons, write_table


def lines(pairs, wording, **options) -> list[str]:
    stream = io.BytesIO()
    write_table(pairs, stream, wording, **options)
    return stream.getvalue().decode("utf-8").splitlines()


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_wider_than_the_terminal(crowd, wording, width):
    shown = lines(crowd(300), wording, width=width)
    assert max(map(cell_len, shown)) <= width
    assert not [line for line in shown if line.endswith(" ")]


def test_the_summary_says_totals_verdicts_criteria_agents_and_what_to_look_at(crowd, chinese):
    pairs = list(crowd(300))
    text = "\n".join(lines(pairs, chinese))
    passed = sum(card.verdict == "pass" for _, card in pairs)
    assert f"300 通会话 · {sum(len(c.messages) for c, _ in pairs):,} 条消息" in text
    assert f"合格 {passed}" in text
    for words in ("扣分最多的质检项", "先共情", "王晓梅", "数据不足", "优先复核的会话"):
        assert words in text
    first = max((card for _, card in pairs), key=lambda card: card.priority)
    assert text.index(first.id) > text.index("优先复核的会话")


def test_few_conversations_are_all_listed_in_input_order(pair, chinese):
    pairs = [pair("kind", id="zz", priority=0.1), pair("slow", id="aa", priority=0.9)]
    text = "\n".join(lines(pairs, chinese))
    assert text.index("zz") < text.index("aa")
    assert "会话列表" in text
    assert "先共情、响应时长" in text


def test_critical_faults_come_first_among_the_reasons(pair, chinese):
    _, card = pair("slow", findings={"insult": (), "empathy_first": (), "banned_phrase": ()})
    assert main_reasons(card, chinese) == "辱骂客户、先共情、禁用语"


def test_foreign_text_cannot_drive_the_terminal(pair, chinese):
    evil = "\x1b[2J\x1b]0;x\x07[bold red]c1[/]\r\n\u202e"
    conversation, card = pair(id=evil, messages=(Message(role="agent", text="好", agent=evil),), findings={})
    text = "\n".join(lines([(conversation, msgspec.structs.replace(card, reasons=(evil,)))], chinese))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold red]" in text


def test_colours_are_sent_only_when_asked_for(crowd, chinese):
    assert "\x1b[" in "\n".join(lines(crowd(30), chinese, colour=True))
    assert "\x1b[" not in "\n".join(lines(crowd(30), chinese))


def test_nothing_to_sum_up_is_said(wording):
    assert lines([], wording)[-1] == wording.chrome["table_empty"]
