import csv
import io
import json
from datetime import UTC, datetime

import msgspec
import pyarrow.parquet as pq
import pytest
from python_calamine import load_workbook

from qaplatform.audit.conversation import Message
from qaplatform.audit.finding import Finding, Scorecard
from qaplatform.formats.writing import FORMATS, write
from qaplatform.formats.writing.plain import harmless, writable
from qaplatform.formats.writing.xlsx import write_xlsx

EVIL = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "－1",
    "＠A",
    "﹢1",
    " =1",
    "\u200b=1",
    "\u00a0+1",
]


@pytest.mark.parametrize("text", EVIL)
def test_a_cell_that_could_be_a_formula_gets_an_apostrophe(text):
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["", "您好=1", "3-5天", "a@b.cn", "“=1”", "1=1", "  好"])
def test_ordinary_text_stays_as_it_is(text):
    assert harmless(text) == text


def test_what_no_file_can_hold_is_shown_as_a_replacement():
    assert writable("a\x00b\ud800c\ufffe\n\t") == "a\ufffdb\ufffdc\ufffd\n\t"


def read_csv(path):
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_jsonl_is_the_audit_form_line_by_line_in_input_order(tmp_path, crowd, rubric, context):
    pairs = list(crowd(50))
    write("jsonl", pairs, tmp_path / "a.jsonl", rubric=rubric, context=context)
    lines = (tmp_path / "a.jsonl").read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=Scorecard) for line in lines] == [card for _, card in pairs]
    slow = next(json.loads(line) for line in lines if b'"fail"' in line)
    assert list(slow) == (
        ["id", "rubric", "score", "scored_share", "verdict", "risk", "priority", "reasons", "criteria", "observations"]
    )
    failed = next(one for one in slow["criteria"] if one["findings"])
    assert list(failed) == ["id", "outcome", "reason", "points", "max_points", "agent", "findings"]
    assert list(failed["findings"][0]) == ["message", "start", "end", "quote", "code", "facts"]
    assert list(slow["observations"]) == (
        [
            "episodes",
            "blunt",
            "review_requests",
            "off_platform",
            "absolute",
            "promises",
            "transfers",
            "closing_check",
            "unanswered",
            "closed",
            "topic",
        ]
    )


def test_jsonl_names_the_agent_of_a_finding_only_where_it_is_set(tmp_path, pair, rubric, context):
    finding = Finding(1, 0, 3, "没办法", "phrase", {"phrase": "没办法"}, agent="a2")
    write("jsonl", [pair(findings={"banned_phrase": (finding,)})], tmp_path / "a", rubric=rubric, context=context)
    line = json.loads((tmp_path / "a").read_bytes())
    found = [one for criterion in line["criteria"] for one in criterion["findings"]]
    assert list(found[0])[-1] == "agent"
    assert found[0]["agent"] == "a2"


def test_csv_has_a_row_a_conversation_with_every_criterion(tmp_path, crowd, rubric, context):
    pairs = list(crowd(40))
    assert write("csv", pairs, tmp_path / "a.csv", rubric=rubric, context=context) == 40
    rows = read_csv(tmp_path / "a.csv")
    assert [row["会话编号"] for row in rows] == [card.id for _, card in pairs]
    for row, (conversation, card) in zip(rows, pairs, strict=True):
        assert float(row["得分"]) == card.score
        assert row["订单号"] == conversation.order_id
        outcomes = {"pass": "合格", "fail": "扣分"}
        for criterion, one in zip(rubric.criteria, card.criteria, strict=True):
            assert row[criterion.title.zh] == outcomes[one.outcome]
            assert float(row[criterion.title.zh + "·得分"]) == one.points


def test_csv_cells_of_hostile_conversations_are_harmless(tmp_path, pair, rubric, context):
    pairs = [pair(id=evil, shop=evil, order_id=evil) for evil in EVIL]
    write("csv", pairs, tmp_path / "a.csv", rubric=rubric, context=context)
    rows = read_csv(tmp_path / "a.csv")
    assert [row["会话编号"] for row in rows] == ["'" + evil for evil in EVIL]
    assert all(row["店铺"].startswith("'") and row["订单号"].startswith("'") for row in rows)


def test_negative_points_stay_numbers(tmp_path, pair, rubric, context):
    write("csv", [pair("slow")], tmp_path / "a.csv", rubric=rubric, context=context)
    assert read_csv(tmp_path / "a.csv")[0]["禁用语·得分"] == "-5.0"


