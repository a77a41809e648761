"""Training is found: the ways that lead there say where one is, and what is called by codes has words."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from qaplatform.services.training.catalogue import scenarios_now
from qaplatform.store.engine import Store
from qaplatform.web.activity_words import KINDS_OF_SUBJECT, kind_before_name
from qaplatform.web.training.exam_words import KINDS
from tests.stores import ONLY_SQLITE
from tests.web.conftest import SignIn

pytestmark = ONLY_SQLITE


@pytest.mark.parametrize(
    ("login", "address", "here"),
    [
        ("newhire", "/lessons/our-values", ["/learn", "/lessons"]),
        ("newhire", "/drills/history", ["/learn", "/drills"]),
        ("inspector", "/papers", ["/learn", "/papers"]),
        ("mentor", "/lessons", ["/training", "/lessons"]),
        ("lead", "/training/criteria/banned_phrase", ["/training", "/training/criteria"]),
        ("lead", "/exam-reviews/scenarios", ["/training", "/exam-reviews"]),
        ("lead", "/training", ["/training", "/training"]),
    ],
)
def test_a_page_says_under_which_way_and_tab_it_lies(
    signed_in: SignIn, login: str, address: str, here: list[str]
) -> None:
    page = signed_in(login).get(address).text
    assert re.findall(r'class="(?:way|tab)" href="([^"]+)" aria-current', page) == here


def test_kinds_of_scenarios_and_of_subjects_have_words(store: Store, app: Flask) -> None:
    with store.reading() as session:
        assert {one.kind for one in scenarios_now(session).values()} <= KINDS.keys()
    with app.test_request_context("/"):
        assert [kind for kind in KINDS_OF_SUBJECT if kind in kind_before_name(kind)] == []
