"""Which words move the customer off the platform: to WeChat, QQ, a private number, or money past the order?

Why: off the platform neither the customer's money nor the shop's conduct is protected, and platforms close shops for
it. Source: D2 [o]; definitions of the labelling guideline.

Four things are lures: a phrase that is one by itself (不走平台); the name or nickname of an app beside a word that leads
there (去绿泡泡上聊); going along with a customer who asks for another channel; and an account or number in the same turn
as the bare name of an app. The platform's hotline, an official account, paying with WeChat at the checkout, a warning of
fraud and a refusal to go there are none. A message counts once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.matching import Hit
from qaplatform.audit.nearness import beside, clause_has, denied
from qaplatform.audit.observing import ObserverParams, SeenSpan


class Params(ObserverParams, frozen=True):
    """The groups of cues, the groups searched where one stands, and how near two words must be."""

    cue: str = "cue/off_platform"
    wish_cue: str = "cue/off_platform_wish"
    lures: tuple[str, ...] = ("off_platform/lure", "off_platform/by_sound")
    app: str = "off_platform/app"
    reach: str = "off_platform/reach"
    toward: str = "off_platform/toward"
    onward: str = "off_platform/onward"
    handover: str = "off_platform/handover"
    refuse: str = "off_platform/refuse"
    warning: str = "off_platform/warning"
    innocent: str = "off_platform/innocent"
    wished: str = "off_platform/wished"
    agrees: str = "off_platform/agrees"
    declines: str = "off_platform/declines"
    number: str = "off_platform/number"
    wish_cue_en: str = "cue/off_platform_wish_en"
    wished_en: str = "off_platform/wished_en"
    agrees_en: str = "off_platform/agrees_en"
    declines_en: str = "off_platform/declines_en"
    """The same of English words: there a name or a number alone says nothing, and a yes is known by what follows."""
    before_chars: int = 4
    """So far may the word that leads there stand before the app's name."""
    after_chars: int = 5
    """So far may what one does there stand after it."""
    handover_chars: int = 2
    """So far may the number, or the wish for it, stand after it."""
    refused_before_chars: int = 7
    """A refusal that ends so shortly before takes the words back."""
    refused_after_chars: int = 3
    """And one that begins so shortly after: 线下交易是不允许的."""


def observe(batch: Batch, params: Params) -> list[SeenSpan]:
    """The first lure of each human message that has one."""
    within = batch.has(params.cue) & batch.is_human
    seen: dict[int, SeenSpan] = {}
    if within.any():
        _ask(batch, within, params)
        for row in np.flatnonzero(batch.has(*params.lures, params.app, within=within)).tolist():
            if batch.spans(row, params.warning):
                continue
            hit = next(_lures(batch, row, params), None)
            if hit is not None:
                seen[row] = SeenSpan(row, hit.start, hit.end)
    chinese = _Talk(params.wish_cue, params.wished, (params.agrees, params.app, params.number), params.declines)
    english = _Talk(params.wish_cue_en, params.wished_en, (params.agrees_en,), params.declines_en)
    for talk in (chinese, english):
        for one in _agreements(batch, talk, params.warning):
            seen.setdefault(one.row, one)
    return [seen[row] for row in sorted(seen)]


def _ask(batch: Batch, within: Bools, params: Params) -> None:
    """Search everything one look at a message needs at once."""
    words = (params.reach, params.toward, params.onward, params.handover)
    batch.has(*words, params.refuse, params.warning, params.innocent, within=within)


def _lures(batch: Batch, row: int, params: Params) -> Iterator[Hit]:
    text = batch.texts[row]
    refusals = batch.spans(row, params.refuse)
    innocent = batch.spans(row, params.innocent)
    for hit in batch.spans(row, *params.lures):
        if not _refused(text, hit, refusals, params):
            yield hit
    for hit in batch.spans(row, params.app):
        if _refused(text, hit, refusals, params) or clause_has(text, hit, innocent):
            continue
        if _leads_to(batch, row, hit, params):
            yield hit


def _leads_to(batch: Batch, row: int, app: Hit, params: Params) -> bool:
    """Whether the words about an app's name lead there: 加…, 去…聊, …号给我."""
    text = batch.texts[row]
    if beside(text, batch.spans(row, params.reach), app, params.before_chars):
        return True
    if any(
        one.start - app.start >= 0 and one.start - app.end <= params.handover_chars and one.end > app.end
        for one in batch.spans(row, params.handover)
    ):
        return True
    return beside(text, batch.spans(row, params.toward), app, params.before_chars) and any(
        app.end <= one.start <= app.end + params.after_chars for one in batch.spans(row, params.onward)
    )


def _refused(text: str, hit: Hit, refusals: tuple[Hit, ...], params: Params) -> bool:
    return denied(text, hit, refusals, params.refused_before_chars, params.refused_after_chars)


@dataclass(frozen=True)
class _Talk:
    """Groups of a wish for another channel and of the answers to it, in one language."""

    cue: str
    wished: str
    agrees: tuple[str, ...]
    declines: str


def _agreements(batch: Batch, talk: _Talk, warning: str) -> Iterator[SeenSpan]:
    """Turns that go along with a customer's wish for another channel, and names followed by a number."""
    wished = batch.has(talk.cue) & batch.is_customer
    if not wished.any():
        return
    turns = [
        turn
        for row in np.flatnonzero(batch.has(talk.wished, within=wished)).tolist()
        if (turn := batch.reply_rows(row))
    ]
    if not turns:
        return
    answers = np.zeros(len(batch.messages), np.bool_)
    answers[[row for turn in turns for row in turn]] = True
    keeps, agrees = (talk.declines, warning), talk.agrees
    batch.has(*keeps, *agrees, within=answers)
    stays, goes = batch.has(*keeps, within=answers), batch.has(*agrees, within=answers)
    for turn in turns:
        said = next((row for row in turn if goes[row]), None)
        if said is not None and not stays[turn].any():
            hit = batch.spans(said, *agrees)[0]
            yield SeenSpan(said, hit.start, hit.end)
