"""Filling the demo workplace: the samples taken in like anybody's data, names for shops, users everybody knows, and their reviews."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from qaplatform.cli.foreground import taken_in
from qaplatform.cli.importing import Wanted
from qaplatform.formats.inputs import find_inputs
from qaplatform.formats.options import ReadOptions
from qaplatform.resources import shipped_file
from qaplatform.services.demo_samples import create_demo_samples
from qaplatform.services.demo_users import DemoPlaces, create_demo_users
from qaplatform.services.figure_days import count_all
from qaplatform.store.demo import agent_id_of, name_shops, shop_id_of, team_id_of
from qaplatform.store.engine import Store
from qaplatform.store.shop_names import note_shops

_SHOP_NAMES = {"s1": "禾木家居", "s2": "青柠数码", "s3": "暖橙母婴"}
_AGENT, _NEW_HIRE, _TEAM, _SHOP = "a03", "a11", "家居组", "s2"


def fill_demo(store: Store, folder: Path, now: datetime) -> None:  # noqa: ARG001 - everything lies in the database
    """Fill a demo workplace that holds nothing yet; called again after a crash, it goes on."""
    context = str(shipped_file("samples", "context.yaml"))
    samples = find_inputs([str(shipped_file("samples", "conversations.jsonl"))])
    with store.writing() as session:
        # Before the context is taken over: an account called 店铺:小王 is one of the shop of that name.
        note_shops(session, _SHOP_NAMES, now=now)
        name_shops(session, _SHOP_NAMES)
    url = store.url.render_as_string(hide_password=False)
    wanted = Wanted(url, None, context, 1, ReadOptions(), create_shops=True, origin="samples")
    for _ in taken_in(samples, wanted):
        pass
    with store.writing() as session:
        places = DemoPlaces(
            shop_id_of(session, _SHOP),
            team_id_of(session, _TEAM),
            agent_id_of(session, _AGENT),
            agent_id_of(session, _NEW_HIRE),
        )
        create_demo_users(session, places, now=now)
    with store.writing() as session:
        create_demo_samples(session, now=now)
    # What new hires handle beside their mentors comes after the draws, so that these stay what they are.
    for _ in taken_in(find_inputs([str(shipped_file("samples", "accompanied.jsonl"))]), wanted):
        pass
    count_all(store, now=now)
