"""The linter of pages sees what it should, and lets sound pages be."""

from __future__ import annotations

import pytest

from tests.web.linting import faults_of

PAGE = '<!doctype html><html lang="en"><head><title>Home · QA</title></head><body><h1>Home</h1>{}</body></html>'


@pytest.mark.parametrize(
    "part",
    [
        "<p>a</p><ul><li>b</li></ul>",
        '<form method="post"><input type="hidden" name="csrf_token" value="x"><button>Go</button></form>',
        '<form><label for="q">Q</label><input id="q" name="q"><label>R <input name="r"></label></form>',
        "<table><caption>c</caption><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
        '<svg viewBox="0 0 1 1"><title>t</title><rect width="1"/><path d="M0 0"></path></svg>',
        '<a href="/x">x</a><img src="/static/x.svg" alt="">',
        "<h2>a</h2><h3>b</h3><h2>c</h2>",
    ],
)
def test_a_sound_page_has_no_faults(part: str) -> None:
    assert faults_of(PAGE.format(part)) == []


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ("<p><div>a</div></p>", "inside <p>"),
        ("<div><span></div></span>", "closes <span>"),
        ("<div>", "closes <div>"),
        ("<li>a</li>", "<li> inside"),
        ("<table><tr><td>a</td></tr></table>", "<tr> inside <table>"),
        ('<input name="q">', "without a label"),
        ('<label for="a">A</label>', "not there"),
        ('<form method="post"><button>Go</button></form>', "without its token"),
        ('<p style="color:red">a</p>', "style=…"),
        ("<style>p{}</style>", "<style>"),
        ("<script>1</script>", "inline <script>"),
        ('<p onclick="x()">a</p>', "inline script"),
        ('<a href="javascript:x">a</a>', "inline script"),
        ('<script src="https://elsewhere.example/x.js"></script>', "reaches out"),
        ('<b id="a">1</b><b id="a">2</b>', "twice"),
        ("<img src='/x'>", "without alt"),
        ('<a href="/x"><svg></svg></a>', "without a word"),
        ("<h1>again</h1>", "2 h1"),
        ("<h3>deep</h3>", "h3 follows h1"),
        ('<a href="/x"><button>a</button></a>', "inside <a>"),
        ("<form><form></form></form>", "<form> inside <form>"),
        ("<progress max='1' value='0'></progress>", "without a label"),
    ],
)
def test_a_fault_is_seen(part: str, fault: str) -> None:
    assert any(fault in one for one in faults_of(PAGE.format(part)))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<!doctype html>", "", "doctype"),
        ('lang="en"', "", "lang"),
        ("Home · QA", " · QA", "title"),
        ("<h1>Home</h1>", "", "0 h1"),
    ],
)
def test_a_page_without_what_every_page_has_is_seen(old: str, new: str, fault: str) -> None:
    assert any(fault in one for one in faults_of(PAGE.format("").replace(old, new)))


def test_a_look_from_the_sheet_of_other_pages_is_a_fault() -> None:
    sheet = '<link rel="stylesheet" href="/static/css/{}.css?v=1"></head>'
    part = PAGE.format('<a class="btn side-way" href="/x">x</a>')
    tabler = part.replace("</head>", '<link rel="stylesheet" href="/static/vendor/tabler/tabler.min.css?v=1"></head>')
    [fault] = faults_of(tabler)
    assert ".side-way" in fault
    assert faults_of(tabler.replace("</head>", sheet.format("admin"))) == []
