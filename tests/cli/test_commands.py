"""The command line with click's own runner: formats, exit codes, what is said and where, no traceback ever."""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
import sys
from pathlib import Path

import click
import msgspec
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from qaplatform.audit.finding import Scorecard
from qaplatform.cli import COMMANDS, main
from qaplatform.formats.writing import FORMATS
from tests.audit.small import RUBRIC, chat, small_rubric, write_rubric

RUDE = msgspec.json.encode(chat("r1", "customer 10:00:00 能退吗", "agent 10:00:05 没办法"))
KIND = msgspec.json.encode(chat("k1", "customer 10:00:00 有货吗", "agent 10:00:05 您好,有的", "customer 10:00:30 谢谢"))
TABLE = "会话ID,发送方,内容\n1,买家,能退吗\n1,客服,没办法\n"


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    path = tmp_path / "chats.jsonl"
    path.write_bytes(RUDE + b"\n" + KIND + b"\n")
    return path


def run(*arguments: object, given: bytes = b"") -> Result:
    """Run a command; whatever ends it must be an exit of its own, not an exception."""
    result = CliRunner().invoke(main, [str(one) for one in arguments], input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.stderr
    return result


def cards(result: Result) -> list[Scorecard]:
    return msgspec.json.Decoder(Scorecard).decode_lines(result.stdout_bytes)


def test_audit_lines_on_the_standard_output_and_a_summary_beside_them(rubric: str, chats: Path) -> None:
    result = run("audit", chats, "--rubric", rubric, "--format", "jsonl")
    assert result.exit_code == 0
    assert [(card.id, card.verdict, card.rubric) for card in cards(result)] == [
        ("r1", "fail", small_rubric().name),
        ("k1", "pass", small_rubric().name),
    ]
    assert "chats.jsonl: jsonl; UTF-8" in result.stderr
    assert "2 conversations, 5 messages audited" in result.stderr
    assert "0 rejected, 0 noticed" in result.stderr


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("x.jsonl", "jsonl"), ("x.ndjson", "jsonl"), ("x.csv", "csv"), ("x.xlsx", "xlsx"), ("x.parquet", "parquet"),
        ("x.html", "html"), ("x.HTM", "html"), ("x.txt", "table"),
    ],
)  # fmt: skip
def test_the_suffix_tells_the_format(rubric: str, chats: Path, tmp_path: Path, name: str, form: str) -> None:
    out = tmp_path / name
    assert run("audit", chats, "--rubric", rubric, "--out", out).exit_code == 0
    assert _form_of(out) == form
    assert not list(tmp_path.glob("*.part"))
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_that_is_named_wins_over_the_suffix(rubric: str, chats: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "x.dat"
    assert run("audit", chats, "--rubric", rubric, "--format", form, "--out", out).exit_code == 0
    assert _form_of(out) == form


def _form_of(path: Path) -> str:
    """The format of a file by its content, read by other programs."""
    content = path.read_bytes()
    if content.startswith(b"PAR1"):
        assert pq.read_table(io.BytesIO(content)).num_rows == 2
        return "parquet"
    if content.startswith(b"PK"):
        assert len(CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names) >= 2
        return "xlsx"
    text = content.decode("utf-8-sig")
    if text.lower().startswith("<!doctype html"):
        assert "没办法" in text
        return "html"
    if text.startswith("{"):
        assert len(msgspec.json.Decoder(Scorecard).decode_lines(content)) == 2
        return "jsonl"
    rows = list(csv.reader(io.StringIO(text)))
    return "csv" if len(rows) == 3 and len(rows[0]) > 5 and len({len(row) for row in rows}) == 1 else "table"


@pytest.mark.parametrize("workers", [1, 2])
def test_rejected_input_is_said_with_file_and_line_and_gives_code_3(rubric: str, tmp_path: Path, workers: int) -> None:
    path = tmp_path / "some.jsonl"
    path.write_bytes(RUDE + b"\nnonsense\n" + KIND + b"\n" + RUDE + b"\n" + b'{"id": "x"}\n')
    result = run("audit", path, "--rubric", rubric, "--format", "jsonl", "--workers", workers)
    assert result.exit_code == 3
    assert [card.id for card in cards(result)] == ["r1", "k1", "r1"]
    assert f"rejected: {path}:2:" in result.stderr
    assert f"rejected: {path}:5:" in result.stderr
    assert f"notice: {path}:4: id: another conversation has the same id" in result.stderr
    assert "2 rejected, 1 noticed" in result.stderr


def test_many_rejections_are_cut_short_but_counted(rubric: str, tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_bytes(b"nonsense\n" * 30 + KIND + b"\n")
    result = run("audit", path, "--rubric", rubric, "--format", "jsonl")
    assert result.exit_code == 3
    assert "… and 20 more" in result.stderr
    assert "30 rejected" in result.stderr


def test_a_file_with_nothing_usable_still_writes_an_empty_result(rubric: str, tmp_path: Path) -> None:
    path, out = tmp_path / "some.jsonl", tmp_path / "out.jsonl"
    path.write_bytes(b"nonsense\n")
    assert run("audit", path, "--rubric", rubric, "--out", out).exit_code == 3
    assert out.read_bytes() == b""


@pytest.mark.parametrize("name", ["result", "result.docx", "result.json"])
def test_a_name_that_tells_no_format_is_refused_with_the_way_out(
    rubric: str, chats: Path, tmp_path: Path, name: str
) -> None:
    result = run("audit", chats, "--rubric", rubric, "--out", tmp_path / name)
    assert result.exit_code == 2
    assert "--format" in result.stderr
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_the_columns_of_a_table_are_shown(rubric: str, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"table{suffix}"
    path.write_bytes(gzip.compress(TABLE.encode("gb18030")) if suffix.endswith("gz") else TABLE.encode("gb18030"))
    result = run("audit", path, "--rubric", rubric, "--format", "jsonl")
    assert result.exit_code == 0
    assert "GB18030" in result.stderr
    assert "text=内容" in result.stderr
    assert "sender=发送方" in result.stderr
    assert [card.verdict for card in cards(result)] == ["fail"]


def test_columns_and_roles_can_be_named(rubric: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("番号,谁,话\n1,甲方,能退吗\n1,乙方,没办法\n", encoding="utf-8")
    names = ("--column", "conversation=番号", "--column", "role=谁", "--column", "text=话")
    result = run(
        "audit",
        path,
        "--rubric",
        rubric,
        "--format",
        "jsonl",
        *names,
        "--role",
        "甲方=customer",
        "--role",
        "乙方=agent",
    )
    assert result.exit_code == 0, result.stderr
    assert [card.verdict for card in cards(result)] == ["fail"]


def test_conversations_come_from_the_standard_input(rubric: str) -> None:
    result = run("audit", "-", "--rubric", rubric, "--format", "jsonl", given=RUDE + b"\n")
    assert result.exit_code == 0
    assert [card.id for card in cards(result)] == ["r1"]


def test_the_table_speaks_the_language_asked_for(rubric: str, chats: Path) -> None:
    assert "禁语" in run("audit", chats, "--rubric", rubric).stdout
    assert "Forbidden words" in run("audit", chats, "--rubric", rubric, "--language", "en").stdout


@pytest.mark.parametrize("link", [False, True])
def test_an_output_never_overwrites_an_input(rubric: str, chats: Path, tmp_path: Path, link: bool) -> None:
    out = tmp_path / "link.jsonl" if link else chats
    if link:
        out.symlink_to(chats)
    before = chats.read_bytes()
    result = run("audit", chats, "--rubric", rubric, "--out", out)
    assert result.exit_code == 2
    assert "overwrite an input" in result.stderr
    assert chats.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["audit", "{here}/none.jsonl"], 2, "there is no such file"),
        (["audit", "{chats}", "--rubric", "none"], 1, "there is no rubric 'none'"),
        (["audit", "{chats}", "--rubric", "{here}/none.yaml"], 1, "none.yaml:1:1: error: cannot read"),
        (["audit", "{chats}", "--context", "{here}/none.yaml"], 2, "the context cannot be read"),
        (["audit", "{chats}", "--role", "x=y"], 2, "'y' is no role"),
        (["audit", "{chats}", "--column", "x"], 2, "has not the form NAME=VALUE"),
        (["audit", "{chats}", "--zone", "No/Where"], 2, "'No/Where' is no time zone"),
        (["audit", "{chats}", "--encoding", "none"], 2, "no encoding called 'none'"),
        (["audit", "{chats}", "--split-gap-seconds", "-1"], 2, "split_gap_seconds"),
        (["audit", "{chats}", "--workers", "0"], 2, "--workers"),
        (["audit", "{chats}", "--format", "xlsx"], 1, "needs a file"),
        (["audit", "{chats}", "--out", "{here}/none/x.csv"], 1, "does not exist"),
        (["audit", "{chats}", "--out", "{here}/none/x.jsonl"], 1, "does not exist"),
        (["audit", "{chats}", "--format", "csv", "--out", "{here}"], 1, "this is a folder"),
        (["audit"], 2, "Missing argument"),
        (["explain", "{chats}", "none"], 2, "there is no conversation 'none'"),
        (["rubric", "measure"], 2, "name something to measure against"),
        (["rubric", "measure", "--labels", "{chats}"], 2, "labels need the conversations"),
        (["rubric", "measure", "--cases", "{chats}"], 2, "chats.jsonl:1"),
        (["rubric", "measure", "--risk", "{here}/none.jsonl"], 2, "cannot be read"),
    ],
)
def test_a_mistake_ends_with_a_sentence_and_its_code(
    rubric: str, chats: Path, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    filled = [one.format(here=tmp_path, chats=chats) for one in arguments]
    if arguments[1:] and "--rubric" not in arguments:
        filled += ["--rubric", rubric]
    result = run(*filled)
    assert result.exit_code == code
    assert said in result.stderr
    assert result.stdout.replace(f"{small_rubric().name}\n", "") == ""


def test_explain_says_why(rubric: str, chats: Path) -> None:
    result = run("explain", chats, "r1", "--rubric", rubric, "--language", "en")
    assert result.exit_code == 0
    for words in ("r1 · small@", "没办法", "phrase groups: bad", "applies when: queue = after_sale", "6 ÷ 14 × 100"):
        assert words in result.stdout


def test_rubric_check_counts_and_warns(rubric: str) -> None:
    result = run("rubric", "check", rubric)
    assert result.exit_code == 0
    assert f"{small_rubric().name}: 4 criteria, 6 phrase groups, 0 warnings" in result.stdout


def test_rubric_check_shows_every_mistake_where_it_is(tmp_path: Path) -> None:
    path = write_rubric(
        tmp_path, small=RUBRIC.replace("groups: [bad]", "groups: [baad]").replace("weight: 4", "weihgt: 4")
    )
    result = run("rubric", "check", path)
    assert result.exit_code == 1
    assert "baad" in result.stderr
    assert "weihgt" in result.stderr
    assert result.stderr.count("small.yaml:") >= 2


def test_rubric_test_passes_or_names_what_fails(rubric: str, tmp_path: Path) -> None:
    result = run("rubric", "test", rubric)
    assert (result.exit_code, result.stdout) == (0, "18 tried, 0 failed\n")
    path = write_rubric(tmp_path, small=RUBRIC.replace("agent 有货", "agent 您好"))
    result = run("rubric", "test", path)
    assert (result.exit_code, result.stdout) == (1, "18 tried, 1 failed\n")
    assert "small.yaml:" in result.stderr
    assert "greeting: expected fail, got pass" in result.stderr


@pytest.mark.parametrize(("language", "said"), [("zh", "小标准"), ("en", "Small rubric")])
def test_rubric_show_is_for_people(rubric: str, language: str, said: str) -> None:
    result = run("rubric", "show", rubric, "--language", language)
    assert result.exit_code == 0
    assert said in result.stdout


def test_rubric_measure_prints_figures_of_labels_cases_and_risk(rubric: str, chats: Path, tmp_path: Path) -> None:
    labels, cases, risk = (tmp_path / name for name in ("labels.jsonl", "cases.jsonl", "risk.jsonl"))
    labels.write_text('{"id": "r1", "closed": "open", "topic": "order"}\n', encoding="utf-8")
    case = {"id": "1", "family": "phrases", "expect": "pass", "conversation": msgspec.json.decode(RUDE)}
    cases.write_bytes(msgspec.json.encode(case))
    rated = [{**msgspec.json.decode(one), "labels": {"overall_sat3": n}} for n, one in enumerate((RUDE, KIND))]
    risk.write_bytes(b"\n".join(msgspec.json.encode(one) for one in rated))
    options = ("--labels", labels, "--cases", cases, "--risk", risk, "--wrong")
    result = run("rubric", "measure", chats, "--rubric", rubric, *options)
    assert result.exit_code == 0
    for words in (
        "topic right",
        "phrases",
        "1: expected pass, got fail",
        "r1: topic labelled order, seen other",
        "AUC for dissatisfied",
        "1 of 2 conversations",
    ):
        assert words in result.stdout


@pytest.mark.parametrize("command", [[], ["audit"], ["explain"], ["rubric"], ["rubric", "measure"], ["demo"]])
def test_every_command_explains_itself(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_of_each_what_it_says_of_itself(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.get_short_help_str(limit=200) == COMMANDS[name][1]


def test_the_list_of_commands_is_shown_without_loading_any_of_them(repository: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, '.'); from qaplatform.cli import main; main(['--help'], standalone_mode=False);"
        " print([one for one in ('sqlalchemy', 'numpy', 'flask', 'qaplatform.cli.start') if one in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines()[-1] == "[]"
