"""Passwords: argon2id at a named cost, readable ones by chance, and what is too weak."""

from __future__ import annotations

import pytest
import yaml

from qaplatform.resources import shipped_file
from qaplatform.services.passwords import (
    FEWEST_CHARS,
    MOST_CHARS,
    STANDARD,
    CommonPasswordError,
    Cost,
    LoginAsPasswordError,
    LongPasswordError,
    Passwords,
    ShortPasswordError,
    WeakPasswordError,
    check_password,
    readable_password,
)
from tests.people import QUICK


def test_the_standard_hash_is_argon2id_at_the_cost_we_named() -> None:
    kept = STANDARD.hashed("correct horse")
    assert kept.startswith("$argon2id$v=19$m=32768,t=3,p=1$")
    assert len(kept) < 300
    assert STANDARD.fits(kept, "correct horse")
    assert not STANDARD.is_outdated(kept)


def test_the_same_password_has_another_hash_each_time() -> None:
    assert QUICK.hashed("correct horse") != QUICK.hashed("correct horse")


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("Ångström 密码", True),
        ("A\u030angstro\u0308m 密码", True),
        ("ångström 密码", False),
        ("Ångström 密码 ", False),
        ("", False),
    ],
)
def test_characters_are_compared_however_they_are_typed(typed: str, fits: bool) -> None:
    assert QUICK.fits(QUICK.hashed("Ångström 密码"), typed) == fits


def test_nothing_fits_a_hash_that_is_none() -> None:
    assert not QUICK.fits(None, "x")
    assert not QUICK.fits("not a hash", "x")
    assert not QUICK.fits("", "")


def test_a_password_with_more_behind_it_is_another_one() -> None:
    kept = QUICK.hashed("x" * MOST_CHARS)
    assert QUICK.fits(kept, "x" * MOST_CHARS)
    assert not QUICK.fits(kept, "x" * (MOST_CHARS + 1))


@pytest.mark.parametrize("cost", [Cost(passes=2, memory_kibibytes=8), Cost(passes=1, memory_kibibytes=16)])
def test_a_hash_of_another_cost_is_outdated_and_still_fits(cost: Cost) -> None:
    kept = QUICK.hashed("correct horse")
    assert Passwords(cost).is_outdated(kept)
    assert Passwords(cost).fits(kept, "correct horse")


@pytest.mark.parametrize(
    ("password", "error"),
    [
        ("123456789", ShortPasswordError),
        ("一二三四五六七八九", ShortPasswordError),
        ("x" * 501, LongPasswordError),
        ("1234567890", CommonPasswordError),
        ("QwertyUIOP", CommonPasswordError),
        ("woaini1314520", CommonPasswordError),
        ("Password123", CommonPasswordError),
        ("wang.xiaoming", LoginAsPasswordError),
        ("WANG.XIAOMING", LoginAsPasswordError),
        ("王小明和他的朋友们一起", LoginAsPasswordError),
        # No rule about what a password is made of.
        ("aaaaaaaaab", None),
        ("就是这么一句话而已呀", None),
        ("correct horse battery staple", None),
        ("x" * 500, None),
    ],
)
def test_what_is_too_weak(password: str, error: type[WeakPasswordError] | None) -> None:
    def check() -> None:
        check_password(password, login="wang.xiaoming", name="王小明和他的朋友们一起")

    if error is None:
        check()
        return
    with pytest.raises(error):
        check()


def test_the_list_of_the_commonest_holds_only_what_the_length_lets_through() -> None:
    listed = yaml.safe_load(shipped_file("packs", "passwords.yaml").read_text(encoding="utf-8"))["commonest"]
    assert all(isinstance(one, str) and len(one) >= FEWEST_CHARS for one in listed)
    assert len(set(listed)) == len(listed) > 100


def test_a_readable_password_can_be_read_and_is_another_one_each_time() -> None:
    made = {readable_password() for _ in range(50)}
    assert len(made) == 50
    for one in made:
        groups = one.split("-")
        assert [len(group) for group in groups] == [4, 4, 4, 4]
        assert not set("".join(groups)) & set("0o1li")
        check_password(one, login="admin")
