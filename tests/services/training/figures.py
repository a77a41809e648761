"""Chats of a new hire and three experienced colleagues over eight weeks, as daily figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from qaplatform.services.figure_cells import CELL, FORM, HOUR, Body, packed
from qaplatform.store.engine import Store
from qaplatform.store.tables import AgentRow, ConversationRow, DrillAnswer, DrillCard, FigureDay, TrainingMark

A_DAY = 10
"""Chats of everybody, on each working day."""
COLLEAGUES = (11, 12, 13)


def fill_figures(store: Store, *, hired_on: date, now: datetime) -> None:
    """Agent 1 misses 30 % for four weeks, then drills, then 10 %; colleagues miss 5 % all the time."""
    days = [hired_on + timedelta(days=n) for n in range(56) if n % 7 < 5]
    with store.writing() as session:
        session.add_all(
            AgentRow(id=id, code=f"e{id}", name=f"老员工{id}", team_id=1, hired_on=date(2024, 1, 1), created_at=now)
            for id in COLLEAGUES
        )
        session.flush()
        for place, day in enumerate(days):
            share = 0.3 if place < 20 else 0.1
            rows = [_cell(1, 60.0 if place < 20 else 85.0)] + [_cell(id, 90.0) for id in COLLEAGUES]
            # Half a chat in ten: one every other day.
            missed = [round(A_DAY * share), *(place % 2 for _ in COLLEAGUES)]
            body = Body(
                FORM, ("delivery",), (), ("empathy_first",), memoryview(np.array(rows, CELL).tobytes()),
                memoryview(np.zeros(0, HOUR).tobytes()), _matrix([A_DAY] * 4), _matrix(missed),
            )  # fmt: skip
            session.add(FigureDay(day=day, shop_id=1, counted_at=now, stamp=place + 1, body=packed(body)))
            for agent, seconds in ((1, 600), *((id, 200) for id in COLLEAGUES)):
                for number in range(3):
                    began = datetime.combine(day, time(2, number), UTC)
                    session.add(
                        ConversationRow(
                            shop_id=1, agent_id=agent, source="f", source_id=f"{day}-{agent}-{number}", content_hash="",
                            topic="delivery", message_count=2, started_at=began, ended_at=began + timedelta(seconds=seconds),
                            created_at=now, updated_at=now,
                        )
                    )  # fmt: skip
        drilled = datetime.combine(days[20], time(1), UTC)
        card = DrillCard(
            user_id=1, code="x", criterion="empathy_first", origin="shipped", situation={}, scheduled={},
            due_at=now + timedelta(days=9), created_at=now,
        )  # fmt: skip
        session.add(card)
        session.flush()
        for number in range(3):
            answer = DrillAnswer(card_id=card.id, user_id=1, shown_at=drilled, deadline_at=drilled)
            session.add(answer)
            session.flush()
            at = drilled + timedelta(hours=number)
            session.add(
                TrainingMark(user_id=1, criterion="empathy_first", answer_id=answer.id, passed=number == 2, at=at)
            )


def _cell(agent: int, score: float) -> tuple[float, ...]:
    counts = (A_DAY, A_DAY, A_DAY, 0, 0, 0, 0, 0, 0, A_DAY, A_DAY - 1)
    return (1, agent, 0, -1, *counts, score * A_DAY, score * score * A_DAY, 0.0, 0.0, 0.0)


def _matrix(numbers: list[int]) -> memoryview:
    return memoryview(np.array(numbers, "<u2").tobytes())
