"""A hint from the desk to the figures of its check, and back to being scored."""

# ruff: noqa: ARG001 - fixtures that only have to be there
from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from qaplatform.services.checks import propose_hint
from qaplatform.services.rubric_books import rubric_book
from qaplatform.services.rubric_drafts import draft_seen, publish_draft
from qaplatform.services.rubric_releases import Publication
from qaplatform.services.rubrics import rubrics_in_force
from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, FindingRow, FindingRuling, Review, RubricDraft, Ruling
from tests.services.test_checks import ID, chat
from tests.services.test_reviewing import viewer
from tests.web.chats import FIRST, take_in
from tests.web.conftest import SignIn
from tests.web.test_desk import begun, confirmed, fields_of

CODE, PATH = "ecommerce-service", "sections/attitude.yaml"
NAMES = ("c1", "c2", "c3")


@pytest.fixture
def hinted(store: Store, people: None) -> Store:
    """Three chats, judged when blunt words were a hint."""
    lead, before = viewer(store, "lead", "qa_lead"), FIRST - timedelta(days=1)
    with store.writing() as session:
        draft = draft_seen(session, lead, propose_hint(session, lead, CODE, ID, now=before)).draft
        newest = rubric_book(session).newest(CODE)
        assert newest is not None
        said = Publication(before.date(), ZoneInfo("UTC"), newest.rubric.content_hash)
        publish_draft(session, lead, draft.id, said, seen_version=draft.version, now=before)
    take_in(store, *(chat(number, "这个我也没办法") for number in (1, 2, 3)))
    return store


def test_what_people_say_of_a_hint_counts_for_its_check_and_costs_nothing(hinted: Store, signed_in: SignIn) -> None:
    client = signed_in("lead")
    for name, said in zip(NAMES, ("confirm", "pass", None), strict=True):
        address = begun(client, hinted, name)
        shown = client.get(address).text
        card = shown.split(f'id="criterion-{ID}"')[1].split("</fieldset>")[0]
        for word in ("提示，不计分", "提示属实", "提示有误", "我也没办法"):
            assert word in card, word
        answers = confirmed(shown) | {f"ruling:{ID}": said or ""}
        sent = {**fields_of(shown), **answers, "action": "submit"}
        assert client.post(address, data=sent).status_code == 303, "a hint need not be answered"
    with hinted.reading() as session:
        asked = select(
            ConversationRow.source_id, Ruling.kind, Ruling.from_outcome, Ruling.to_outcome, FindingRuling.is_right
        )
        rows = session.execute(
            asked.join(Ruling, Ruling.conversation_id == ConversationRow.id)
            .join(FindingRow, (FindingRow.audit_id == Ruling.audit_id) & (FindingRow.criterion == Ruling.criterion))
            .join(FindingRuling, FindingRuling.finding_id == FindingRow.id)
            .where(Ruling.criterion == ID)
        ).all()
        assert {tuple(one) for one in rows} == {
            ("c1", "confirm", "unscored", "unscored", True),
            ("c2", "answer", "unscored", "unscored", False),
        }
        assert len(set(session.execute(select(Review.score, Review.verdict, Review.failed_count)).all())) == 1
    assert "1 / 2" in client.get("/checks").text
    page = client.get(f"/checks/{ID}").text
    assert page.count(">误报<") == page.count(">成立<") == 1

    assert "恢复计分（开草稿）" in page
    assert client.submit(f"/checks/{ID}/score", {"rubric": CODE}, page=f"/checks/{ID}").status_code == 303
    with hinted.reading() as session:
        draft = session.scalars(select(RubricDraft).order_by(RubricDraft.id.desc())).first()
        assert draft is not None
        assert draft.files[PATH] == rubrics_in_force()[0].files[PATH]
    for id, way in (("greeting", "score"), (ID, "hint")):
        sent = client.submit(f"/checks/{id}/{way}", {"rubric": CODE}, page=f"/checks/{ID}")
        assert sent.location.startswith(f"/checks/{id}"), "it is so already"
