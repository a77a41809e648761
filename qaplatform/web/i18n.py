"""Words for people in their language. Chinese is the default: it stands in code and templates and is the message id.

``_("会话")`` translates now, ``lazy("会话")`` when it is shown (labels of forms, tables of words). Values go in by name,
``_("共 %(count)s 条", count=3)``, and a percent sign is written twice. Where English has a plural,
``plural("%(num)s 通会话", count)`` looks up both forms.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any, Literal

import jinja2
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request
from markupsafe import Markup

from qaplatform.web.current import signed_in

Language = Literal["zh", "en"]
LANGUAGES: Mapping[Language, str] = {"zh": "中文", "en": "English"}
"""Each under its own name."""
DEFAULT: Language = "zh"
COOKIE = "qaplatform_language"
CATALOGS = Path(__file__).resolve().parent.parent / "locale"


def set_up(app: Flask) -> None:
    """Give templates ``_``, ``plural`` and the language."""
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.add_extension("jinja2.ext.do")
    env.undefined = jinja2.StrictUndefined
    env.trim_blocks = env.lstrip_blocks = True
    # newstyle: values are put in, and escaped, after the sentence was looked up.
    env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(plural=_plural_markup, languages=LANGUAGES, language=language)


def language() -> Language:
    """The language of this answer: the person's own, else the browser's choice, else what the browser asks for."""
    if not has_request_context():
        return DEFAULT
    chosen: Language | None = g.get("language")
    if chosen is None:
        chosen = g.language = _language_of_request()
    return chosen


def known(name: str | None) -> Language | None:
    """A language by its code, if there is such a one."""
    return next((one for one in LANGUAGES if one == name), None)


def _language_of_request() -> Language:
    viewer = signed_in()
    own = known(viewer.language if viewer else None) or known(request.cookies.get(COOKIE))
    return own or known(request.accept_languages.best_match(list(LANGUAGES), DEFAULT)) or DEFAULT


def translations(name: Language) -> NullTranslations:
    """What pages say, which is Chinese as it is written."""
    return NullTranslations() if name == DEFAULT else catalog(name, "messages")


@lru_cache
def catalog(name: Language, domain: str) -> NullTranslations:
    """A catalog of a language, compiled when it is first needed, so that it cannot be older than its source."""
    with (CATALOGS / name / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        read = read_po(file, locale=name)
    compiled = io.BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _gettext(message: str) -> str:
    return translations(language()).gettext(message)


def _ngettext(one: str, many: str, count: int) -> str:
    return translations(language()).ngettext(one, many, count)


def _(message: str, **values: Any) -> str:
    """The message in the language of this answer, with values put in."""
    return _gettext(message) % values


def plural(message: str, count: int, **values: Any) -> str:
    """The message for so many things; ``%(num)s`` stands for the number as people write it."""
    return _ngettext(message, message, count) % {"num": f"{count:,}", **values}


def _plural_markup(message: str, count: int, **values: Any) -> Markup:
    return Markup(_ngettext(message, message, count)) % {"num": f"{count:,}", **values}  # noqa: S704 - from our catalog


class LazyText:
    """A message that is looked up whenever it is shown."""

    def __init__(self, message: str, values: Mapping[str, Any]) -> None:
        self._message = message
        self._values = values

    def __str__(self) -> str:
        return _gettext(self._message) % self._values

    def __html__(self) -> str:
        return str(Markup.escape(str(self)))

    def __mod__(self, values: object) -> str:
        return str(self) % values

    def __repr__(self) -> str:
        return f"lazy({self._message!r})"


class LazyWord(LazyText):
    """A word that is kept by its code, in both languages, outside the catalogs."""

    def __init__(self, word_of: Callable[[str, str], str], code: str) -> None:
        super().__init__(code, {})
        self._word_of = word_of

    def __str__(self) -> str:
        return self._word_of(self._message, language())


def lazy(message: str, **values: Any) -> LazyText:
    """A message that is looked up when it is shown: for whatever is made before the language is known."""
    return LazyText(message, values)
