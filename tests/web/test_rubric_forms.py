"""Rules changed by form: the same text as the YAML, at its marks, with mistakes at their fields."""

from __future__ import annotations

import difflib
import html
import re

import pytest

from qaplatform.services.rubric_books import rubric_in
from qaplatform.services.rubrics import rubrics_in_force
from qaplatform.store.engine import Store
from qaplatform.store.tables import RubricDraft
from tests.web.conftest import PageClient, SignIn

CODE = "ecommerce-service"
ATTITUDE, RESPONSE, WORDS = "sections/attitude.yaml", "sections/response.yaml", "phrases/promises.yaml"
EDIT = "/rubrics/drafts/1/edit"


@pytest.fixture
def client(signed_in: SignIn) -> PageClient:
    client = signed_in("lead")
    client.submit(f"/rubrics/{CODE}/drafts", page="/rubrics")
    return client


def text_of(store: Store, path: str) -> str:
    with store.reading() as session:
        return str(session.get_one(RubricDraft, 1).files[path])


def changed_lines(store: Store, path: str) -> list[str]:
    old, new = rubrics_in_force()[0].files[path].split("\n"), text_of(store, path).split("\n")
    return [one for one in difflib.unified_diff(old, new, n=0, lineterm="") if not one.startswith(("---", "+++", "@@"))]


def save(client: PageClient, path: str, item: str, version: int, **fields: str) -> int:
    said = {f"f:{name.replace('__', '|')}": value for name, value in fields.items()}
    sent = {"file": path, "item": item, "version": str(version), **said}
    return client.submit(f"{EDIT}/form", sent, page=f"{EDIT}?file={path}&item={item}").status_code


def test_a_form_changes_what_was_changed_and_nothing_else(client: PageClient, store: Store) -> None:
    path = RESPONSE
    given = {
        "weight": "12",
        "title__zh": "回复时效",
        "params__burst_ends_after_seconds": "90",
        "when__queue": "pre_sale\nafter_sale",
    }
    assert save(client, path, "response_time", 1, **given) == 303
    assert changed_lines(store, path) == [
        "-    title: {zh: 响应时效, en: Response time}",
        "-    weight: 14",
        "+    title: {zh: 回复时效, en: Response time}",
        "+    weight: 12",
        "+    params: {burst_ends_after_seconds: 90}",
        "+    when: {queue: [pre_sale, after_sale]}",
    ]
    assert (
        save(client, path, "response_time", 2, **{name: "" for name in given if "__q" in name or "params" in name})
        == 303
    )
    assert len(changed_lines(store, path)) == 4
    shown = client.get(f"{EDIT}?file={path}&item=response_time").text
    assert 'value="回复时效"' in shown
    assert "A silence this long" in shown, "what the author of the check says of a parameter"


def test_words_are_added_taken_out_and_changed_where_they_stand(client: PageClient, store: Store) -> None:
    group, words = next(
        (one.id, one.phrases)
        for one in rubrics_in_force()[0].rubric.phrases.values()
        if one.mark.path.endswith(WORDS) and len(one.phrases) > 3
    )
    new = [words[0], "新的说法", *words[2:], "再一个"]
    assert save(client, WORDS, group, 1, phrases="\r\n".join(new)) == 303
    with store.reading() as session:
        files = dict(session.get_one(RubricDraft, 1).files)
    assert list(rubric_in(CODE, files).phrases[group].phrases) == new
    assert save(client, WORDS, group, 2, phrases="\n".join(words)) == 303
    assert changed_lines(store, WORDS) == []


def test_a_mistake_stands_at_its_field_and_in_the_yaml(client: PageClient) -> None:
    assert save(client, RESPONSE, "greeting", 1, weight="viel", severity="minor") == 303
    shown = html.unescape(client.get(f"{EDIT}?file={RESPONSE}&item=greeting").text)
    field = shown.split('id="f-weight-errors"')[1].split("</ul>")[0]
    assert "weight 应为数字，现在写的是“viel”" in field
    assert 'name="f:weight" aria-describedby="f-weight-errors" aria-invalid="true"' in shown
    assert f"{RESPONSE}:7:13" in shown
    assert 'value="viel"' in shown


def test_a_check_is_made_a_hint_by_form_and_comments_stay(client: PageClient, store: Store) -> None:
    with store.writing() as session:
        draft = session.get_one(RubricDraft, 1)
        text = draft.files[RESPONSE].replace("    weight: 14\n", "    weight: 14  # of all\n    # Until May.\n")
        draft.files = {**draft.files, RESPONSE: text}
    shown = client.get(f"{EDIT}?file={RESPONSE}&item=response_time").text
    assert "提示，不计分" in shown
    assert "但不得分、不扣分" in shown
    assert save(client, RESPONSE, "response_time", 1, hint="true") == 303
    assert text_of(store, RESPONSE).replace("    hint: true\n", "") == text
    assert "    weight: 14  # of all\n" in text_of(store, RESPONSE)
    with store.reading() as session:
        rubric = rubric_in(CODE, dict(session.get_one(RubricDraft, 1).files))
    assert rubric.criterion("response_time").hint
    assert save(client, RESPONSE, "response_time", 2) == 303
    assert text_of(store, RESPONSE) == text


