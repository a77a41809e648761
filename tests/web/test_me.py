"""One's own account."""

from __future__ import annotations

import pytest

from tests.web.conftest import SignIn

NEW = "three plain words"


def test_the_page_says_who_one_is(signed_in: SignIn) -> None:
    page = signed_in("boss").get("/me").text
    assert "秦嘉树" in page
    assert "管理员、质检主管" in page


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", NEW, NEW, "当前密码不正确。"),
        ("lead", "short", "short", "密码至少需要 10 个字符"),
        ("lead", NEW, "other words here", "两次输入的新密码不一致。"),
        ("lead", "1234567890", "1234567890", "太常见"),
        ("lead", "", "", "请填写此项。"),
        ("", NEW, NEW, "请填写此项。"),
    ],
)
def test_a_password_that_cannot_be_set_says_why(signed_in: SignIn, old: str, new: str, again: str, said: str) -> None:
    client = signed_in("lead")
    answer = client.submit("/me", {"old": old, "new": new, "again": again})
    assert answer.status_code == 400
    assert said in answer.text
    assert signed_in("lead").get("/me").status_code == 200


def test_a_new_password_ends_the_sessions_elsewhere_and_keeps_this_one(signed_in: SignIn) -> None:
    here, elsewhere = signed_in("lead"), signed_in("lead")
    assert here.submit("/me", {"old": "lead", "new": NEW, "again": NEW}).status_code == 303
    assert "密码已修改" in here.get("/me").text
    assert elsewhere.get("/me").status_code == 303
