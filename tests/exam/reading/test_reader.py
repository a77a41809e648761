"""The shipped reader: what its file holds, and how it is asked."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from qaplatform.audit.conversation import Message
from qaplatform.exam.act_names import LABELS
from qaplatform.exam.reading.reader import FILE, last_words, reader_of, shipped_reader
from qaplatform.resources import shipped_file


def test_the_shipped_reader_tells_the_agreed_labels() -> None:
    assert shipped_reader().labels == LABELS


def test_every_label_has_a_probability_and_a_place() -> None:
    text = "  对不起亲,麻烦您拍张照片"
    readings = shipped_reader().read(text, "碎了")
    assert [(one.act, one.about) for one in readings] == list(LABELS)
    assert all(0 <= one.probability <= 1 and 0 <= one.start < one.end <= len(text) for one in readings)
    place = {(one.act, one.about): text[one.start : one.end] for one in readings}
    assert place["apologises", None] in "对不起"
    assert place["asks", "photo"] in "麻烦您拍张照片"


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_is_read_in_nothing(text: str) -> None:
    assert shipped_reader().read(text, "在吗") == ()


def test_a_reply_longer_than_the_network_is_read_as_far_as_it_goes() -> None:
    assert len(shipped_reader().read("您好,我们已经查过了。" * 200, "在吗" * 60)) == len(LABELS)


def test_the_file_of_another_version_is_refused() -> None:
    with np.load(io.BytesIO(shipped_file("packs", FILE).read_bytes())) as file:
        about = json.loads(file["about"].tobytes())
    about["version"] = 2
    other = io.BytesIO()
    np.savez(other, about=np.frombuffer(json.dumps(about).encode(), np.uint8))
    with pytest.raises(ValueError, match=r"packs/reply_reader\.npz has version 2; this program reads version 1"):
        reader_of(other.getvalue())


def _said(*lines: tuple[str, str]) -> list[Message]:
    return [Message(role, text) for role, text in lines]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ([], ""),
        (_said(("customer", "在吗"), ("customer", "碎了")), "在吗 碎了"),
        (_said(("customer", "在吗"), ("agent", "您好"), ("customer", "碎了")), "碎了"),
        (_said(("customer", "碎了"), ("agent", "您好"), ("agent", "我看看")), "碎了"),
        (_said(("customer", "a" * 80)), "a" * 60),
    ],
)
def test_with_a_reply_goes_what_the_customer_said_last(before: list[Message], wanted: str) -> None:
    assert last_words(before) == wanted
