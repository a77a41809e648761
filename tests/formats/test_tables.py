"""CSV, TSV and spreadsheets with one message a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.errors import InputError
from qaplatform.formats.reading import ReadOptions, open_sources
from qaplatform.formats.report import tally_of

Read = Callable[..., Any]

CHINESE = """会话ID,发送人角色,客服昵称,消息内容,发送时间,店铺名称,订单号,满意度
s1,买家,,"你好
在吗",2025/9/1 8:03,茶叶店,202511011234567890,5
s2,买家,,退货,2025/9/1 8:04,茶叶店,,
s1,客服,小王,"说""好""的",2025/9/1 8:03:30,茶叶店,,
s2,机器人,,请稍等,2025/9/1 8:05,茶叶店,,
"""


@pytest.mark.parametrize("encoded", [
    str.encode,
    lambda text: b"\xef\xbb\xbf" + text.encode(),
    lambda text: text.encode("gb18030"),
    lambda text: text.encode("utf-16"),
], ids=["utf8", "bom", "gb18030", "utf16"])  # fmt: skip
def test_a_chinese_export_is_read_with_its_columns_guessed(read: Read, encoded: Callable[[str], bytes]) -> None:
    outcome = read("a.csv", encoded(CHINESE))
    first, second = outcome.conversations
    assert (first.id, first.shop, first.order_id, first.csat) == ("s1", "茶叶店", "202511011234567890", 5.0)
    assert outcome.said == [
        ("customer", None, "你好\n在吗"), ("agent", "小王", '说"好"的'),
        ("customer", None, "退货"), ("bot", None, "请稍等"),
    ]  # fmt: skip
    assert [m.sent_at for m in second.messages] == ["2025-09-01T08:04:00+08:00", "2025-09-01T08:05:00+08:00"]
    assert outcome.lines == [2, 4]
    assert outcome.report.mapping == {
        "conversation": "会话ID", "role": "发送人角色", "agent": "客服昵称", "text": "消息内容", "time": "发送时间",
        "shop": "店铺名称", "order": "订单号", "csat": "满意度",
    }  # fmt: skip
    assert outcome.tally.exit_code == 0


def test_an_english_export_with_tabs_and_line_ends_of_windows_is_read(read: Read) -> None:
    rows = [
        "conversation_id\tsender_type\tbody\tcreated_at",
        "7\tvisitor\tWhere is it?\t2025-09-01T08:00:00Z",
        "7\toperator\tOn its way\t1756713700",
    ]
    outcome = read("a.tsv", "\r\n".join(rows) + "\r\n")
    assert outcome.said == [("customer", None, "Where is it?"), ("agent", None, "On its way")]
    assert outcome.report.note == "delimiter: tab"


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_the_delimiter_is_found_although_texts_hold_others(read: Read, delimiter: str) -> None:
    content = io.StringIO()
    csv.writer(content, delimiter=delimiter).writerows(
        [["role", "text"], ["buyer", "a,b;c|d"], ["seller", "x, y; z | q"]]
    )
    outcome = read("a.csv", content.getvalue())
    assert outcome.said == [("customer", None, "a,b;c|d"), ("agent", None, "x, y; z | q")]


def test_columns_can_be_named_and_numbered(read: Read) -> None:
    content = "谁,说了什么,哪个会话\n甲方,你好,k1\n乙方,好,k1\n"
    columns = {"text": "说了什么", "role": "谁", "conversation": "#3"}
    outcome = read("a.csv", content, columns=columns, roles={"甲方": "customer", "乙方": "agent"})
    assert outcome.conversations[0].id == "k1"
    assert outcome.said == [("customer", None, "你好"), ("agent", None, "好")]


def test_a_table_without_header_is_read_by_column_numbers(read: Read) -> None:
    outcome = read("a.csv", "k1,买家,你好\nk1,客服,您好\n", columns={"conversation": "#1", "role": "#2", "text": "#3"})
    assert outcome.said == [("customer", None, "你好"), ("agent", None, "您好")]
    assert outcome.lines == [1]


def test_a_column_is_taken_for_nothing_where_it_is_said_so(read: Read) -> None:
    content = "会话ID,角色,内容,订单号,id\nk1,买家,你好,1,7\nk1,客服,您好,2,7\n"
    outcome = read("a.csv", content, columns={"order": "-", "conversation": "-", "text": "内容"})
    (only,) = outcome.conversations
    assert (only.id, only.order_id) == ("a", None)
    assert outcome.report.mapping == {"role": "角色", "text": "内容", "conversation": "(the file)"}
    assert outcome.notices == []


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_blocks_account_for_shares_of_a_file_that_was_read_whole(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    rows = [["会话ID", "角色", "内容"], *([f"k{number}", "买家", "在吗"] for number in range(1200))]
    if kind == "csv":
        path.write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    else:
        with xlsxwriter.Workbook(path) as book:
            for sheet in (book.add_worksheet("一"), book.add_worksheet("二")):
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
    blocks = [block for source in open_sources([str(path)], ReadOptions()) for block in source.blocks()]
    sizes = [block.raw_bytes for block in blocks if block.conversations]
    assert len(sizes) >= 3
    assert max(sizes) < path.stat().st_size / 2
    assert sum(block.raw_bytes for block in blocks) == path.stat().st_size


def test_a_title_above_the_header_is_passed_over(read: Read) -> None:
    outcome = read("a.csv", "聊天明细,,\n,,\n角色,内容,时间\n买家,你好,\n")
    assert outcome.said == [("customer", None, "你好")]
    assert outcome.tally.ignored_lines == 2
    assert outcome.tally.blank_lines == 1


@pytest.mark.parametrize(("content", "options", "field"), [
    ("a,b\n1,2\n", {}, "text"),
    ("内容,时间\n你好,\n", {}, "role"),
    ("角色,内容\n买家,你好\n", {"columns": {"text": "不存在"}}, "column"),
    ("角色,内容\n买家,你好\n", {"columns": {"text": "#9"}}, "text"),
])  # fmt: skip
def test_a_table_that_is_not_understood_names_its_columns_and_a_way_out(
    read: Read, content: str, options: dict[str, Any], field: str
) -> None:
    outcome = read("a.csv", content, **options)
    assert outcome.refused == [(0, field, "no_text_column")]
    assert "--column" in outcome.rejections[0].way_out


BAD_ROWS = [
    ("s,火星人,x,", "role", "unknown_role"),
    (",买家,x,", "conversation", "missing_conversation"),
    ("s,买家,x,,多,了", "", "too_many_cells"),
    ("s,,x,", "role", "unknown_role"),
]


@pytest.mark.parametrize(("row", "field", "code"), BAD_ROWS)
def test_a_bad_row_is_rejected_with_its_line_and_the_rest_goes_on(read: Read, row: str, field: str, code: str) -> None:
    outcome = read("a.csv", f'会话ID,角色,内容,时间\ns,买家,"两\n行",\n{row}\ns,客服,好,\n')
    assert outcome.refused == [(4, field, code)]
    assert len(outcome.messages) == 2


@pytest.mark.parametrize("stray", ['s,客服,"没关上,', 's,"客服,x,'])
def test_a_stray_quote_spoils_its_own_line_only(read: Read, stray: str) -> None:
    rows = [f's,买家,"第{n}句, 带引号",' for n in range(1500)]
    rows[3] = stray
    outcome = read("a.csv", "会话ID,角色,内容,时间\n" + "\n".join(rows) + "\n")
    assert outcome.refused == [(5, "", "unclosed_quote")]
    assert len(outcome.messages) == 1499


def test_a_damaged_line_is_rejected_alone(read: Read) -> None:
    lines = ["会话ID,角色,内容".encode(), *[f"s,买家,第{n}句话".encode() for n in range(60)]]
    lines[9] = lines[9][:-2]
    outcome = read("a.csv", b"\n".join(lines))
    assert outcome.refused == [(10, "", "encoding")]
    assert len(outcome.messages) == 59


def test_an_impossible_time_leaves_the_message_where_it_stands(read: Read) -> None:
    outcome = read(
        "a.csv", "角色,内容,时间\n买家,一,2025-09-01 10:00\n客服,二,2025-02-30 10:00\n买家,三,2025-09-01 09:00\n"
    )
    assert [m.text for m in outcome.messages] == ["一", "二", "三"]
    assert outcome.messages[1].sent_at is None
    assert outcome.noticed == [(3, "sent_at", "bad_time")]


def test_rows_are_put_in_order_of_time_and_keep_their_order_within_a_second(read: Read) -> None:
    rows = [
        "买家,三,2025-09-01 10:02",
        "买家,一,2025-09-01 10:00",
        "客服,二甲,2025-09-01 10:01",
        "客服,二乙,2025-09-01 10:01",
    ]
    outcome = read("a.csv", "角色,内容,时间\n" + "\n".join(rows))
    assert [m.text for m in outcome.messages] == ["一", "二甲", "二乙", "三"]


def test_an_export_with_the_newest_row_first_is_turned_round(read: Read) -> None:
    rows = [
        "客服,三,2025-09-01 10:02",
        "客服,二乙,2025-09-01 10:01",
        "客服,二甲,2025-09-01 10:01",
        "买家,一,2025-09-01 10:00",
    ]
    outcome = read("a.csv", "角色,内容,时间\n" + "\n".join(rows))
    assert [m.text for m in outcome.messages] == ["一", "二甲", "二乙", "三"]


SENDERS = [
    (["tb_flower", "茶叶店:小王"], {}, [("customer", None), ("agent", "小王")], False),
    (["茶叶店:小王", "tb_flower"], {}, [("agent", "小王"), ("customer", None)], False),
    (["花花", "草草"], {}, [("customer", None), ("agent", "草草")], True),
    (["花花", "草草"], {"agent_names": ("花*",)}, [("agent", "花花"), ("customer", None)], False),
    (["花花", "茶叶旗舰店"], {}, [("customer", None), ("agent", "茶叶旗舰店")], False),
    (["小茶铺", "花花"], {"shop": "小茶铺"}, [("agent", "小茶铺"), ("customer", None)], False),
    (["花花", "店小蜜"], {}, [("customer", None), ("bot", None)], False),
    (["买家", "客服"], {}, [("customer", None), ("agent", None)], False),
    (["小王", "买家123"], {}, [("agent", "小王"), ("customer", None)], False),
]


@pytest.mark.parametrize(("senders", "options", "expected", "guessed"), SENDERS)
def test_roles_are_told_from_the_names_of_senders(
    read: Read,
    senders: list[str],
    options: dict[str, Any],
    expected: list[tuple[str, str | None]],
    guessed: bool,
) -> None:
    outcome = read("a.csv", "发送人,内容\n" + "".join(f"{sender},话\n" for sender in senders), **options)
    assert [(role, agent) for role, agent, _ in outcome.said] == expected
    assert [code for _, _, code in outcome.noticed] == ["guessed_roles"] * guessed


def test_without_a_conversation_column_the_customer_or_the_file_makes_the_conversation(read: Read) -> None:
    by_customer = read("a.csv", "买家昵称,角色,内容\n花花,买家,1\n草草,买家,2\n花花,客服,3\n")
    assert [(c.id, len(c.messages)) for c in by_customer.conversations] == [("a:花花", 2), ("a:草草", 1)]
    assert by_customer.report.mapping["conversation"] == "(by 买家昵称)"
    by_file = read("b.csv", "角色,内容\n买家,1\n客服,2\n")
    assert [c.id for c in by_file.conversations] == ["b"]


def test_a_column_called_id_numbers_conversations_only_where_its_values_recur(read: Read) -> None:
    assert [c.id for c in read("a.csv", "id,role,text\n1,user,a\n1,agent,b\n2,user,c\n").conversations] == ["1", "2"]
    assert [m.id for m in read("b.csv", "id,role,text\n1,user,a\n2,agent,b\n3,user,c\n").messages] == ["1", "2", "3"]


def test_date_and_clock_in_two_columns_are_joined(read: Read) -> None:
    outcome = read("a.csv", "日期,时间,角色,内容\n2025/9/1,8:03:05,买家,你好\n")
    assert outcome.messages[0].sent_at == "2025-09-01T08:03:05+08:00"


def test_a_second_value_of_a_conversation_field_is_noticed_once(read: Read) -> None:
    outcome = read("a.csv", "会话ID,角色,内容,订单号\ns,买家,1,A\ns,买家,2,B\ns,买家,3,B\n")
    assert outcome.conversations[0].order_id == "A"
    assert outcome.noticed == [(3, "order", "differing_value")]


def test_a_table_longer_than_can_be_held_gives_out_early_and_says_so(read: Read) -> None:
    rows = [f"c{n // 2},买家,话" for n in range(40)] + ["c0,客服,迟到"]
    outcome = read("a.csv", "会话ID,角色,内容\n" + "\n".join(rows), max_held_rows=10)
    assert outcome.tally.messages == 41
    assert [c.id for c in outcome.conversations].count("c0") == 2
    assert {code for _, _, code in outcome.noticed} == {"rows_apart", "duplicate_id"}


def test_long_threads_are_cut_at_silences(read: Read) -> None:
    outcome = read(
        "a.csv", "会话ID,角色,内容,时间\ns,买家,1,2025-09-01 10:00\ns,买家,2,2025-09-02 10:00\n", split_gap_seconds=3600
    )
    assert [c.id for c in outcome.conversations] == ["s", "s#2"]


def workbook(
    path: Path, rows: list[list[Any]], *, title: str = "明细", merge: tuple[int, int, int, int, str] | None = None
) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet(title)
    when = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(y, x, value, when)
            elif isinstance(value, str):
                sheet.write_string(y, x, value)
            else:
                sheet.write(y, x, value)
    if merge:
        sheet.merge_range(*merge)
    book.add_worksheet("说明").write(0, 0, "只是说明")
    book.close()


def test_a_workbook_keeps_order_numbers_as_text_and_reads_its_dates(
    tmp_path: Path, read_inputs: Callable[..., Any]
) -> None:
    path = tmp_path / "a.xlsx"
    workbook(path, [
        ["会话编号", "角色", "内容", "时间", "订单号"],
        [12, "买家", "你好", datetime(2025, 9, 1, 8, 3, 5), "202511011234567890"],  # noqa: DTZ001
        [12, "客服", 42, 45901.5, None],
    ])  # fmt: skip
    (outcome,) = read_inputs([str(path)])
    (conversation,) = outcome.conversations
    assert (conversation.id, conversation.order_id) == ("12", "202511011234567890")
    assert [(m.text, m.sent_at) for m in conversation.messages] == [
        ("你好", "2025-09-01T08:03:05+08:00"), ("42", "2025-09-01T12:00:00+08:00"),
    ]  # fmt: skip
    assert outcome.noticed == [(0, "", "sheet_skipped")]
    assert outcome.lines == [2]
    assert outcome.tally.raw_bytes == path.stat().st_size


def test_a_number_too_long_for_a_spreadsheet_is_noticed(tmp_path: Path, read_inputs: Callable[..., Any]) -> None:
    path = tmp_path / "a.xlsx"
    workbook(path, [["角色", "内容", "订单号"], ["买家", "你好", 202511011234567890]])
    (outcome,) = read_inputs([str(path)])
    assert outcome.noticed[-1] == (2, "order", "digits_lost")


def test_cells_merged_downwards_count_for_every_row(tmp_path: Path, read_inputs: Callable[..., Any]) -> None:
    path = tmp_path / "a.xlsx"
    workbook(path, [["会话编号", "角色", "内容"], ["k", "买家", "1"], ["", "客服", "2"]], merge=(1, 0, 2, 0, "k"))
    (outcome,) = read_inputs([str(path)])
    assert [(c.id, len(c.messages)) for c in outcome.conversations] == [("k", 2)]


def test_a_sheet_can_be_named_and_a_wrong_name_says_what_there_is(
    tmp_path: Path, read_inputs: Callable[..., Any]
) -> None:
    path = tmp_path / "a.xlsx"
    workbook(path, [["角色", "内容"], ["买家", "1"]])
    (outcome,) = read_inputs([str(path)], sheet="明细")
    assert len(outcome.messages) == 1
    (outcome,) = read_inputs([str(path)], sheet="没有")
    assert "明细" in outcome.rejections[0].reason


def test_a_damaged_workbook_is_rejected_as_a_whole(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "good.xlsx"
    workbook(path, [["角色", "内容"], ["买家", "1"]])
    outcome = read("a.xlsx", path.read_bytes()[:-300])
    assert outcome.refused == [(0, "", "not_a_workbook")]


def test_a_field_that_does_not_exist_is_an_error_at_once() -> None:
    with pytest.raises(InputError, match="no field 'txet'"):
        ReadOptions(columns={"txet": "内容"})


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters='\n",;\t'), max_size=12)


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["c1", "c2"]), st.sampled_from(["买家", "客服"]), CELLS), min_size=1, max_size=12
    ),
    delimiter=st.sampled_from(",\t;"),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)
def test_what_a_spreadsheet_program_writes_is_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], delimiter: str, codec: str
) -> None:
    content = io.StringIO(newline="")
    csv.writer(content, delimiter=delimiter).writerows([["会话ID", "角色", "内容"], *rows])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(content.getvalue().encode(codec))
    (source,) = open_sources([str(path)], ReadOptions(encoding=codec, delimiter=delimiter))
    blocks = list(source.blocks())
    read_back = {c.id: [(m.role, m.text) for m in c.messages] for block in blocks for c in block.conversations}
    roles = {"买家": "customer", "客服": "agent"}
    expected: dict[str, list[tuple[str, str]]] = {}
    for identity, role, text in rows:
        expected.setdefault(identity, []).append((roles[role], text))
    assert read_back == expected
    assert tally_of(blocks).exit_code == 0


@pytest.mark.parametrize("last", [(1_048_575, 16_383), (400_000, 5_000)])
def test_a_small_workbook_that_unfolds_to_more_than_there_is_memory_for_is_rejected(
    tmp_path: Path, read_inputs: Callable[..., Any], last: tuple[int, int]
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["会话编号", "角色", "内容"])
        sheet.write(*last, "x")
    assert path.stat().st_size < 10_000
    (outcome,) = read_inputs([str(path)])
    assert [one.code for one in outcome.rejections] == ["too_large"]
