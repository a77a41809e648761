"""Learned risks at work: which model speaks of a team's conversations, and what it says of a batch.

A model is a few hundred kilobytes, and many requests want it: arrays once read are kept in this process. A
model that cannot be used is passed over; the rules speak then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy.orm import Session

from qaplatform.audit.audited import Audited
from qaplatform.audit.batch import Bools
from qaplatform.audit.observing import SeenRisk
from qaplatform.services.risk_features import BLOCKS, FEATURES_VERSION, features_of
from qaplatform.services.risk_models import RiskModel, UnusableModelError
from qaplatform.store import risk_models
from qaplatform.store.findings import Learned


@dataclass(frozen=True, slots=True)
class HeldModel:
    """A model as it is kept and sent to other processes."""

    id: int
    body: bytes


_read: WeakKeyDictionary[object, dict[int, HeldModel]] = WeakKeyDictionary()
"""By database: the bodies that were read; a version never changes."""


class RisksInForce:
    """The active models as they were at one moment; bodies are read when they are asked for."""

    def __init__(self, session: Session) -> None:
        self._ids = risk_models.active_models(session, FEATURES_VERSION)

    def of(self, session: Session, team_id: int | None) -> HeldModel | None:
        """The model that speaks of a team's conversations."""
        model_id = None if team_id is None else self._ids.get(team_id)
        if model_id is None:
            return None
        known = _read.setdefault(session.get_bind(), {})
        held = known.get(model_id)
        if held is None:
            body = risk_models.body_of(session, model_id)
            if body is None:
                return None
            held = known[model_id] = HeldModel(model_id, body)
            for old in known.keys() - set(self._ids.values()):
                known.pop(old, None)
        return held


@lru_cache(maxsize=16)
def _model_of(held: HeldModel) -> RiskModel | None:
    try:
        return RiskModel.unpacked(held.body)
    except UnusableModelError:
        return None


def learned_of(audited: Audited, models: Sequence[HeldModel | None]) -> list[Learned | None]:
    """What each conversation's model says of it; words are looked at once, whatever the number of models."""
    out: list[Learned | None] = [None] * len(models)
    usable = {held: model for held in set(models) if held is not None and (model := _model_of(held)) is not None}
    if not usable:
        return out
    features = features_of(audited, _known_to_any(list(usable.values())))
    risk: SeenRisk = audited.batch.observe("risk")
    for held, model in usable.items():
        learned = model.risk(features)
        priority = risk.priority_at(learned)
        for index, one in enumerate(models):
            if one == held:
                out[index] = Learned(held.id, round(float(learned[index]), 4), round(float(priority[index]), 4))
    return out


def _known_to_any(models: Sequence[RiskModel]) -> Mapping[str, Bools]:
    if len(models) == 1:
        return models[0].known
    return {block: reduce(np.logical_or, [one.known[block] for one in models]) for block in BLOCKS}
