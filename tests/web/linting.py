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
_NOWHERE_IN = {
    one: {outer for outer, inner in _NOT_INSIDE.items() if one in inner} for one in set().union(*_NOT_INSIDE.values())
}


@dataclass
class _Tag:
    """A tag with all that can be said of it wherever it stands."""

    name: str
    given: dict[str, str | None]
    said: list[str]
    is_closed: bool = False
    faults: list[str] = field(default_factory=list)
    referred: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if len(self.given) != len(self.said):
            self.faults.append(f"<{self.name}> says something twice: {self.said}")
        for name, value in self.given.items():
            if name == "style":
                self.faults.append(f"<{self.name} style=…>")
            elif name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.faults.append(f"inline script in {name} of <{self.name}>")
            elif name in ("src", "href", "action") and (value or "").startswith(("http:", "https:", "//")):
                self.faults.append(f"<{self.name}> leads or reaches out to {value}")
            elif name in ("aria-describedby", "aria-labelledby", "aria-controls", "for"):
                self.referred += [(name, one) for one in (value or "").split()]


_SEEN: dict[str, _Tag] = {}
"""By the text of it."""


@dataclass
class _Form:
    method: str
    has_token: bool = False


@dataclass
class _Reader(HTMLParser):
    page: str
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
    at: int = 0
    met: _Tag | None = None

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def say(self, fault: str) -> None:
        read = len(self.page) - len(self.rawdata) + self.at
        self.faults.append(f"line {self.page.count(chr(10), 0, read) + 1}: {fault}")

    def updatepos(self, _i: int, j: int) -> int:
        """Remember how far it is read; lines are counted where a fault is said, which is seldom."""
        self.at = j
        return j

    def parse_starttag(self, i: int) -> int:
        """Take a tag apart, or remember what stands in it: most tags stand on many pages."""
        end = self.rawdata.find(">", i) + 1
        text = self.rawdata[i:end]
        if tag := _SEEN.get(text):
            self._meet(tag)
            if tag.name in self.CDATA_CONTENT_ELEMENTS and not tag.is_closed:
                self.set_cdata_mode(tag.name)
            return end
        self.met = None
        after = super().parse_starttag(i)
        # Where quotes are open, more than this text decides what it is.
        if self.met and after == end and text.count('"') % 2 == 0 and "'" not in text:
            _SEEN[text] = self.met
        return after

    def parse_endtag(self, i: int) -> int:
        """The same, for an end tag as nearly all are written."""
        end = self.rawdata.find(">", i) + 1
        name = self.rawdata[i + 2 : end - 1]
        if self.cdata_elem or not (name.isalnum() and name.islower() and name.isascii()):
            return super().parse_endtag(i)
        self.handle_endtag(name)
        return end

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._meet(_Tag(tag, dict(attrs), [name for name, _ in attrs]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._meet(_Tag(tag, dict(attrs), [name for name, _ in attrs], is_closed=True))

    def _meet(self, tag: _Tag) -> None:
        self.met = tag
        if tag.is_closed and tag.name not in _VOID and tag.name not in _SHAPES:
            self.say(f"<{tag.name}/> is not closed by its slash")
        self._open(tag)
        if tag.name not in _VOID and not tag.is_closed:
            self.stack.append(tag.name)

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

    def _open(self, met: _Tag) -> None:
        tag, given = met.name, met.given
        for fault in met.faults:
            self.say(fault)
        self.referred += met.referred
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
        if "id" in given:
            if given["id"] in self.ids:
                self.say(f"the id {given['id']!r} stands twice")
            self.ids.append(given["id"] or "")
        if tag == "html":
            self.lang = given.get("lang") or ""
        elif tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))

    def _place(self, tag: str) -> None:
        if barred := _NOWHERE_IN.get(tag):
            for outer in self.stack:
                if outer in barred:
                    self.say(f"<{tag}> inside <{outer}>")
        wanted = _PARENTS.get(tag)
        if wanted and (not self.stack or self.stack[-1] not in wanted):
            self.say(f"<{tag}> inside <{self.stack[-1] if self.stack else 'nothing'}>")


def faults_of(page: str, *, whole: bool = True) -> list[str]:
    """What is wrong with a page, or, if it is not ``whole``, with a part of one that is put into another."""
    reader = _Reader(page)
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
