"""Laws on files: names that say something, files one can read in one sitting, no trace of a machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

MOST_LINES = 400
EMPTY_NAMES = {
    "util", "utils", "utility", "utilities", "helper", "helpers", "manager", "managers", "common", "misc", "stuff",
}  # fmt: skip

# Put together here so that this file does not break its own law.
_SLASH = "/"
_MACHINE_PATHS = (
    re.compile(rf"{_SLASH}(?<![\w.~*<>}}\-]{_SLASH})(?:(?:work|root|home|Users|private|mnt)/[\w.]|tmp\b)"),
    re.compile(r":(?<=\b[A-Z]:)\\+(?:Users|Temp)\b"),
)
"""Each begins with a sign that is quickly found."""
_REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("npmmirror", "com"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("anaconda", "org"),
        ("rubygems", "org"),
        ("mirrors", "aliyun", "com"),
        ("tuna", "tsinghua", "edu", "cn"),
    )
]


def text_of(path: Path) -> str | None:
    """The file's text, or ``None`` for a binary one."""
    data = path.read_bytes()
    if b"\0" in data[:8192]:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def traces_in(text: str) -> list[str]:
    """Machine paths and registry hosts in a text."""
    paths = [match.group() for pattern in _MACHINE_PATHS for match in pattern.finditer(text)]
    return paths + [host for host in _REGISTRY_HOSTS if host in text]


def test_no_file_names_a_machines_folder_or_a_package_registry(project_files: list[Path], repository: Path) -> None:
    found = []
    for path in project_files:
        text = text_of(path) or ""
        for number, line in enumerate(text.splitlines() if traces_in(text) else (), start=1):
            found += [f"{path.relative_to(repository)}:{number}: {trace}" for trace in traces_in(line)]
    assert not found


@pytest.mark.parametrize(
    "text",
    [
        "open('" + _SLASH + "tmp/x')",
        "cd " + _SLASH + "home/someone/project",
        '"' + _SLASH + 'work/main"',
        "C:" + "\\Users\\someone",
        "--index-url https://" + "pypi" + ".org/simple",
    ],
)
def test_a_trace_is_seen(text: str) -> None:
    assert traces_in(text)


@pytest.mark.parametrize("text", ["../shared/work/x", "</root>", "docs/home/x", "https://example.com/home/x", "24/7"])
def test_what_only_looks_like_a_trace_is_let_be(text: str) -> None:
    assert not traces_in(text)


def test_no_module_hides_behind_an_empty_name(project_files: list[Path], repository: Path) -> None:
    code = [path.relative_to(repository) for path in project_files if path.suffix == ".py"]
    assert not [str(path) for path in code if EMPTY_NAMES & {part.removesuffix(".py") for part in path.parts}]


def test_no_file_of_the_package_is_longer_than_one_can_read(project_files: list[Path], repository: Path) -> None:
    package = [path for path in project_files if path.is_relative_to(repository / "qaplatform")]
    # Catalogs of words are written by a program, and files of others are as they are.
    package = [path for path in package if path.suffix != ".po" and "vendor" not in path.parts]
    assert package
    lengths = {str(path.relative_to(repository)): len((text_of(path) or "").splitlines()) for path in package}
    assert not {name: lines for name, lines in lengths.items() if lines > MOST_LINES}
