"""The shipped rubric, loaded once a process."""

from __future__ import annotations

from qaplatform.audit.context import Context
from qaplatform.audit.engine import Auditor
from qaplatform.audit.rubric import Rubric
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubric_versions import in_force
from qaplatform.services.rubrics import DEFAULT_RUBRIC


def shipped_rubric() -> Rubric:
    """The rubric that judges where nothing else is said; it takes a second or two to load."""
    return next(one for one in in_force() if one.id == DEFAULT_RUBRIC)


def shipped_auditor() -> Auditor:
    """Judges by it; what it looks for is compiled once for all processes."""
    return compiled_auditor(shipped_rubric(), Context())
