"""Lessons are read whole, and a mistake in one is shown where it stands."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.training.lesson_blocks import BlockError, read_chat
from qaplatform.training.lesson_loading import LessonError, check_lessons, load_lessons, shipped_lessons
from qaplatform.training.lessons import UnknownLessonError, plain_text

CARET = "‸"
LESSON = """\
---
id: kind
title: {zh: 友善, en: Kindness}
tags: [态度]
criteria: [empathy_first]
minutes: 5
level: junior
version: "1"
---
## 为什么
先看 [红线](other.md) 和 [网页](https://a.example)。

### 例子
```pair empathy_first
customer: 急死了
bad: 等着
good: 理解您着急
```

```chat bad empathy_first
customer 10:00:00 急死了
agent    10:00:20 等着
```
"""
OTHER = LESSON.replace("id: kind", "id: other").replace("[红线](other.md)", "红线")
ENGLISH = LESSON.replace("[态度]", "[attitude]")
CRITERIA = ("empathy_first", "insult")


def problems_of(text: str, path: str = "zh/kind.md", **more: str) -> list[str]:
    files = {path: text, "zh/other.md": OTHER, "en/other.md": OTHER} | more
    if "en/kind.md" not in files and path == "zh/kind.md":
        return [str(one) for one in check_lessons(files, criteria=CRITERIA)[1] if one.severity == "error"]
    return [str(one) for one in check_lessons(files, criteria=CRITERIA)[1]]


def test_a_good_lesson_is_read_with_all_its_parts() -> None:
    files = {"zh/kind.md": LESSON, "en/kind.md": ENGLISH, "zh/other.md": OTHER, "en/other.md": OTHER}
    lessons, problems = check_lessons(files, criteria=CRITERIA)
    assert problems == ()
    assert lessons is not None
    lesson = lessons.lesson("kind")
    assert (lesson.own_title, lesson.minutes, lesson.level, lesson.links) == ("友善", 5, "junior", ("other",))
    assert [(one.level, one.text) for one in lesson.headings] == [(2, "为什么"), (3, "例子")]
    assert [(one.bad, one.good, one.line) for one in lesson.pairs] == [("等着", "理解您着急", 14)]
    assert [(one.verdict, one.criterion, len(one.messages)) for one in lesson.chats] == [("bad", "empathy_first", 2)]
    assert lessons.lesson("kind", "en").own_title == "Kindness"
    assert [one.id for one in lessons.explaining("empathy_first")] == ["kind", "other"]
    assert plain_text(lesson).splitlines()[:3] == ["友善", "为什么", "先看 红线 和 网页。"]
    assert lesson.content_hash != lessons.lesson("kind", "en").content_hash
    with pytest.raises(UnknownLessonError):
        lessons.lesson("no")


MISTAKES = [
    ("minutes: 5\n", "", "zh/kind.md:2:1: the head of a lesson needs 'minutes'"),
    ("minutes: 5", "minutes: ‸90", "minutes must be from 1 to 60, not 90"),
    ("level: junior", "level: ‸juniour", "level must be junior, intermediate or senior, not 'juniour'; did you mean 'junior'?"),
    ("level: junior", "‸levl: junior\nlevel: junior", "unknown key 'levl' in the head of a lesson; did you mean 'level'?"),
    ("id: kind", "id: ‸kin", "id must be the name of the file, 'kind', not 'kin'"),
    (", en: Kindness", "", "zh/kind.md:3:8: title is given in zh and en"),
    ("[empathy_first]", "[‸empathy_frist]", "there is no criterion 'empathy_frist'; did you mean 'empathy_first'?"),
    ("```pair empathy_first", "```pair ‸empathy", "there is no criterion 'empathy'; did you mean 'empathy_first'?"),
    ("(other.md)", "(‸othr.md)", "there is no lesson 'othr'; did you mean 'other'?"),
    ("(https://a.example)", "(‸javascript:alert)", "a link goes to https://… or to a lesson, 'its-id.md', not 'javascript:alert'"),
    ("(https://a.example)", "(‸ftp://a.example)", "a link goes to https://… or to a lesson, 'its-id.md', not 'ftp://a.example'"),
    ("[网页](", "‸![网页](", "a lesson holds no pictures; describe it"),
    ("[网页]", "‸<b>[网页]", "HTML has no place in a lesson: <b>"),
    ("### 例子", "‸<div>\n\n### 例子", "HTML has no place in a lesson; write Markdown"),
    ("### 例子", "‸#### 例子", "a heading '####' cannot follow a '##'"),
    ("## 为什么", "‸# 为什么", "the title stands in the head; headings of the text begin with '##'"),
    ("bad: 等着", "‸baad: 等着", "unknown key 'baad'; a pair has customer, bad, good, why; did you mean 'bad'?"),
    ("bad: 等着", "bad: 等着\n‸bad: 等", "'bad' stands twice in this pair"),
    ("good: 理解您着急\n", "", "zh/kind.md:14:1: this pair needs 'good'"),
    ("agent    10:00:20 等着", "‸agnt 等着", "expected 'customer|agent|bot|auto|note|system [HH:MM[:SS]] text', got 'agnt 等着'"),
    ("```chat bad empathy_first", "‸```chat bad", "after 'chat' stands nothing, 'good', or 'bad' and the id of the criterion it breaks"),
    ("---\nid", "‸id", "a lesson begins with a head between two lines '---'"),
    ("tags: [态度]", "tags: [‸*x]", "the alias *x is not allowed; write the value out"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES)
def test_a_mistake_is_shown_where_it_stands(old: str, new: str, message: str) -> None:
    assert LESSON.count(old) >= 1
    marked = LESSON.replace(old, new, 1)
    text = marked.replace(CARET, "")
    if CARET in marked:
        before = marked[: marked.index(CARET)]
        column = len(before) - (before.rfind("\n") + 1) + 1
        place = f"zh/kind.md:{before.count(chr(10)) + 1}:{column}: error: {message}"
    else:
        place = re.sub(r"^(zh/kind\.md:\d+:\d+): ", r"\1: error: ", message)
    assert place in problems_of(text)


def test_who_speaks_in_a_chat_may_stand_in_chinese() -> None:
    english = "customer 10:00:00 你们怎么回事\nagent 10:00:20 实在抱歉\ncustomer 10:01:00 好的"
    chinese = "客户 10:00:00 你们怎么回事\n客服：10:00:20 实在抱歉\n顾客 10:01:00 好的"
    assert read_chat("chat good", chinese) == read_chat("chat good", english)
    with pytest.raises(BlockError, match="老板"):
        read_chat("chat good", "customer 在吗\n老板 在")


def test_all_mistakes_of_all_files_are_said_at_once() -> None:
    found = problems_of(LESSON.replace("minutes: 5", "minutes: x").replace("(other.md)", "(gone.md)"))
    assert len(found) == 2


def test_both_languages_of_a_lesson_must_agree() -> None:
    english = ENGLISH.replace("minutes: 5", "minutes: 6")
    more = {"en/kind.md": english}
    assert "en/kind.md:1:1: error: minutes is not the same as in the Chinese lesson" in problems_of(LESSON, **more)
    more = {"en/kind.md": ENGLISH.replace('"1"', '"2"')}
    assert problems_of(LESSON, **more) == ["en/kind.md:1:1: warning: version 2 is not that of the Chinese lesson, 1"]


def test_a_folder_with_mistakes_is_refused(tmp_path) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "kind.md").write_text(LESSON, encoding="utf-8")
    with pytest.raises(LessonError, match="there is no lesson 'other'"):
        load_lessons(tmp_path)


@given(st.text(), st.text())
def test_the_loader_raises_nothing_on_content(head: str, body: str) -> None:
    check_lessons({"zh/a.md": f"---\n{head}\n---\n{body}", "en/b.md": body}, criteria=CRITERIA)
    check_lessons({"zh/kind.md": LESSON + body})


def test_every_shipped_lesson_is_there_in_both_languages_and_of_a_readable_length() -> None:
    lessons = shipped_lessons()
    assert len(lessons.by_id) >= 25
    for id, languages in lessons.by_id.items():
        assert set(languages) == {"zh", "en"}, id
        assert 300 <= len(re.findall(r"[\u4e00-\u9fff]", languages["zh"].body)) <= 900, id
        assert languages["zh"].version == languages["en"].version, id
        assert languages["zh"].pairs or languages["zh"].chats, id
