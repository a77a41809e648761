"""Why something cannot be done with a scenario."""

from __future__ import annotations

from typing import ClassVar

from qaplatform.errors import QAPlatformError


class UnknownScenarioError(QAPlatformError):
    """There is no such scenario or version; open it from the list again."""

    code: ClassVar[str] = "scenarios.unknown"


class ScenarioMovedOnError(QAPlatformError):
    """Somebody else has changed this scenario; see what they wrote before you save."""

    code: ClassVar[str] = "scenarios.moved_on"


class ScenarioTakenError(QAPlatformError):
    """There is a scenario of this id already; choose another one."""

    code: ClassVar[str] = "scenarios.taken"


class ScenarioNotReadyError(QAPlatformError):
    """A scenario is published once nothing is wrong with it and its references score at least 90 and at most 40."""

    code: ClassVar[str] = "scenarios.not_ready"


class ScenarioSameError(QAPlatformError):
    """This is what stands already; change something first."""

    code: ClassVar[str] = "scenarios.same"


class RealPersonError(QAPlatformError):
    """A scenario made of a real chat is published once somebody has said that nothing of a real person is in it."""

    code: ClassVar[str] = "scenarios.real_person"
