"""Whether a model's answers to a question count: measured by people's rulings, settled again and again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from qaplatform.store import llm_trust


def trusted(session: Session, asked: Sequence[tuple[str, str]], model: str) -> set[tuple[str, str]]:
    """Of some questions, as (prompt, question's hash), those whose answers by a model count now.

    ``model`` is named as the endpoint names it, as in ``grades``. What nobody has measured yet is not trusted.
    """
    return llm_trust.trusted(session, asked, model)
