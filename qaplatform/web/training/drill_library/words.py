"""The codes of the library in words."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy
from qaplatform.web.training.papers.words import ORIGINS, VERSION_STATES

__all__ = ["LANGUAGES", "ORIGINS", "STATES", "VERSION_STATES"]

STATES: Mapping[str, LazyText] = {
    "standing": lazy("使用中"),
    "withdrawn": lazy("已撤下"),
    "unborn": lazy("未发布"),
}
LANGUAGES: Mapping[str, LazyText] = {"zh": lazy("中文"), "en": lazy("英文")}
