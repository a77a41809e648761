"""Who is shown which first steps, and until when."""

from __future__ import annotations

import pytest

from qaplatform.services.access import Grant, Viewer
from qaplatform.services.first_steps import steps_of
from qaplatform.store.first_steps import Reached
from qaplatform.store.scopes import Role

NOTHING = Reached(has_shop=False, has_conversation=False, findings_seen=False, has_colleague=False, is_put_aside=False)
IMPORTED = Reached(has_shop=True, has_conversation=True, findings_seen=False, has_colleague=False, is_put_aside=False)
LOOKED = Reached(has_shop=True, has_conversation=True, findings_seen=True, has_colleague=False, is_put_aside=False)
ALL = Reached(has_shop=True, has_conversation=True, findings_seen=True, has_colleague=True, is_put_aside=False)
ASIDE = Reached(has_shop=True, has_conversation=True, findings_seen=False, has_colleague=False, is_put_aside=True)


@pytest.mark.parametrize(
    ("roles", "reached", "shown"),
    [
        (("admin", "qa_lead"), NOTHING, "shop import findings colleagues"),
        (("admin", "qa_lead"), IMPORTED, "shop* import* findings colleagues"),
        (("admin", "qa_lead"), LOOKED, "shop* import* findings* colleagues"),
        (("admin", "qa_lead"), ALL, ""),
        (("admin", "qa_lead"), ASIDE, ""),
        (("admin",), NOTHING, "shop import colleagues"),
        (("qa_lead",), NOTHING, "import findings"),
        (("qa_lead",), IMPORTED, ""),
        (("agent",), NOTHING, ""),
        (("team_lead",), NOTHING, ""),
    ],
)
def test_everybody_is_shown_their_own_steps_until_they_are_done(
    roles: tuple[Role, ...], reached: Reached, shown: str
) -> None:
    viewer = Viewer(1, "某人", grants=tuple(Grant(role) for role in roles))
    assert " ".join(one.name + "*" * one.is_done for one in steps_of(reached, viewer)) == shown