def sheets(path):
    book = load_workbook(str(path))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def test_xlsx_has_sheets_of_conversations_findings_and_agents(tmp_path, crowd, rubric, context):
    pairs = list(crowd(120))
    assert write("xlsx", pairs, tmp_path / "a.xlsx", rubric=rubric, context=context) == 120
    book = sheets(tmp_path / "a.xlsx")
    assert list(book) == ["会话", "扣分点", "客服"]
    head, *rows = book["会话"]
    assert [row[0] for row in rows] == [card.id for _, card in pairs]
    assert rows[0][head.index("订单号")] == "2026111100012345678"
    found = sum(len(one.findings) for _, card in pairs for one in card.criteria)
    assert len(book["扣分点"]) - 1 == found > 0
    finding = dict(zip(book["扣分点"][0], book["扣分点"][1], strict=True))
    slow = next(card for _, card in pairs if card.criteria[1].findings)
    assert finding["会话编号"] == slow.id
    assert finding["问题说明"] == "过了 160 秒才回,限 60 秒"
    assert (finding["消息序号"], finding["客服"], finding["建议说法"]) == (1, "王晓梅", "先回一句,再去查。")
    agents = {row[1]: dict(zip(book["客服"][0], row, strict=True)) for row in book["客服"][1:]}
    assert agents["a1"]["平均分"] > 0
    assert agents["a3"]["平均分"] == "数据不足"


def test_xlsx_cells_of_hostile_conversations_are_harmless_text(tmp_path, pair, rubric, context):
    finding = Finding(0, 0, 5, "=1+1\x07", "phrase", {"phrase": "@x"})
    said = (Message(role="agent", text="=1+1\x07"),)
    pairs = [pair(id=evil, messages=said, findings={"banned_phrase": (finding,)}) for evil in EVIL]
    write("xlsx", pairs, tmp_path / "a.xlsx", rubric=rubric, context=context, language="en")
    book = sheets(tmp_path / "a.xlsx")
    assert all(row[0].startswith("'") for row in book["Conversations"][1:])
    assert all(row[7] == "'=1+1\ufffd" for row in book["Findings"][1:])


def test_xlsx_cuts_what_no_cell_can_hold(tmp_path, pair, rubric, context):
    huge = "亲" * 40_000
    finding = Finding(0, 0, 40_000, huge, "phrase", {"phrase": "亲"})
    pairs = [pair(messages=(Message(role="agent", text=huge),), findings={"banned_phrase": (finding,)})]
    write("xlsx", pairs, tmp_path / "a.xlsx", rubric=rubric, context=context)
    quote = sheets(tmp_path / "a.xlsx")["扣分点"][1][7]
    assert len(quote) == 32_767
    assert quote.endswith("…")


def test_a_full_sheet_goes_on_in_another(tmp_path, crowd, chinese):
    write_xlsx(crowd(70), tmp_path / "a.xlsx", chinese, sheet_rows=31)
    book = sheets(tmp_path / "a.xlsx")
    assert [len(book[name]) for name in ("会话", "会话(2)", "会话(3)")] == [31, 31, 11]
    assert book["会话"][0] == book["会话(2)"][0]


def test_parquet_is_typed_and_nested(tmp_path, crowd, rubric, context):
    pairs = list(crowd(60))
    write("parquet", pairs, tmp_path / "a.parquet", rubric=rubric, context=context)
    table = pq.read_table(tmp_path / "a.parquet")
    rows = table.to_pylist()
    assert [row["id"] for row in rows] == [card.id for _, card in pairs]
    assert str(table.schema.field("started_at").type) == "timestamp[us, tz=UTC]"
    assert str(table.schema.field("score").type) == "double"
    for row, (conversation, card) in zip(rows, pairs, strict=True):
        assert row["started_at"] == datetime.fromisoformat(conversation.messages[0].sent_at).astimezone(UTC)
        assert [one["outcome"] for one in row["criteria"]] == [one.outcome for one in card.criteria]
        ours = [found for one in card.criteria for found in one.findings]
        theirs = [found for one in row["criteria"] for found in one["findings"]]
        assert [(f["message"], f["start"], f["quote"]) for f in theirs] == [(f.message, f.start, f.quote) for f in ours]
        assert [json.loads(f["facts"]) for f in theirs] == [f.facts for f in ours]
        assert row["observations"]["topic"] == list(card.observations.topic)


def test_parquet_goes_out_in_row_groups(tmp_path, crowd, rubric, context):
    write("parquet", crowd(5_001), tmp_path / "a.parquet", rubric=rubric, context=context)
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 2


@pytest.mark.parametrize("form", ["jsonl", "csv", "xlsx", "parquet", "table", "html"])
def test_no_conversations_make_an_empty_but_whole_file(tmp_path, form, rubric, context):
    assert write(form, [], tmp_path / "a", rubric=rubric, context=context) == 0
    if form == "csv":
        assert read_csv(tmp_path / "a") == []
    elif form == "xlsx":
        assert [len(rows) for rows in sheets(tmp_path / "a").values()] == [1, 1, 1]
    elif form == "parquet":
        assert pq.read_table(tmp_path / "a").num_rows == 0
    else:
        assert (tmp_path / "a").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_broken_characters_stop_no_format(tmp_path, form, pair, rubric, context):
    said = (Message(role="agent", text="坏\ud800字\x00"),)
    finding = Finding(0, 0, 3, "坏\ud800字", "phrase", {"phrase": "\ud800"})
    pairs = [pair(id="c\ud800", messages=said, findings={"banned_phrase": (finding,)})]
    assert write(form, pairs, tmp_path / "a", rubric=rubric, context=context) == 1
