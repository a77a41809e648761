"""Certificates in the browser: seen, verified, revoked."""

from __future__ import annotations

from qaplatform import clock
from qaplatform.audit.phrases import Words
from qaplatform.services.training import certificates as service
from qaplatform.store.engine import Store
from tests.stores import ONLY_SQLITE
from tests.web.conftest import SignIn

TITLE = Words("新人三个月", "The first three months")


def give(store: Store) -> dict[str, str]:
    """A certificate each to the agent of shop 1 and to an inspector; numbers by login."""
    found = {}
    with store.writing() as session:
        for login, user_id in (("inspector", 3), ("agent", 7), ("newhire", 8)):
            service.issue_for_path(session, None, user_id, "new-hire", title=TITLE, now=clock.now())
            found[login] = service.own_certificates(session, user_id)[0].number
    return found


@ONLY_SQLITE
def test_each_sees_their_own_and_leads_those_within_reach(signed_in: SignIn, store: Store) -> None:
    assert "您还没有证书" in signed_in("newhire").get("/certificates").text
    assert "还没有人拿到证书" in signed_in("lead").get("/certificates").text
    numbers = give(store)
    for login, seen in (
        ("lead", {"inspector", "agent", "newhire"}),
        ("agent", {"agent"}),
        ("teamlead", {"agent", "newhire"}),
        ("mentor", set()),
        ("admin", set()),
    ):
        client = signed_in(login)
        page = client.get("/certificates").text
        for whose, number in numbers.items():
            assert (number in page) is (whose in seen), (login, whose)
            assert client.get(f"/certificates/{number}").status_code == (200 if whose in seen else 404), (login, whose)
    paper = signed_in("agent").get(f"/certificates/{numbers['agent']}").text
    for said in ("培训结业证书", "Certificate of Completion", "苏晓棠", numbers["agent"], TITLE.zh, TITLE.en):
        assert said in paper
    assert "撤销" not in paper


@ONLY_SQLITE
def test_a_number_is_verified_and_a_revoked_one_says_so(signed_in: SignIn, store: Store) -> None:
    numbers = give(store)
    mentor, lead = signed_in("mentor"), signed_in("lead")
    page = mentor.get(f"/certificates?number={numbers['agent'].lower()}").text
    assert "证书有效" in page
    assert "看证书" not in page, "not within reach"
    assert "输入有误" in mentor.get("/certificates?number=QA-2026-000001-0&q=x").text
    never = service.numbered(2026, 99)
    assert "从未颁发过" in mentor.get(f"/certificates?number={never}").text
    assert "核对编号" not in signed_in("agent").get(f"/certificates?number={numbers['newhire']}").text
    address = f"/certificates/{numbers['agent']}/revoke"
    assert mentor.get(address).status_code == 403
    assert lead.submit(address, {"reason": " "}).status_code == 400
    assert lead.submit(address, {"reason": "有人代答"}).status_code == 303
    assert lead.submit(address, {"reason": "再来"}).status_code == 400
    page = signed_in("agent").get(f"/certificates/{numbers['agent']}").text
    for said in ("REVOKED", "有人代答", "梁书瑶"):
        assert said in page
    assert "不再有效" in lead.get(f"/certificates?number={numbers['agent']}").text
