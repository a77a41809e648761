"""The word lists that tell what a candidate's reply does: ``packs/acts.yaml`` beside those of the shipped rubric.

What the audit core already looks for (soothing, apologies, questions for data, closing, transfers, blunt words …) is
taken from the rubric's lists and observers; :data:`FROM_RUBRIC` says which of its groups stand for which act.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, get_args

from msgspec import structs

from qaplatform.audit.checking import checks
from qaplatform.audit.matching import Matcher
from qaplatform.audit.observing import ObserverSet, observers
from qaplatform.audit.phrase_loading import PhraseError, check_phrases
from qaplatform.audit.phrases import PhraseBook
from qaplatform.audit.problem import Problem, Report
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.rubric_loading import load_rubric
from qaplatform.audit.saying import say
from qaplatform.resources import rubric_source, shipped_file, shipped_prompts

Act = Literal[
    "greets", "soothes", "apologises", "explains", "asks", "offers", "refuses", "promises", "escalates", "transfers",
    "closes", "thanks", "confirms", "stalls", "rebuffs", "asks_off_platform", "asks_for_review", "unread",
]  # fmt: skip
ACTS: tuple[Act, ...] = get_args(Act)

REMEDIES = (
    "refund", "return", "exchange", "resend", "repair", "coupon", "compensation", "price", "postage", "gift", "cancel",
    "change", "invoice", "product", "privacy",
)  # fmt: skip
"""What is offered or refused; ``product`` is a recommendation, ``privacy`` (other people's data) is only refused."""
ASKED = (
    "order_id", "photo", "phone", "address", "reason", "problem", "time", "size", "need", "choice", "name", "tracking_no",
    "invoice",
)  # fmt: skip
"""What is asked for."""
PROMISED = ("check", "urge", "callback", "delivery")
"""What is promised and is no remedy; a promise of handling alone has no about."""
ABOUTS: frozenset[str] = frozenset((*REMEDIES, *ASKED, *PROMISED))

FROM_RUBRIC: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "greets": ("greeting",),
        "soothes": ("soothe/heard", "soothe/answers_worry"),
        "apologises": ("soothe/apology", "soothe/inconvenience"),
        "closes": ("close/check", "close/result", "close/farewell"),
        "asks/order_id": ("asks_order_number",),
        "asks/tracking_no": ("asks_tracking",),
        "asks/phone": ("asks_phone",),
        "asks/address": ("asks_address",),
        "asks/photo": ("asks_picture", "asks_video"),
        "asks/size": ("asks_body", "asks_measure", "asks_size"),
        "asks/need": ("asks_budget", "asks_use"),
        "asks/choice": ("asks_wish",),
        "asks/name": ("asks_name",),
        "asks/invoice": ("asks_invoice_title", "asks_tax_number"),
        "asks/time": ("asks_bought_when", "asks_started"),
        "asks/reason": ("asks_reason",),
        "asks/problem": ("asks_problem",),
    }
)
"""Act (or act/about) → groups of the shipped rubric's lists that show it."""
FALLBACKS: tuple[tuple[Act, str], ...] = (("soothes", "soothe/feeling"), ("apologises", "soothe/own_fault"))
"""Broad groups of the rubric, believed where a clause does nothing else."""
FILES = ("acts.yaml", "acts_asked.yaml", "acts_frames.yaml")
"""Of ``packs/``."""
RUBRIC = "ecommerce-service"


class ActListError(PhraseError):
    """``packs/acts.yaml`` cannot be used: mend what is named, line by line."""


@dataclass(frozen=True)
class ActLists:
    """All lists, compiled: make them once and keep them."""

    own: Matcher
    """``packs/acts.yaml``."""
    rubric: Rubric
    core: Matcher
    """The shipped rubric's lists."""
    observers: ObserverSet


def check_act_lists(texts: Mapping[str, str]) -> tuple[PhraseBook | None, tuple[Problem, ...]]:
    """The groups of some files (path → text; ``None`` with any error) and their mistakes, examples that fail among them."""
    book, problems = check_phrases(list(texts), texts.__getitem__, thorough=False)
    if book is None:
        return None, problems
    report = Report()
    for path in texts:
        report.opened(path)
    _try_examples(book, report)
    return (None if report.failed else book), (*problems, *report.problems)


def _try_examples(book: PhraseBook, report: Report) -> None:
    """Report unknown ids and the examples that do not do what they stand for."""
    matcher = Matcher(book, compiles=False)
    for group in book.values():
        if not _is_known(group.id):
            report.error(group.mark, say("group {id!r} names no act, about, frame or fact", id=group.id))
        if not group.hits or not group.misses:
            report.error(group.mark, say("group {id!r} needs both hits and misses", id=group.id))
        samples = (*group.hits, *group.misses)
        found = matcher.look("shop", [sample.text for sample in samples], (group.id,))
        for number, sample in enumerate(samples):
            wanted, spans = number < len(group.hits), found.spans(group.id, number)
            if wanted != bool(spans):
                missed = say("group {id!r} does not stand in {text!r}", id=group.id, text=sample.text)
                strange = say("group {id!r} should not stand in {text!r}", id=group.id, text=sample.text)
                report.error(sample.mark, missed if wanted else strange)


def _is_known(id_: str) -> bool:
    head, _, tail = id_.partition("/")
    if head in ACTS:
        return not tail or tail in ABOUTS
    known = {"about": REMEDIES, "asked": ASKED, "result": (*PROMISED, *REMEDIES), "frame": FRAMES, "fact": FACTS}
    return tail in known.get(head, ()) if tail else head == "domain"


FRAMES = ("refusal", "giving", "handing", "told", "request")
FACTS = ("reason", "state", "rule", "product")


@lru_cache(maxsize=1)
def shipped_act_lists() -> ActLists:
    """The lists that ship with the program.

    Raises:
        ActListError: with every mistake of ``packs/acts.yaml``.
    """
    texts = {f"packs/{name}": shipped_file("packs", name).read_text(encoding="utf-8") for name in FILES}
    book, problems = check_act_lists(texts)
    if book is None:
        raise ActListError(problems)
    path, read = rubric_source(RUBRIC)
    params = {name: one.params for name, one in observers().items()}
    rubric = load_rubric(path, read, checks(), params, prompts=shipped_prompts())
    wanted = {name for names in FROM_RUBRIC.values() for name in names} | {name for _, name in FALLBACKS}
    taken = [structs.replace(group, asked=False) for name, group in rubric.phrases.items() if name in wanted]
    both = PhraseBook((*book.values(), *taken))
    # A reply is one message, and its candidate waits: nothing may take seconds to be made in between.
    core = Matcher(rubric.phrases, compiles=False)
    return ActLists(Matcher(both, compiles=False), rubric, core, ObserverSet(rubric.observe))
