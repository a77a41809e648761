"""Words for people: all go through gettext, all have English, and the catalog is that of the code."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import jinja2
import pytest
from jinja2 import nodes

from qaplatform.errors import QAPlatformError
from qaplatform.web.sentences import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "qaplatform" / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
MODULES = sorted(WEB.rglob("*.py"))
CHINESE = re.compile(r"[\u3400-\u9fff]")
WORD = re.compile(r"[A-Za-z]{2,}|[\u3400-\u9fff]")
CALLS = {"_", "lazy", "plural", "gettext", "ngettext"}
SHOWN_ATTRIBUTES = {"title", "alt", "placeholder", "aria-label", "aria-description", "data-label", "label", "content"}
IN_CODE = {"i18n.py": {"中文"}, "styleguide.py": {"晴空家居旗舰店", "退款"}}
"""Chinese that is not translated: the language's own name for itself, and what people would have typed in."""
ENV = jinja2.Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("translations", ROOT / "scripts" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["translations"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Words(HTMLParser):
    """Words that stand in the HTML of a template itself. Expressions were replaced by a mark beforehand."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        if WORD.search(data):
            self.found.append(data.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            shown = name in SHOWN_ATTRIBUTES and not (tag == "meta" and name == "content")
            if (shown or (tag == "input" and name == "value")) and WORD.search(value or ""):
                self.found.append(f"{name}={value}")


def written_in(template: str) -> list[str]:
    """Words of a template that no reader of another language could read."""
    text = "".join(
        value if kind == "data" else "\u0000" if kind in ("variable_begin", "block_begin") else ""
        for _line, kind, value in ENV.lex(template)
    )
    reader = _Words()
    reader.feed(text)
    reader.close()
    return reader.found + [text for text in _loose(ENV.parse(template)) if CHINESE.search(text)]


def _loose(node: nodes.Node) -> Iterator[str]:
    """Text constants outside of calls of gettext."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name) and child.node.name in CALLS:
            for inner in (*child.args[1:], *child.kwargs):
                yield from _loose(inner)
        else:
            yield from _loose(child)


def loose_chinese(source: str) -> list[str]:
    """Chinese constants of a module outside of calls of gettext; docstrings are for developers."""
    tree = ast.parse(source)
    let_be = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            let_be |= {id(one) for one in node.args}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            let_be.add(id(node.value))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value)
        if id(node) not in let_be
    ]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_no_template_holds_a_word_of_its_own(path: Path) -> None:
    assert written_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(WEB).as_posix())
def test_no_module_holds_a_word_of_its_own(path: Path) -> None:
    found = set(loose_chinese(path.read_text(encoding="utf-8")))
    assert found <= IN_CODE.get(path.name, set())


@pytest.mark.parametrize("name", ["PAGES", "MISTAKES"])
def test_every_message_is_translated_and_the_catalog_is_that_of_the_code(name: str) -> None:
    script = _script()
    assert script.faults(getattr(script, name)) == [], "scripts/translations brings it up to date"


def test_every_error_that_a_service_raises_for_people_has_a_sentence() -> None:
    codes = {}
    for package in ("services", "store"):
        for path in sorted((ROOT / "qaplatform" / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            for one in vars(importlib.import_module(name)).values():
                if isinstance(one, type) and issubclass(one, QAPlatformError) and "code" in vars(one):
                    codes[one.__name__] = vars(one)["code"]
    assert codes
    assert {name: code for name, code in codes.items() if code not in SENTENCES} == {}


def test_chinese_messages_have_chinese_marks() -> None:
    script = _script()
    half = re.compile(r"[\u3400-\u9fff][,:;?!]|[,:;?!][\u3400-\u9fff]|\([^)]*[\u3400-\u9fff]")
    texts = [script.text_of(message) for message in script.messages_of(script.translated())]
    # What stands in quotation marks is to be typed so.
    of_mistakes = [
        re.sub("“[^”]*”", "", message.string) for message in script.messages_of(script.translated(script.MISTAKES))
    ]
    assert texts
    assert of_mistakes
    assert [text for text in (*texts, *of_mistakes) if half.search(text)] == []
    assert [text for text in texts if not re.search(r"[\u3400-\u9fff\u3001\u201c]", text)] == []


def test_english_messages_have_no_chinese() -> None:
    script = _script()
    strings = [
        one
        for message in script.messages_of(script.translated())
        for one in (message.string if isinstance(message.string, (tuple, list)) else (message.string,))
    ]
    assert [one for one in strings if re.search(r"[\u3000-\u9fff\uff00-\uffef]", one)] == []


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ('<p>{{ _("会话") }}</p>', []),
        ("<p>{{ plural('%(num)s 通', count) }} · {{ name }}: {{ x or '—' }}</p>", []),
        ('<img alt=""><a href="/import" class="btn main">{{ icon("x") }}</a>', []),
        ("<img alt=\"{{ _('会话') }}\">", []),
        ("<p>{% trans %}会话{% endtrans %}</p>", ["\u0000会话\u0000"]),  # one way is enough: _()
        ("<p>会话</p>", ["会话"]),
        ("<p>Hello {{ name }}</p>", ["Hello \u0000"]),
        ('<img alt="会话">', ["alt=会话"]),
        ('<input value="Go" title="{{ x }}">', ["value=Go"]),
        ('<p>{{ x or "会话" }}</p>', ["会话"]),
        ('{% set x = "会话" %}', ["会话"]),
        ('{{ field(form.x, hint="会话") }}', ["会话"]),
        ('{{ _("会话 %(x)s", x="消息") }}', ["消息"]),
        ("{# 会话 #}<!-- 会话 -->", []),
    ],
)
def test_a_word_in_a_template_is_seen(template: str, words: list[str]) -> None:
    assert written_in(template) == words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('"""会话"""\nx = _("会话")\ny = lazy("会话", n=1)', []),
        ('x = "会话"', ["会话"]),
        ('x = f"会话{y}"', ["会话"]),
        ('x = _("会话", name="消息")', ["消息"]),
        ('raise ValueError("会话")', ["会话"]),
    ],
)
def test_a_word_in_a_module_is_seen(source: str, words: list[str]) -> None:
    assert loose_chinese(source) == words
