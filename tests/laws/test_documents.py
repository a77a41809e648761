"""Laws on documents: links lead somewhere, decisions are numbered and listed, the changelog knows the version."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import qaplatform

_FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_ADR = re.compile(r"(\d{4})-[a-z0-9-]+\.md")


def slug(heading: str) -> str:
    """The anchor that a heading gets where the project is shown."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors_of(text: str) -> set[str]:
    """All anchors of a document; a heading that stands twice gets a number."""
    anchors: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        name, number = slug(heading), 0
        while (anchor := f"{name}-{number}" if number else name) in anchors:
            number += 1
        anchors.add(anchor)
    return anchors


def broken_links(path: Path, text: str) -> list[str]:
    """Links of a document to files or headings that are not there."""
    broken = []
    for target in _LINK.findall(_CODE.sub("", _FENCE.sub("", text))):
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name) if name else path
        if not file.exists():
            broken.append(target)
        elif anchor and file.suffix == ".md":
            there = text if file == path else file.read_text(encoding="utf-8")
            if anchor not in anchors_of(there):
                broken.append(target)
    return broken


def test_every_link_inside_the_project_leads_somewhere(documents: list[Path]) -> None:
    assert documents
    found = {str(path): broken_links(path, path.read_text(encoding="utf-8")) for path in documents}
    assert not {path: links for path, links in found.items() if links}


@pytest.mark.parametrize("link", ["[a](nowhere.md)", "[a](#nothing)", "![a](x.png)", "[a](doc.md#nothing)"])
def test_a_broken_link_is_seen(link: str, tmp_path: Path) -> None:
    (tmp_path / "doc.md").write_text(f"# Title\n\n{link}\n", encoding="utf-8")
    assert broken_links(tmp_path / "doc.md", (tmp_path / "doc.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("link", ["[a](doc.md)", "[a](#抽检-与-title)", "`[a](no.md)`", "[a](https://example.com/x)"])
def test_a_sound_link_is_let_be(link: str, tmp_path: Path) -> None:
    (tmp_path / "doc.md").write_text(f"# 抽检 与 `Title`\n\n{link}\n", encoding="utf-8")
    assert not broken_links(tmp_path / "doc.md", (tmp_path / "doc.md").read_text(encoding="utf-8"))


def test_decisions_are_numbered_without_gaps_titled_dated_and_listed(repository: Path) -> None:
    folder = repository / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    decisions = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    assert decisions
    for number, path in enumerate(decisions, start=1):
        match = _ADR.fullmatch(path.name)
        assert match, path.name
        assert int(match[1]) == number, path.name
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {match[1]}. "), path.name
        assert re.search(r"^Status: (proposed|accepted|superseded by \d{4})$", text, re.MULTILINE), path.name
        assert re.search(r"^Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE), path.name
        assert f"]({path.name})" in listed, path.name


def test_the_changelog_knows_the_current_version(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(project['version'])}\]", changelog, re.MULTILINE)
    assert getattr(qaplatform, "__version__", project["version"]) == project["version"]


def test_the_two_readmes_lead_to_each_other_and_know_the_same_words(repository: Path) -> None:
    english = (repository / "README.md").read_text(encoding="utf-8")
    chinese = (repository / "README.zh-CN.md").read_text(encoding="utf-8")
    assert "](README.zh-CN.md)" in english
    assert "](README.md)" in chinese
    assert glossary(english) == glossary(chinese)
    assert len(glossary(english)) > 20


def glossary(text: str) -> set[tuple[str, str]]:
    """(English, Chinese) of every row of the table under the heading Glossary or 术语."""
    section = re.split(r"^## (?:Glossary|术语).*$", text, maxsplit=1, flags=re.MULTILINE)[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in section.splitlines() if line[:1] == "|"]
    pairs = {(row[0], row[1]) for row in rows[2:]}
    return {tuple(sorted(pair)) for pair in pairs}  # type: ignore[misc]
