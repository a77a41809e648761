"""What people see of learned risks: by team how far it is, how good the newest model is, and why it is used or not."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.risk_features import FEATURES_VERSION
from qaplatform.services.risk_models import Comparison, Sign
from qaplatform.services.risk_training import MIN_RULED
from qaplatform.services.teams import UnknownTeamError
from qaplatform.store import risk_models
from qaplatform.store.risk_models import ModelLine

SEE = "risk.see"


class Version(msgspec.Struct, frozen=True):
    """A version of a team's model; ``is_used`` where it speaks of conversations now."""

    line: ModelLine
    figures: Comparison
    signs: tuple[Sign, ...]
    is_used: bool

    @classmethod
    def of(cls, line: ModelLine) -> Version:
        """From what is kept."""
        is_used = line.state == "active" and line.features_version == FEATURES_VERSION
        figures = msgspec.convert(line.figures, Comparison)
        return cls(line, figures, msgspec.convert(line.signs, tuple[Sign, ...]), is_used)


class TeamRisk(msgspec.Struct, frozen=True):
    """A team: its ruled chats, of so many that are needed, and its newest version."""

    id: int
    name: str
    ruled: int
    newest: Version | None
    needed: int = MIN_RULED

    @property
    def may_train(self) -> bool:
        """Whether there are enough rulings."""
        return self.ruled >= self.needed


def teams_page(session: Session, viewer: Viewer) -> list[TeamRisk]:
    """All teams that the viewer may see, by name.

    Raises:
        AccessError: the viewer may not see learned risks.
    """
    viewer.demand(SEE)
    teams = risk_models.teams_in(session, viewer.scope(SEE))
    counts = risk_models.ruled_counts(session)
    newest = risk_models.newest_models(session, [id for id, _ in teams])
    return [
        TeamRisk(id, name, counts.get(id, 0), Version.of(newest[id]) if id in newest else None) for id, name in teams
    ]


def team_page(session: Session, viewer: Viewer, team_id: int) -> tuple[TeamRisk, Sequence[Version]]:
    """One team with all its versions, newest first.

    Raises:
        AccessError: the viewer may not see this team's.
        UnknownTeamError: there is no such team.
    """
    if not viewer.may_see(SEE, shop_id=None, team_id=team_id, agent_id=None):
        raise AccessError
    name = risk_models.team_name(session, team_id)
    if name is None:
        raise UnknownTeamError
    versions = [Version.of(one) for one in risk_models.models_of(session, team_id)]
    ruled = risk_models.ruled_counts(session).get(team_id, 0)
    return TeamRisk(team_id, name, ruled, versions[0] if versions else None), versions
