"""``/conversations``: the list and its filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import render_template, request, url_for

from qaplatform.services.browsing import Count, FilterChoices, KeptSearch, filter_choices, kept_searches, recent_of
from qaplatform.services.conversation_lines import EXPORT, MOST_EXPORTED, SEE, lines_of
from qaplatform.services.reauditing import REAUDIT
from qaplatform.web.access import permitted
from qaplatform.web.conversations import conversations
from qaplatform.web.conversations import vocabulary as words
from qaplatform.web.conversations.filters import (
    HOURS,
    LABELS,
    OPEN_WORK,
    REVIEWED,
    WEEKDAYS,
    Chip,
    Given,
    Pairs,
    Shown,
    chips_of,
    faults_of,
)
from qaplatform.web.conversations.rows import RowShown, rows_of
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.grader_asking import may_be_asked
from qaplatform.web.i18n import language
from qaplatform.web.remembering import remembered

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class ListShown:
    """What the list shows."""

    given: Given
    rows: Sequence[RowShown]
    count: Count
    previous_url: str | None
    next_url: str | None
    first_url: str
    chips: Sequence[Chip]
    faults: Sequence[str]
    kept: Sequence[KeptSearch]
    choices: FilterChoices
    vocabulary: Vocabulary
    may_export: bool
    may_reaudit: bool
    may_grade: bool
    """Whether they may have a language model asked about it, and one is set up."""

    @property
    def is_first(self) -> bool:
        """Whether this is the first page; an empty one that was come to by an old address is not."""
        return self.previous_url is None and (bool(self.rows) or self.given.after is None)

    @property
    def current_search(self) -> KeptSearch | None:
        """The kept search that has these filters, if any."""
        here = self.given.query_string
        return next((one for one in self.kept if one.query == here), None)


@conversations.get("")
@permitted(SEE)
def index() -> str:
    """The list; asked for in the background, only what is below the filters."""
    template = "conversations/_list.html" if request.headers.get("HX-Request") else "conversations/index.html"
    given = Given.read(request.query_string.decode(errors="replace"), zone())
    return render_template(template, **shown(given))


def shown(given: Given) -> dict[str, object]:
    """What templates need for a list."""
    viewer, vocabulary = current_viewer(), Vocabulary(language())
    scope = viewer.scope(SEE)
    with current_store().reading() as session:
        found = lines_of(
            session, viewer, given.wanted, order=given.order, after=given.after, before=given.before, limit=PAGE_ROWS,
            language=language(),
        )  # fmt: skip
        recent = remembered(("recent", scope), lambda: recent_of(session, scope))
        choices = filter_choices(session, scope, recent)
        kept = kept_searches(session, viewer.user_id)
        may_grade = may_be_asked(session)
    listed = ListShown(
        given=given,
        rows=list(rows_of(found.lines, vocabulary)),
        count=found.count,
        previous_url=None if found.previous is None else list_url([*given.arguments(), ("before", found.previous)]),
        next_url=None if found.next is None else list_url([*given.arguments(), ("after", found.next)]),
        first_url=list_url(given.arguments()),
        chips=list(chips_of(given, Shown(choices, vocabulary), list_url)),
        faults=faults_of(given),
        kept=kept,
        choices=choices,
        vocabulary=vocabulary,
        may_export=viewer.may(EXPORT),
        may_reaudit=viewer.may(REAUDIT),
        may_grade=may_grade,
    )
    return {
        "list": listed,
        "labels": LABELS,
        "open_work": OPEN_WORK,
        "reviewed": REVIEWED,
        "weekdays": WEEKDAYS,
        "hours": HOURS,
        "words_of": words,
        "most_exported": MOST_EXPORTED,
        "is_own": scope.is_one_agents,
    }


def list_url(arguments: Pairs) -> str:
    """The address of a list."""
    address = url_for("conversations.index")
    return f"{address}?{urlencode(arguments)}" if arguments else address
