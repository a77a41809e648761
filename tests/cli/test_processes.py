"""The command line as a process of its own: pipes, Ctrl-C, workers that end with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from qaplatform.audit.finding import Scorecard
from tests.audit.small import chat
from tests.forked_commands import run_forked
from tests.workplaces import children_of, runs

COMMAND = [sys.executable, "-c", "from qaplatform.cli import main; main()"]
LINE = (
    msgspec.json.encode(chat("1", "customer 10:00:00 能退吗", "agent 10:00:05 没办法", "customer 10:00:20 谢谢"))
    + b"\n"
)


@pytest.fixture
def environment(repository: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(repository), "PYTHONUTF8": "1"}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="children are counted by the process files of Linux")
@pytest.mark.parametrize(
    ("early", "whole_group"),
    [
        pytest.param(True, False, id="while workers start, to the program"),
        pytest.param(False, True, id="while they work, to the terminal's group"),
        pytest.param(True, True, id="while workers start, to the terminal's group", marks=pytest.mark.full),
        pytest.param(False, False, id="while they work, to the program", marks=pytest.mark.full),
    ],
)
def test_ctrl_c_leaves_neither_half_a_file_nor_a_process(
    rubric: str, environment: dict[str, str], tmp_path: Path, whole_group: bool, early: bool
) -> None:
    source, folder = tmp_path / "many.jsonl", tmp_path / "out"
    with source.open("wb") as file:
        for _ in range(100):
            file.write(LINE * 4_000)
    folder.mkdir()
    out = folder / "result.jsonl"
    out.write_bytes(b"what was there before")
    command = [*COMMAND, "audit", str(source), "--rubric", rubric, "--workers", "2", "--out", str(out)]
    with subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.PIPE) as process:
        children: list[int] = []
        deadline = time.monotonic() + 60
        # The tracker of shared resources and two workers; later a part of the result as well.
        while len(children) < 3 or not (early or any(one.stat().st_size for one in folder.glob(".*.part"))):
            assert process.poll() is None, "the audit ended before it could be interrupted"
            assert time.monotonic() < deadline, "the workers never started"
            children = children_of(process.pid)
            time.sleep(0.01)
        if whole_group:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"Traceback" not in said, said.decode()
    assert b"Aborted!" in said
    assert [path.name for path in folder.iterdir()] == [out.name]
    assert out.read_bytes() == b"what was there before"
    nobody_outlives_it(children)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="children are counted by the process files of Linux")
def test_no_worker_outlives_a_program_that_is_killed(rubric: str, environment: dict[str, str], tmp_path: Path) -> None:
    source = tmp_path / "many.jsonl"
    source.write_bytes(LINE * 100_000)
    command = [*COMMAND, "audit", str(source), "--rubric", rubric, "--workers", "2", "--format", "jsonl"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline()  # They work, and soon wait for somebody to read on.
        children = children_of(process.pid)
        process.kill()
    assert len(children) >= 2
    nobody_outlives_it(children)


def nobody_outlives_it(children: list[int]) -> None:
    deadline = time.monotonic() + 20
    while any(map(runs, children)):
        assert time.monotonic() < deadline, "a child process outlived the program"
        time.sleep(0.05)


def test_a_reader_that_has_enough_ends_the_program_in_silence(
    rubric: str, environment: dict[str, str], tmp_path: Path
) -> None:
    source = tmp_path / "many.jsonl"
    source.write_bytes(LINE * 30_000)
    command = [*COMMAND, "audit", str(source), "--rubric", rubric, "--format", "jsonl"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"id":"1"')
        process.stdout.close()
        said = process.stderr.read()
        process.wait(60)
    assert b"Traceback" not in said
    assert b"Exception ignored" not in said
    assert process.returncode == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_pipe_goes_in_and_out(rubric: str, environment: dict[str, str], workers: str) -> None:
    command = [*COMMAND, "audit", "-", "--rubric", rubric, "--format", "jsonl", "--workers", workers]
    result = subprocess.run(command, input=LINE * 3, env=environment, capture_output=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr.decode()
    assert [card.id for card in msgspec.json.Decoder(Scorecard).decode_lines(result.stdout)] == ["1", "1", "1"]
    assert b"3 conversations, 9 messages" in result.stderr


@pytest.mark.parametrize(
    ("content", "code"), [(LINE, 0), (LINE + b"nonsense\n", 3), (None, 2)], ids=["all good", "some rejected", "no file"]
)
def test_the_exit_code_says_how_it_went(rubric: str, tmp_path: Path, content: bytes | None, code: int) -> None:
    source = tmp_path / "some.jsonl"
    if content is not None:
        source.write_bytes(content)
    printed = tmp_path / "printed.txt"
    command = ["audit", source, "--rubric", rubric, "--out", tmp_path / "out.jsonl"]
    ended, said = run_forked(*command, cwd=tmp_path, stdout=printed)
    assert ended == code
    assert printed.read_bytes() == b""
    assert "Traceback" not in said
