"""What the daily log calls causes and severities."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

CAUSES: Mapping[str, LazyText] = {
    "knowledge": lazy("知识"),
    "process": lazy("流程"),
    "system": lazy("系统"),
    "attitude": lazy("态度"),
}
SEVERITIES: Mapping[str, LazyText] = {"minor": lazy("轻微"), "major": lazy("较重"), "critical": lazy("严重")}
SEVERITY_PILLS: Mapping[str, str] = {"minor": "unscored", "major": "fail", "critical": "critical"}
"""The colour of each: see ``pill`` in the style guide."""
