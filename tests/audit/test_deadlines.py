"""Words that say by when, read from a Wednesday, 2 September 2026, 14:00 in Shanghai."""

from __future__ import annotations

from datetime import date, datetime
from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.audit.context import Context
from qaplatform.audit.deadlines import deadlines
from qaplatform.audit.normalise import fold

CONTEXT = Context(holidays=frozenset({date(2026, 9, 7)}))
NOW = datetime(2026, 9, 2, 14, 0, tzinfo=CONTEXT.zone).timestamp()


def moments(text: str) -> list[str]:
    found = deadlines(fold(text), NOW, CONTEXT)
    return [
        "?" if isnan(one.due) else datetime.fromtimestamp(one.due, CONTEXT.zone).strftime("%m-%d %H:%M")
        for one in found
    ]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("今天18点前发出", "09-02 18:00"),
        ("2小时内回复", "09-02 16:00"),
        ("24h内", "09-03 14:00"),
        ("半小时后回您", "09-02 14:30"),
        ("一个半小时", "09-02 15:30"),
        ("两小时半", "09-02 16:30"),
        ("1.5小时", "09-02 15:30"),
        ("一刻钟", "09-02 14:15"),
        ("十五分钟内", "09-02 14:15"),
        ("四十八小时内", "09-04 14:00"),
        ("明天给您", "09-03 23:59"),
        ("明儿给您", "09-03 23:59"),
        ("明早给您", "09-03 12:00"),
        ("明早10点前", "09-03 10:00"),
        ("明天下午两点半", "09-03 14:30"),
        ("后天到", "09-04 23:59"),
        ("今明两天到", "09-03 23:59"),
        ("当天寄", "09-02 23:59"),
        ("1-3天到", "09-05 23:59"),
        ("一到三天到账", "09-05 23:59"),
        ("两三天", "09-05 23:59"),
        ("三五天内", "09-07 23:59"),
        ("3个工作日", "09-08 23:59"),
        ("1-3个工作日内", "09-08 23:59"),
        ("周五之前", "09-04 23:59"),
        ("下周一发", "09-07 23:59"),
        ("周五中午12点前", "09-04 12:00"),
        ("星期五下班前", "09-04 18:00"),
        ("本周内", "09-06 23:59"),
        ("月底前", "09-30 23:59"),
        ("11月3号", "11-03 23:59"),
        ("9月15日上午", "09-15 12:00"),
        ("15号寄出", "09-15 23:59"),
        ("6点前给您", "09-02 18:00"),
        ("18:30前", "09-02 18:30"),
        ("今晚12点前", "09-03 00:00"),
        ("今天晚上八点之前", "09-02 20:00"),
        ("最迟三点", "09-02 15:00"),
        ("within 2 hours", "09-02 16:00"),
        ("in half an hour", "09-02 14:30"),
        ("by Friday", "09-04 23:59"),
        ("tomorrow", "09-03 23:59"),
        ("tomorrow by 5pm", "09-03 17:00"),
        ("by 6 pm", "09-02 18:00"),
        ("in 3-5 business days", "09-10 23:59"),
        ("by the end of the day", "09-02 23:59"),
        ("by Nov 3", "11-03 23:59"),
        ("by 4", "09-02 16:00"),
        ("tmrw noon", "09-03 12:00"),
        ("within the hour", "09-02 15:00"),
        ("by 6pm today", "09-02 18:00"),
        ("before 5 pm on Friday", "09-04 17:00"),
        ("before 8 this evening", "09-02 20:00"),
        ("until 8 tonight", "09-02 20:00"),
        ("at half four", "09-02 16:30"),
        ("by quarter past three", "09-02 15:15"),
        ("tomorrow by 12", "09-03 12:00"),
        ("between 10 and 2 tomorrow", "09-03 14:00"),
        ("by end of play", "09-02 23:59"),
        ("first thing Thursday", "09-03 12:00"),
        ("on 20 October", "10-20 23:59"),
        ("by the 15th", "09-15 23:59"),
        ("by 10am on 15 Sept", "09-15 10:00"),
        ("the day after tomorrow", "09-04 23:59"),
        ("in a couple of hours", "09-02 16:00"),
        ("back in 10", "09-02 14:10"),
        ("within a fortnight", "09-16 23:59"),
        ("by the weekend", "09-06 23:59"),
        ("[数字x]小时内", "?"),
        ("[时间x]前", "?"),
        ("国庆前", "?"),
    ],
)
def test_a_time_is_read_as_its_last_moment(text: str, moment: str) -> None:
    assert moments(text) == [moment]


@pytest.mark.parametrize(
    "text",
    [
        "尽快", "稍后回您", "过两天", "这两天", "过几天", "快一点", "晚点说", "早一点", "一会儿", "马上",
        "3天前买的", "近7天", "第3天", "每3天", "等了4天了", "七天无理由", "3号楼", "24小时在线",
        "soon", "in a few days", "as soon as possible", "3 days ago",
        "sun cream", "I sat down", "by 3 cm", "a second-hand one", "one day I will", "twice a week", "buy 4 get 1", "in a bit",
    ],
)  # fmt: skip
def test_vague_past_and_general_words_name_no_time(text: str) -> None:
    assert moments(text) == []


def test_a_holiday_is_no_working_day() -> None:
    assert moments("3个工作日") != [
        datetime.fromtimestamp(deadlines("3个工作日", NOW, Context())[0].due, CONTEXT.zone).strftime("%m-%d %H:%M")
    ]


def test_without_a_time_of_writing_the_words_are_found_and_the_moment_is_unknown() -> None:
    (one,) = deadlines("明天10点前给您", nan, CONTEXT)
    assert (one.start, one.end) == (0, 5)
    assert isnan(one.due)


def test_the_moment_is_of_the_shops_zone() -> None:
    (one,) = deadlines("今天18点前", NOW, Context(timezone="Europe/Berlin"))
    assert datetime.fromtimestamp(one.due, CONTEXT.zone).hour == 0  # 18:00 in Berlin's summer is midnight in Shanghai


@given(st.text(alphabet="今明后天早晚上下午点小时分钟周一二三两半号月0123456789-:[]x内前 ,工作日个ab", max_size=30))
def test_any_text_is_read_without_an_error_and_in_order(text: str) -> None:
    found = deadlines(fold(text), NOW, CONTEXT)
    assert all(0 <= one.start < one.end <= len(fold(text)) for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)
