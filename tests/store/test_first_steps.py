"""How far a workplace is, asked of real databases."""

from __future__ import annotations

from qaplatform import clock
from qaplatform.store import first_steps
from qaplatform.store.engine import Store
from qaplatform.store.first_steps import FINDINGS_SEEN, PUT_ASIDE, Reached
from tests import filled


def test_each_step_is_seen_when_it_is_done(store: Store) -> None:
    with store.reading() as session:
        assert first_steps.reached(session) == Reached(False, False, False, False, False)
    with store.writing() as session:
        filled.fill_people(session, clock.now())
        for name in (FINDINGS_SEEN, PUT_ASIDE, FINDINGS_SEEN):
            first_steps.note(session, name)
    with store.reading() as session:
        assert first_steps.reached(session) == Reached(True, False, True, True, True)
    with store.writing() as session:
        filled.fill_conversations(session, clock.now(), count=1)
    with store.reading() as session:
        assert first_steps.reached(session) == Reached(True, True, True, True, True)
