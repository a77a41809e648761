import base64
import hashlib
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import msgspec
import pytest

from qaplatform.audit.conversation import Message
from qaplatform.audit.finding import Finding, Transfer
from qaplatform.formats.report import Notice, Rejection, Tally
from qaplatform.formats.writing import Options, write

VOID = {"meta", "input", "br", "img"}
HOSTILE = "<script>alert('x')</script></style><img src=//evil.example/a.png onerror=alert(1)>{{ 7*7 }}\u202e"


class Page(HTMLParser):
    """The page's tags, texts and ids; raises where tags do not close in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"{tag} closes out of order"

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def all(self, tag: str, css: str = "") -> list[dict[str, str | None]]:
        return [
            attrs for name, attrs in self.tags if name == tag and css in ["", *(attrs.get("class") or "").split(" ")]
        ]


@pytest.fixture
def report(tmp_path, rubric, context):
    def made(pairs, language="zh", **options) -> tuple[Page, str]:
        target = tmp_path / "report.html"
        write("html", pairs, target, rubric=rubric, context=context, language=language, options=Options(**options))
        text = target.read_text(encoding="utf-8")
        return Page(text), text

    return made


def cases(page: Page) -> list[dict[str, str | None]]:
    return page.all("details", "case")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_well_formed_and_asks_nothing_of_the_network(report, crowd, language):
    page, text = report(crowd(200), language)
    html = next(attrs for tag, attrs in page.tags if tag == "html")
    assert html["lang"] == {"zh": "zh-CN", "en": "en"}[language]
    for _, attrs in page.tags:
        for name in ("src", "href", "srcset", "action", "data"):
            assert (attrs.get(name) or "#").startswith("#")
    assert "@import" not in text
    assert "url(" not in text
    assert not re.search(r"https?://", text)


def test_the_english_page_has_no_chinese_of_ours(report, crowd):
    page, _ = report(crowd(60), "en")
    chrome = [text for text in page.texts if re.search(r"[\u4e00-\u9fff]", text)]
    foreign = {word for text in chrome for word in re.findall(r"[\u4e00-\u9fff]+", text)}
    said = "".join(m.text for c, _ in crowd(60) for m in c.messages) + "王晓梅李强周敏小熊家居售前一组售后组财务"
    assert [word for word in foreign if word not in said] == []


def test_only_our_own_script_may_run(report, pair):
    page, text = report([pair(id=HOSTILE, shop=HOSTILE)])
    policy = next(attrs["content"] for attrs in page.all("meta") if attrs.get("http-equiv"))
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    ours = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{ours}'" in policy
    assert "default-src 'none'" in policy
    assert len(page.all("script")) == 1
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_hostile_text_anywhere_is_shown_as_text(report, pair):
    said = tuple(Message(role=role, text=HOSTILE, agent=HOSTILE) for role in ("customer", "agent", "system"))
    findings = {"banned_phrase": (Finding(1, 0, 8, HOSTILE[:8], "phrase", {"phrase": HOSTILE}, agent=HOSTILE),)}
    conversation, card = pair(id=HOSTILE, shop=HOSTILE, messages=said, findings=findings, case_id=HOSTILE)
    seen = msgspec.structs.replace(card.observations, topic=(HOSTILE,))
    card = msgspec.structs.replace(card, reasons=(HOSTILE,), observations=seen)
    reading = Tally()
    reading.add_rejections([Rejection(HOSTILE, 1, HOSTILE, "bad_value", HOSTILE)])
    reading.add_notices([Notice(HOSTILE, 1, HOSTILE, "x", HOSTILE)])
    page, text = report([(conversation, card)], reading=reading)
    assert page.all("img") == []
    assert len(page.all("script")) == 1
    assert "<script>alert" not in text
    assert "49" not in re.findall(r"\b49\b", page.text)
    assert page.text.count("alert('x')") >= 6


def test_cards_say_the_totals(report, crowd):
    pairs = list(crowd(200))
    page, _ = report(pairs)
    passed = sum(card.verdict == "pass" for _, card in pairs)
    mean = sum(card.score for _, card in pairs) / 200
    figures = re.findall(r'<p class="big">(.*?)</p>', report(pairs)[1])
    assert figures[:3] == ["200", f"{mean:.1f}", f"{passed / 2:.1f}%"]
    assert "合格线 80" in page.text


def test_criteria_are_ordered_by_failure_rate_with_their_conversations(report, crowd):
    pairs = list(crowd(120))
    page, text = report(pairs)
    failing = sum(card.criteria[1].outcome == "fail" for _, card in pairs)
    assert len(page.all("details", "crit")) == 4
    assert f"<b>{failing}</b> / 120" in text
    worst = max((card for _, card in pairs if card.criteria[1].outcome == "fail"), key=lambda card: card.priority)
    assert worst.id in page.text


def test_agents_with_few_conversations_have_no_rank_and_no_average(report, pair):
    many = [pair("kind", id=f"k{n}") for n in range(20)]
    few = [pair("moved", id=f"m{n}") for n in range(19)]
    _, text = report(many + few)
    rows = re.findall(r"<tr><td class=\"right\" data-v=\"(\d*)\">.*?<bdi>(.*?)</bdi>(.*?)</tr>", text, re.DOTALL)
    known = {name: (rank, "数据不足" in rest) for rank, name, rest in rows}
    assert known == {"王晓梅": ("1", False), "李强": ("", True), "周敏": ("", True)}
    _, text = report(many + few, enough=5)
    assert "数据不足" in text
    assert '<td class="right" data-v="2">2</td><th scope="row"><bdi>李强' in text


def test_the_worst_conversations_are_whole_with_marks_notes_and_chips(report, pair):
    page, text = report([pair("kind", id="fine", priority=0.1), pair("slow", id="bad", priority=0.9)])
    assert [case["id"] for case in cases(page)] == ["case-1", "case-2"]
    assert cases(page)[0]["data-criteria"] == "c1 c2 c3 c4"
    assert cases(page)[0]["data-verdict"] == "fail"
    for number in range(1, 5):
        assert f'id="case-1-n-{number}"' in text
    assert re.search(r'<mark class="h\d" data-n="2 3"[^>]*>没办法</mark>', text)
    for words in (
        "过了 160 秒才回,限 60 秒",
        "用了禁用语“没办法”",
        "先回一句,再去查。",
        "间隔 2分40秒",
        "客户着急：没有共情",
        "承诺 · 没有时限",
        "客户的问题没人回应",
        "收尾确认",
        "应于 2026-09-01 18:00 前 · 已兑现",
    ):
        assert words in page.text, words


def test_every_link_leads_somewhere_and_every_id_stands_once(report, crowd):
    page, _ = report(crowd(300))
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    links = {attrs["href"][1:] for attrs in page.all("a")}
    assert len(ids) == len(set(ids))
    assert links - set(ids) <= {"rejected"}


def test_a_finding_outside_the_messages_is_said_of_the_whole_conversation(report, pair):
    lost = (
        Finding(99, 0, 2, "没了", "phrase", {"phrase": "没了"}),
        Finding(1, 50, 900, "x", "phrase", {"phrase": "x"}),
    )
    page, _ = report([pair("slow", findings={"banned_phrase": lost, "greeting": ()})])
    assert "整通会话" in page.text
    assert "用了禁用语“没了”" in page.text
    assert "用了禁用语“x”" in page.text


def test_transfers_are_said_with_what_is_missing(report, pair):
    conversation, card = pair("moved")
    moves = (Transfer(1, "escalation", True, False, False),)
    card = msgspec.structs.replace(card, observations=msgspec.structs.replace(card.observations, transfers=moves))
    page, _ = report([(conversation, card)])
    assert "转接 · 升级处理 · 已告知 · 没说由谁接手 · 没说原因" in page.text


def test_an_endless_conversation_is_shown_around_its_findings(report, pair):
    said = tuple(
        Message(role="customer" if n % 2 else "agent", text=f"第{n}句" * 200, agent="a1") for n in range(3_000)
    )
    spots = tuple(Finding(n, 0, 2, "第", "phrase", {"phrase": "第"}) for n in range(0, 3_000, 2))
    page, text = report([pair(messages=said, findings={"banned_phrase": spots})])
    assert "省略" in page.text
    assert "另有 1,460 处扣分未列出" in page.text
    assert len(text) < 250_000


def test_rejected_places_are_listed_and_counted(report, pair):
    reading = Tally(keep=300)
    page, _ = report([pair()], reading=reading)
    assert "全部读入，没有遗漏。" in page.text
    reading.add_rejections([Rejection("a.csv", line, "time", "bad_value", "no time") for line in range(1, 251)])
    page, text = report([pair()], reading=reading)
    assert "250 处没有读入" in page.text
    assert "另有 50 条未列出" in page.text
    assert "a.csv" in text
    assert "未读入" not in report([pair()])[0].text


def test_without_times_the_time_charts_say_there_is_nothing(report, pair):
    said = (Message(role="customer", text="在吗"), Message(role="agent", text="在", agent="a1"))
    page, _ = report([pair("x", messages=said, findings={})])
    assert "会话没有时间信息" in page.text
    assert "没有可画的数据" in page.text


def test_the_moment_of_making_is_local_and_only_said_when_given(report, pair):
    page, _ = report([pair()], generated_at=datetime(2026, 11, 15, 20, tzinfo=UTC))
    assert "生成于 2026-11-16 04:00" in page.text
    assert "生成于" not in report([pair()])[0].text


@pytest.mark.parametrize(("days", "title"), [(40, "每日走势"), (200, "每周走势"), (900, "每月走势")])
def test_the_trend_chooses_days_weeks_or_months(report, pair, days, title):
    start = datetime(2026, 1, 1, 4, tzinfo=UTC)
    pairs = [
        pair(id=f"c{n}", start=datetime.fromtimestamp(start.timestamp() + n * days * 864, UTC)) for n in range(101)
    ]
    page, _ = report(pairs)
    assert title in page.text


def test_the_file_stays_small_however_many_conversations(report, crowd):
    _, little = report(crowd(200))
    _, much = report(crowd(2_000))
    assert len(much) < len(little) * 1.3


@pytest.mark.full
def test_a_hundred_thousand_conversations_make_less_than_five_megabytes(report, crowd):
    assert len(report(crowd(100_000))[1].encode()) < 5_000_000