def test_only_what_a_check_judges_can_be_a_hint(client: PageClient, store: Store) -> None:
    path, item = "sections/ownership.yaml", "root_cause"
    assert "f:hint" not in client.get(f"{EDIT}?file={path}&item={item}").text
    with store.writing() as session:
        draft = session.get_one(RubricDraft, 1)
        text = draft.files[path].replace("    kind: manual\n", "    kind: manual\n    hint: true\n", 1)
        draft.files = {**draft.files, path: text}
    shown = html.unescape(client.get(f"{EDIT}?file={path}&item={item}").text)
    assert "“hint”只用于 kind 为 check 的质检项" in shown.split('id="f-hint-errors"')[1].split("</ul>")[0]
    assert save(client, path, item, 1) == 303
    assert changed_lines(store, path) == []


def test_criteria_are_added_from_a_check_moved_and_taken_out(client: PageClient, store: Store) -> None:
    def do(version: int, what: str, item: str, check: str = "") -> int:
        sent = {"file": ATTITUDE, "item": item, "version": str(version), "do": what, "check": check}
        return client.submit(f"{EDIT}/criteria", sent, page=f"{EDIT}?file={ATTITUDE}").status_code

    assert do(1, "add", "", "curt_reply") == 303
    assert do(2, "up", "curt_reply_2") == 303
    with store.reading() as session:
        rubric = rubric_in(CODE, dict(session.get_one(RubricDraft, 1).files))
    assert [one.id for one in rubric.sections[1].criteria][-2] == "curt_reply_2"
    assert rubric.criterion("curt_reply_2").wording == rubric.criterion("curt_reply").wording
    assert do(3, "down", "curt_reply_2") == 303
    assert do(4, "remove", "curt_reply_2") == 303
    assert changed_lines(store, ATTITUDE) == []
    assert do(5, "add", "") == 303
    assert do(6, "up", "empathy_first") == 400
    assert do(6, "sideways", "empathy_first") == 400


def test_two_leads_with_forms_see_what_the_other_has_written(client: PageClient, signed_in: SignIn) -> None:
    assert save(client, ATTITUDE, "empathy_first", 1, weight="16") == 303
    sent = {"file": ATTITUDE, "item": "empathy_first", "version": "1", "f:weight": "17"}
    refused = signed_in("lead").submit(f"{EDIT}/form", sent, page=f"{EDIT}?file={ATTITUDE}")
    assert refused.status_code == 409
    text = html.unescape(refused.text)
    assert "-    weight: 16" in text
    assert "+    weight: 17" in text
    assert 'name="version" value="2"' in text


def test_every_item_of_every_file_has_a_form(client: PageClient) -> None:
    for path in rubrics_in_force()[0].files:
        shown = client.get(f"{EDIT}?file={path}").text
        assert ("保存表单" in shown) == (path != "packs/tags.yaml") or "f:phrases" in shown, path


def publish(client: PageClient, version: int, note: str) -> None:
    page = client.get("/rubrics/drafts/1/publish").text
    hidden = dict(re.findall(r'name="(against|from_day)"[^>]*value="([\w-]+)"', page))
    sent = {"version": str(version), "note": note, **hidden}
    assert client.submit("/rubrics/drafts/1/publish", sent).status_code == 303


def test_what_is_published_is_named_everywhere_and_told_to_agents(client: PageClient, signed_in: SignIn) -> None:
    sent = {"file": ATTITUDE, "item": "", "version": "1", "do": "add", "check": "curt_reply"}
    assert client.submit(f"{EDIT}/criteria", sent, page=f"{EDIT}?file={ATTITUDE}").status_code == 303
    assert save(client, ATTITUDE, "curt_reply_2", 2, title__zh="只回一个字", weight="3") == 303
    assert "只回一个字" not in client.get("/conversations").text
    publish(client, 3, "短答也要答到点上。")
    assert "只回一个字" in client.get("/conversations").text
    agent = signed_in("agent")
    for page in ("/", "/results"):
        shown = agent.get(page).text
        assert "短答也要答到点上。" in shown
        assert "质检项“只回一个字”" in shown
    assert "短答也要答到点上。" not in client.get("/").text, "leads see it at the desk"
    release = re.search(r"/results/rubrics/(\d+)/read", shown)
    assert release is not None
    assert agent.submit(release[0], {"back": "home"}, page="/").location == "/"
    assert "短答也要答到点上。" not in agent.get("/").text
    assert agent.submit("/results/rubrics/999/read", {}, page="/results").status_code == 404
