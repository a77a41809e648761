"""Mistakes in what people write are said in the language of the page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask, g

from qaplatform.audit.pattern_complaints import complaint
from qaplatform.audit.pattern_lint import pattern_mistake
from qaplatform.audit.saying import either, say
from qaplatform.audit.yaml_source import did_you_mean
from qaplatform.exam.act_words import act_words
from qaplatform.services.training import learning_paths
from qaplatform.services.training.scenario_drafts import shipped_text
from qaplatform.training.drills import Must
from qaplatform.web.mistake_words import in_words
from tests.stores import ONLY_SQLITE
from tests.web.conftest import PageClient, SignIn


def _refused(pattern: str) -> str:
    mistake = pattern_mistake(pattern, pattern, may_be_empty=False)
    assert mistake is not None
    return mistake[1]


@pytest.mark.parametrize(
    ("said", "zh"),
    [
        (say("{what} must be a number, not {found}", what="weight", found=say("a list")), "weight 应为数字，现在写的是列表"),
        (
            say("{what} must be a number, not {found}", what=say("an option"), found=say("{text!r}", text="a'b")),
            "选项应为数字，现在写的是“a'b”",
        ),
        (
            say("there is no {what} {name!r}{near}", what=say("step"), name="quickstrat", near=did_you_mean("quickstrat", ["quickstart"])),
            "没有“quickstrat”这个步骤，是不是想写“quickstart”？",
        ),
        (say("{what} needs {names!r}", what=say("a goal"), names=("id", "points")), "一个目标还缺“id”、“points”，请补上"),
        (
            say("must be {kind}, not {found}", kind=either((say("a number"), say("a list"))), found=say("nothing")),
            "应为数字或列表，现在写的是空白",
        ),
        (say("{{{word}}} is used nowhere", word="city"), "{city} 没有用到，可以删掉"),
        (say("this goal cannot be met: moods end at {most}", most=10), "这个目标达不到：心情最高只到 10"),
        (_refused("好的(?:呀"), "这个句式的写法有误：这个“(”没有闭合，缺一个“)”；要找括号本身，请写成“\\(”"),
        (_refused(r"a\y"), "这个句式的写法有误：没有“\\y”这种写法，要找这个字符本身，请去掉反斜杠"),
        (_refused("a(?=b)"), "句式里不能用向前查看（(?=），请换一种写法"),
        (complaint("odd: x", "x", ())[1], "搜索引擎 RE2 的原话是“odd: x”"),
        (say("'{act}' is not done", act=Must(("asks",), ("photo", "order_id"), due=True)), "没有做到“询问 · 照片 / 订单号，并说明时间”"),
        (say("it has '{sign}'", sign=act_words().signs["curt"]), "出现了“敷衍短答”"),
        ("nobody knows how it was made", "nobody knows how it was made"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_in_the_language_of_the_answer(app: Flask, said: str, zh: str) -> None:
    with app.test_request_context():
        g.language = "zh"
        assert in_words(said) == zh
        g.language = "en"
        assert in_words(said) == said


def _messages(shown: str) -> list[str]:
    """The sentences of all mistakes on a page."""
    items = re.findall(r'<li class="(?:problem|mistake) .*?</li>', shown, re.DOTALL)
    return [html.unescape(re.findall(r"<span>([^<>]+)</span>", item)[-1]) for item in items]


def _scenario(client: PageClient) -> str:
    page = "/scenarios/wrong-parcel/edit"
    version = re.search(r'name="version" value="(\d+)"', client.get(page).text)
    assert version is not None
    text = shipped_text("wrong-parcel").replace("level: ", "level: x", 1)
    client.submit(page, {"text": text, "version": version[1]})
    return client.get(page).text


def _path(client: PageClient) -> str:
    page = "/training/paths/refresher/edit"
    seen = client.get(page).text.partition('name="seen" value="')[2].partition('"')[0]
    text = learning_paths.shipped_text("refresher").replace("lesson: escalation", "lesson: escalations")
    client.submit(page, {"text": text, "seen": seen})
    return client.get(page).text


def _lesson(client: PageClient) -> str:
    page = "/lessons/empathy-first/edit/zh"
    shown = html.unescape(client.get(page).text)
    text = shown.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0].lstrip("\n")
    seen = shown.partition('name="seen" value="')[2].partition('"')[0]
    return client.submit(page, {"text": text + "\n<b>x</b>\n", "seen": seen, "act": "check"}).text


def _question(client: PageClient) -> str:
    sent = {"text": "topic: x\nquestions: 3\n", "act": "check"}
    return client.submit("/questions/own-001/edit", sent, page="/questions/new").text


def _paper(client: PageClient) -> str:
    sent = {"text": "id: own-1\ntitle: {zh: 试卷}\nsections: []\n", "act": "check"}
    return client.submit("/papers/authored/own-1", sent, page="/papers/authored/new").text


def _rubric(client: PageClient) -> str:
    client.submit("/rubrics/ecommerce-service/drafts", page="/rubrics")
    page = "/rubrics/drafts/1/edit"
    version = client.get(page).text.partition('name="version" value="')[2].partition('"')[0]
    file = "ecommerce-service.yaml"
    client.submit(page, {"file": file, "text": "id: ecommerce-service\nsections: 3\n", "version": version})
    return client.get(f"{page}?file={file}").text


EDITORS: dict[str, tuple[Callable[[PageClient], str], str, str]] = {
    "scenario": (_scenario, "level 应为 easy、medium 或 hard", "level must be easy, medium or hard"),
    "path": (_path, "没有“escalations”这个课程，是不是想写“escalation”？", "there is no lesson 'escalations'"),
    "lesson": (_lesson, "课程里不能写 HTML", "HTML has no place in a lesson"),
    "question": (_question, "题目文件还缺“title”这一项，请补上", "a question file needs 'title'"),
    "paper": (_paper, "试卷", "a paper"),
    "rubric": (_rubric, "质检标准还缺“version”这一项，请补上", "a rubric needs 'version'"),
}


@ONLY_SQLITE
@pytest.mark.parametrize("name", EDITORS)
def test_every_editor_says_mistakes_in_the_language_of_its_reader(signed_in: SignIn, name: str) -> None:
    look, chinese, english = EDITORS[name]
    client = signed_in("lead")
    said = _messages(look(client))
    assert [one for one in said if not re.search(r"[\u3400-\u9fff]", one)] == []
    assert any(chinese in one for one in said), said
    client.submit("/language", {"language": "en"}, page="/me")
    said = _messages(look(client))
    assert any(english in one for one in said), said
