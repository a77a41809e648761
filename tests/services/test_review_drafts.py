"""Drafts of reviews as text: what is refused, and what comes back as it was."""

from __future__ import annotations

import pytest

from qaplatform.services.review_drafts import Added, Answer, BadDraftError, Comment, Draft, draft_of, parsed, stored

BAD = [
    "no json",
    '{"answers": [{"criterion": "a", "kind": "shout"}]}',
    '{"answers": [{"criterion": "a", "kind": "confirm"}, {"criterion": "a", "kind": "confirm"}]}',
    '{"added": [{"criterion": "a", "message": 1, "start": 5, "end": 5}]}',
    '{"added": [{"criterion": "a", "message": -1, "start": 5, "end": 6}]}',
    '{"summary": "' + "长" * 2001 + '"}',
    '{"comments": [{"text": ""}]}',
]


@pytest.mark.parametrize("text", BAD)
def test_a_draft_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadDraftError):
        parsed(text)


def test_drafts_come_back_as_they_were_and_without_nul() -> None:
    draft = Draft(
        (Answer("a", "confirm", wrong=(1, 2)),), (Added("b", 1, 2, 5, "看"),), (Comment("好\0", "praise"),), "总\0结"
    )
    back = draft_of(stored(draft))
    assert (back.comments[0].text, back.summary) == ("好", "总结")
    assert (back.answers, back.added) == (draft.answers, draft.added)
    assert stored(Draft()) == {}
