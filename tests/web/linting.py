"""What every page must be: well nested, named, labelled, guarded, and free of inline style and script."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.web.sheets import foreign_classes

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_SHAPES = {"path", "rect", "line", "circle", "polyline", "polygon", "ellipse"}
_LABELLED = {"input", "select", "textarea", "progress", "meter"}
_NEEDS_NO_LABEL = {"hidden", "submit", "button", "reset", "image"}
# What may not stand inside what; a browser would silently build another tree than the one that was written.
_NOT_INSIDE = {
    "form": {"form"},
    "a": {"a", "button"},
    "button": {"a", "button"},
    "label": {"label"},
    "p": {"div", "p", "ul", "ol", "dl", "table", "section", "h1", "h2", "h3", "form", "nav", "details"},
    "span": {"div", "p", "ul", "ol", "table", "section", "form"},
    "h1": {"div", "p", "section"},
    "h2": {"div", "p", "section"},
}
_PARENTS = {
    "li": {"ul", "ol", "menu"},
    "tr": {"thead", "tbody", "tfoot"},
    "td": {"tr"},
    "th": {"tr"},
    "thead": {"table"},
    "tbody": {"table"},
    "caption": {"table"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "option": {"select", "optgroup", "datalist"},
    "summary": {"details"},
    "legend": {"fieldset"},
}


@dataclass
class _Form:
    method: str
    has_token: bool = False


@dataclass
class _Reader(HTMLParser):
    faults: list[str] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    labels_for: set[str] = field(default_factory=set)
    referred: list[tuple[str, str]] = field(default_factory=list)
    inputs: list[tuple[str, dict[str, str | None], bool]] = field(default_factory=list)
    forms: list[_Form] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    title: str = ""
    lang: str = ""
    buttons: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def say(self, fault: str) -> None:
        self.faults.append(f"line {self.getpos()[0]}: {fault}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open(tag, attrs)
        if tag not in _VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID and tag not in _SHAPES:
            self.say(f"<{tag}/> is not closed by its slash")
        self._open(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            self.say(f"</{tag}> has nothing to close")
        elif not self.stack or self.stack[-1] != tag:
            self.say(f"</{tag}> closes <{self.stack[-1] if self.stack else 'nothing'}>")
            if tag in self.stack:
                while self.stack.pop() != tag:
                    pass
        else:
            self.stack.pop()
        if tag in ("a", "button") and self.buttons:
            if not "".join(self.buttons.pop()).strip():
                self.say(f"a <{tag}> without a word")
        elif tag == "form" and self.forms:
            form = self.forms.pop()
            if form.method == "post" and not form.has_token:
                self.say("a POST form without its token")

    def handle_data(self, data: str) -> None:
        if self.stack[-1:] == ["title"] and "svg" not in self.stack:
            self.title += data
        if self.stack[-1:] in (["script"], ["style"]) and data.strip():
            self.say(f"inline <{self.stack[-1]}>")
        for words in self.buttons:
            words.append(data)

    def _open(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if len(given) != len(attrs):
            self.say(f"<{tag}> says something twice: {[name for name, _ in attrs]}")
        self._attributes(tag, given)
        self._place(tag)
        self._gather(tag, given)
        if tag == "style":
            self.say("a <style> element")
        elif tag in ("a", "button"):
            self.buttons.append([given.get("aria-label") or ""])
        elif tag == "form":
            self.forms.append(_Form((given.get("method") or "get").lower()))
        elif tag == "label" and given.get("for"):
            self.labels_for.add(given["for"] or "")
        elif tag == "img" and "alt" not in given:
            self.say("an <img> without alt")
        if tag == "input" and given.get("name") == "csrf_token" and given.get("value") and self.forms:
            self.forms[-1].has_token = True
        if tag in _LABELLED and (given.get("type") or "text") not in _NEEDS_NO_LABEL:
            self.inputs.append((tag, given, "label" in self.stack))

    def _gather(self, tag: str, given: dict[str, str | None]) -> None:
        if tag == "html":
            self.lang = given.get("lang") or ""
        elif tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))

    def _attributes(self, tag: str, given: dict[str, str | None]) -> None:
        for name, value in given.items():
            if name == "style":
                self.say(f"<{tag} style=…>")
            elif name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.say(f"inline script in {name} of <{tag}>")
            elif name in ("src", "href", "action") and (value or "").startswith(("http:", "https:", "//")):
                self.say(f"<{tag}> leads or reaches out to {value}")
            elif name == "id":
                if value in self.ids:
                    self.say(f"the id {value!r} stands twice")
                self.ids.append(value or "")
            elif name in ("aria-describedby", "aria-labelledby", "aria-controls", "for"):
                self.referred += [(name, one) for one in (value or "").split()]

    def _place(self, tag: str) -> None:
        for outer in self.stack:
            if tag in _NOT_INSIDE.get(outer, ()):
                self.say(f"<{tag}> inside <{outer}>")
        wanted = _PARENTS.get(tag)
        if wanted and (not self.stack or self.stack[-1] not in wanted):
            self.say(f"<{tag}> inside <{self.stack[-1] if self.stack else 'nothing'}>")


def faults_of(page: str, *, whole: bool = True) -> list[str]:
    """What is wrong with a page, or, if it is not ``whole``, with a part of one that is put into another."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    faults = reader.faults
    faults += [f"<{tag}> is never closed" for tag in reader.stack]
    for tag, given, inside_label in reader.inputs:
        named = given.get("aria-label") or given.get("aria-labelledby") or given.get("title")
        if not (inside_label or named or given.get("id") in reader.labels_for):
            faults.append(f"<{tag} name={given.get('name')!r}> without a label")
    faults += [f"{name} points at {id!r}, which is not there" for name, id in reader.referred if id not in reader.ids]
    if whole:
        if not page.lstrip().lower().startswith("<!doctype html>"):
            faults.append("no doctype")
        if reader.lang not in ("zh-CN", "en"):
            faults.append(f"lang={reader.lang!r}")
        if " · " not in reader.title or not reader.title.split(" · ")[0].strip():
            faults.append(f"the title {reader.title!r} does not name the page")
        if reader.headings.count(1) != 1:
            faults.append(f"{reader.headings.count(1)} h1")
        faults += [f"the look of .{one} lies in a sheet that the page does not load" for one in foreign_classes(page)]
        before = 0
        for level in reader.headings:
            if level > before + 1:
                faults.append(f"h{level} follows h{before}")
            before = level
    return faults
