"""Files of others are the ones that were published, with their licences; our own keep to the rules of the house."""

from __future__ import annotations

import hashlib
import re

import pytest

from qaplatform.web.assets import STATIC

ROW = re.compile(r"^\| (vendor/\S+) \| ([0-9a-f]{64}) \|$", re.MULTILINE)


def test_every_file_of_others_has_the_hash_it_was_taken_with() -> None:
    listed = dict(ROW.findall((STATIC / "VENDORED.md").read_text(encoding="utf-8")))
    there = {
        path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (STATIC / "vendor").rglob("*")
        if path.is_file()
    }
    assert listed == there


def test_every_package_brings_its_licence() -> None:
    for folder in (STATIC / "vendor").iterdir():
        assert (folder / "LICENSE").is_file(), folder.name


@pytest.mark.parametrize("path", sorted((STATIC / "js").glob("*.js")), ids=lambda path: path.name)
def test_our_scripts_hold_no_words_and_reach_nowhere(path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    code = re.sub(r"//.*", "", text)
    assert not re.search(r"[\u3400-\u9fff]", code)
    assert not re.search(r"https?:|innerHTML|\beval\b|new Function|\.style\b", code)
    if "keydown" in code or "keyup" in code:
        assert "isComposing(event)" in code, "a key of somebody who writes Chinese is no command"


@pytest.mark.parametrize("path", sorted((STATIC / "css").glob("*.css")), ids=lambda path: path.name)
def test_our_stylesheets_reach_nowhere(path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert "@import" not in text
    assert "url(" not in text
