"""The commands that documents show exist, with the options they show; the scripts do what they are said to."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from qaplatform import cli

_BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def shown_commands(text: str) -> list[list[str]]:
    """The words of every command line in a document's shell blocks."""
    commands = []
    for block in _BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words:
                commands.append(words)
    return commands


def fault_of(words: list[str], main: click.Command, scripts: dict[str, str]) -> str | None:
    """Why a shown command would not work, or ``None``; commands of others (git, cd …) are not ours to judge."""
    program, *arguments = words
    if "|" in arguments or ">" in arguments:
        arguments = arguments[: min(arguments.index(mark) for mark in ("|", ">") if mark in arguments)]
    if program == "./test":
        unknown = [a for a in arguments if a.startswith("--") and a not in scripts["test"]]
        return f"./test has no {unknown}" if unknown else None
    if program.startswith(("./", "scripts/")) and program != "./run":
        return None if program.removeprefix("./") in scripts else f"there is no {program}"
    if program == "./run":
        return fault_of_arguments(arguments or ["start"], main)
    return fault_of_arguments(arguments, main) if program == "qaplatform" else None


def fault_of_arguments(arguments: list[str], command: click.Command) -> str | None:
    """Why click would refuse these arguments; the files they name need not exist."""
    context = click.Context(command, info_name="qaplatform")
    left = list(arguments)
    while isinstance(command, click.Group) and "--help" not in left[:1]:
        if not left:
            return None if command.invoke_without_command else "a subcommand is missing"
        found = command.get_command(context, left[0])
        if found is None:
            return f"there is no {left[0]!r}"
        context, command, left = click.Context(found, info_name=left[0], parent=context), found, left[1:]
    return None if "--help" in left else fault_of_parameters(left, command, context)


def fault_of_parameters(arguments: list[str], command: click.Command, context: click.Context) -> str | None:
    """Why one command would refuse its options and arguments."""
    try:
        values, rest, _ = command.make_parser(context).parse_args(arguments)
    except click.UsageError as error:
        return error.format_message()
    for parameter in command.params:
        value = values.get(parameter.name or "")
        given = isinstance(value, (str, bool)) or (isinstance(value, (tuple, list)) and len(value) > 0)
        if parameter.required and not given:
            return f"{parameter.name} is missing"
        if isinstance(parameter.type, click.Choice) and isinstance(value, str) and value not in parameter.type.choices:
            return f"{parameter.name} cannot be {value!r}"
    return f"unexpected {rest}" if rest else None


@pytest.fixture(scope="module")
def main() -> click.Command:
    """The command tree."""
    return cli.main


@pytest.fixture(scope="module")
def scripts(repository: Path) -> dict[str, str]:
    """Texts of the scripts of the top folder and scripts/ by the name they are called by."""
    paths = [repository / "run", repository / "test", *(p for p in (repository / "scripts").iterdir() if p.is_file())]
    return {str(path.relative_to(repository)): path.read_text(encoding="utf-8") for path in paths}


def test_the_commands_that_documents_show_exist(
    documents: list[Path], main: click.Command, scripts: dict[str, str]
) -> None:
    faults = {}
    shown = 0
    for path in documents:
        for words in shown_commands(path.read_text(encoding="utf-8")):
            shown += words[0] in ("./run", "./test", "qaplatform")
            fault = fault_of(words, main, scripts)
            if fault:
                faults[f"{path.name}: {shlex.join(words)}"] = fault
    assert shown > 10
    assert not faults


def test_both_readmes_begin_with_the_two_commands(repository: Path) -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (repository / name).read_text(encoding="utf-8")
        first = _BLOCK.search(text)
        assert first
        assert text[: first.start()].count("\n") < 10
        assert [words[0] for words in shown_commands(first[0])] == ["./run", "./test"]


def test_both_readmes_name_every_subcommand(repository: Path, main: click.Command) -> None:
    assert isinstance(main, click.Group)
    for name in ("README.md", "README.zh-CN.md"):
        text = (repository / name).read_text(encoding="utf-8")
        missing = [command for command in main.commands if not re.search(rf"(?:qaplatform|\./run) {command}\b", text)]
        assert not missing, name


@click.group()
def _toy() -> None:
    """A command tree to try the law on."""


@_toy.command("audit")
@click.argument("inputs", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["table", "html"]))
@click.option("--workers", type=int)
def _toy_audit(inputs: tuple[str, ...], form: str, workers: int) -> None:
    """Nothing."""


@pytest.mark.parametrize(
    ("line", "works"),
    [
        ("./run audit chats.jsonl --format html", True),
        ("qaplatform audit chats.jsonl 'two words.csv' --workers 2 > out", True),
        ("qaplatform audit --help", True),
        ("git clone somewhere", True),
        ("./test --full", True),
        ("./test --only types", True),
        ("./run", False),  # the toy has no demo
        ("qaplatform", False),
        ("qaplatform audit", False),
        ("qaplatform audit chats.jsonl --loud", False),
        ("qaplatform audit chats.jsonl --format pdf", False),
        ("qaplatform explian chats.jsonl", False),
        ("./test --everything", False),
        ("./start", False),
        ("scripts/lock --upgrade", True),
        ("scripts/unlock", False),
    ],
)
def test_a_command_that_would_not_work_is_seen(line: str, works: bool, scripts: dict[str, str]) -> None:
    [words] = shown_commands(f"```sh\n{line}\n```\n")
    assert (fault_of(words, _toy, scripts) is None) == works


def test_the_build_server_calls_exactly_the_test_command(repository: Path) -> None:
    lines = (repository / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    code = [line for line in lines if line and not line.startswith(("#", "set "))]
    assert code == ['exec "$(dirname "${BASH_SOURCE[0]}")/../test"']


def test_the_scripts_can_be_executed(repository: Path) -> None:
    for name in ("run", "test", ".ci/run", "scripts/find-or-install", "scripts/lock", "scripts/translations"):
        assert (repository / name).stat().st_mode & 0o111, name
