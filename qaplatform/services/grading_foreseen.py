"""What asking a language model would take, before anybody asks it: exact for some hundred chats, estimated from a draw beyond."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random

import msgspec

from qaplatform.llm.budget import Budget
from qaplatform.services.access import Viewer
from qaplatform.services.grader_settings import endpoint_to_ask, grader_settings
from qaplatform.services.grading_asking import asking
from qaplatform.services.grading_runs import ASK, Chosen, NothingChosenError
from qaplatform.services.grading_subjects import NotAskedError, subject_of
from qaplatform.store.engine import Store

MOST_LOOKED_AT = 200
_SEED = 7


class RunForeseen(msgspec.Struct, frozen=True, kw_only=True):
    """What a run would take at most, without repairs and second tries."""

    conversation_count: int
    looked_at_count: int
    """So many were looked at; where that is fewer, the other figures are estimates from them."""
    skipped_by: Mapping[str, int]
    """Problem → how many of those chosen would be skipped for it."""
    asked_count: int
    """Conversations for which at least one call is made."""
    known_count: int
    """Conversations whose answers are all known already: they cost nothing."""
    calls: int
    prompt_tokens: int
    completion_tokens: int
    money_micros: int | None
    """``None``: the endpoint's price is not known."""
    currency: str
    endpoint_name: str
    model: str

    @property
    def is_estimate(self) -> bool:
        """Whether only some of the conversations were looked at."""
        return self.looked_at_count < self.conversation_count


def foresee(
    store: Store,
    viewer: Viewer,
    chosen: Chosen,
    *,
    questions: Sequence[str] = (),
    endpoint_id: int | None = None,
    now: datetime,
    most_looked_at: int = MOST_LOOKED_AT,
) -> RunForeseen:
    """What asking about chosen conversations would take now. Nobody is asked, nothing is written.

    Raises:
        AccessError: the viewer may ask about nothing.
        NothingChosenError: no conversation was chosen.
        NoEndpointError, KeyNotThereError, EndpointError: nobody could be asked.
        UnknownPromptError: a prompt is not there.
    """
    viewer.demand(ASK)
    if not chosen.ids:
        raise NothingChosenError
    with store.reading() as session:
        settings = grader_settings(session)
        _, endpoint = endpoint_to_ask(session, endpoint_id)
    looked_at = chosen.ids
    if len(looked_at) > most_looked_at:
        looked_at = tuple(Random(_SEED).sample(sorted(looked_at), most_looked_at))
    share = len(chosen.ids) / len(looked_at)
    skipped: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    budget = Budget(settings.caps, endpoint.price)
    with asking(
        store, endpoint, settings, budget, run_id=None, wait=lambda _seconds: None, now=lambda: now
    ) as asked:  # fmt: skip
        for id in looked_at:
            try:
                with store.reading() as session:
                    subject = subject_of(session, id, asked.prompts, questions)
            except NotAskedError as error:
                skipped[error.problem] += 1
                continue
            one = asked.foreseen(subject)
            sums["asked" if one.calls else "known"] += 1
            sums["calls"] += one.calls
            sums["prompt"] += one.usage.prompt_tokens
            sums["completion"] += one.usage.completion_tokens
            sums["money"] += one.money_micros
    whole = {name: round(value * share) for name, value in sums.items()}
    return RunForeseen(
        conversation_count=len(chosen.ids),
        looked_at_count=len(looked_at),
        skipped_by={problem: round(count * share) for problem, count in sorted(skipped.items())},
        asked_count=whole.get("asked", 0),
        known_count=whole.get("known", 0),
        calls=whole.get("calls", 0),
        prompt_tokens=whole.get("prompt", 0),
        completion_tokens=whole.get("completion", 0),
        money_micros=None if endpoint.price is None else whole.get("money", 0),
        currency=endpoint.currency,
        endpoint_name=endpoint.name,
        model=endpoint.model,
    )
