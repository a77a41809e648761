"""How good the questions of the bank are, by what people answered to their present wording."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.training.catalogue import questions_now
from qaplatform.services.training.paper_answers import read_answer
from qaplatform.store.training.papers import given_answers
from qaplatform.training.item_statistics import ItemFigures, Response, item_figures
from qaplatform.training.questions import AnyQuestion, Bank
from qaplatform.training.scoring import Answer, Chosen


def figures_of(session: Session, question: AnyQuestion) -> ItemFigures:
    """The figures of one question."""
    sheets = _sheets(session, Bank({**questions_now(session).questions, question.id: question}), [question.id])
    found = item_figures(Bank.of([question]), sheets)
    return next((one for one in found if one.question == question.id), ItemFigures(question.id, 0))


def all_figures(session: Session, viewer: Viewer) -> list[ItemFigures]:
    """The figures of all questions that were answered, those with notices first, then the hardest.

    Raises:
        AccessError: they don't write questions.
    """
    viewer.demand("training.edit")
    bank = questions_now(session)
    found = item_figures(bank, _sheets(session, bank, None))
    return sorted(found, key=lambda one: (not one.notices, one.difficulty is None, one.difficulty or 0.0, one.question))


def _sheets(session: Session, bank: Bank, asked: Collection[str] | None) -> list[Mapping[str, Response]]:
    """A candidate's first answers, one sheet each."""
    sheets: dict[int, dict[str, Response]] = {}
    for one in given_answers(session, asked):
        question = bank.questions.get(one.question)
        if question is not None and question.fingerprint == one.fingerprint:
            answer = read_answer(one.answer)
            sheets.setdefault(one.user_id, {})[one.question] = Response(one.points, _chosen(answer))
    return list(sheets.values())


def _chosen(answer: Answer | None) -> tuple[str, ...]:
    return answer.options if isinstance(answer, Chosen) else ()
