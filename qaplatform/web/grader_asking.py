"""Whether pages offer to ask a language model: only those who may, and only where one is set up."""

from __future__ import annotations

from typing import Any

from qaplatform.services.grading_run_pages import is_set_up
from qaplatform.services.grading_runs import ASK
from qaplatform.web.current import current_viewer
from qaplatform.web.remembering import remembered


def may_be_asked(session: Any) -> bool:
    """Whether the viewer may have a model asked; that one was set up may be noticed a minute late."""
    return current_viewer().may(ASK) and remembered(("grader.is_set_up",), lambda: is_set_up(session))
