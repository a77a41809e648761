"""The list of drills with its filters, and one as whoever teaches reads it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from qaplatform import clock
from qaplatform.services.training import drill_library as service
from qaplatform.services.training.drill_library import EDIT, PUBLISH, DrillFilter, DrillSeen
from qaplatform.web.access import permitted
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import language
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.sentences import QUEUES
from qaplatform.web.training.drill_library import drill_library, words
from qaplatform.web.training.drill_words import SIGNS, must_words, result_of_example

PAGE_SIZE = 50
_MOST_CHARS = 200


@drill_library.get("")
@permitted(EDIT)
def index() -> str:
    """The list."""
    asked = request.args
    wanted = DrillFilter(
        text=asked.get("q", "").strip()[:_MOST_CHARS],
        **{name: asked.get(name, "") for name in ("criterion", "language", "origin", "state")},
    )
    with current_store().reading() as session:
        found = service.drill_page(session, current_viewer(), wanted, page=page_number(), page_size=PAGE_SIZE)
    vocabulary = Vocabulary(language())
    return render_template(
        "training/drill_library/index.html",
        page=page_of(found.lines, PAGE_SIZE, found.total),
        criteria=vocabulary.in_order(found.criteria),
        wanted=wanted,
        vocabulary=vocabulary,
        words_of=words,
    )


@drill_library.get("/<code>")
@permitted(EDIT)
def show(code: str) -> str:
    """A drill: what a new hire sees, what is judged, its examples, its versions."""
    return drill_page("show", seen_now(code))


def seen_now(code: str) -> DrillSeen:
    """A drill; ``version`` in the address is an older one."""
    version = request.args.get("version", type=int)
    with current_store().reading() as session:
        return service.drill_seen(session, current_viewer(), code, version_id=version, now=clock.now())


def title_of(seen: DrillSeen) -> str:
    """What it is called; its code as long as it has no title that can be read."""
    title = seen.drill.title if seen.drill else seen.fields.title if seen.fields else None
    return (title.in_language(language()) if title else "") or seen.code


def drill_page(template: str, seen: DrillSeen, **values: Any) -> str:
    """A page of a drill, under the head that all of them share."""
    vocabulary = Vocabulary(language())
    return render_template(
        f"training/drill_library/{template}.html",
        seen=seen,
        title=title_of(seen),
        examples=[(one, result_of_example(one)) for one in seen.examples],
        faulty={one.line for one in seen.problems if one.severity == "error"},
        may_publish=current_viewer().may(PUBLISH),
        vocabulary=vocabulary,
        must_words=must_words,
        signs=SIGNS,
        queues=QUEUES,
        words_of=words,
        **values,
    )
