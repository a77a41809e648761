"""Is the return address one of the shop's, in English chats?"""

from __future__ import annotations

import pytest

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import return_address as check
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.observing import ObserverSet
from tests.audit.build import shipped_matcher

LEEDS = "Unit 4, Harrow Trade Park, 18 Mill Lane, Leeds, West Yorkshire LS10 1AB"
AUSTIN = "Cedar & Pine Returns, 4400 N Burnet Road, Suite 210, Austin, TX 78756"
PUNE = "Gate 3, 27 Sinhagad Road, Pune, Maharashtra 411030"

CASES = (
    ("fail", LEEDS, ["where do i send it back", "To our Bradford unit please, 9 Canal Street, Bradford BD1 4AB"]),
    ("pass", LEEDS, ["hi, returning a lamp, whats the address", "its unit 4 harrow trade park, 18 mill ln, leeds ls101ab x"]),
    ("pass", LEEDS, ["want to swap the blue one", "Sure. 18 Mill Lane, Leeds. We'll send the new one to 3 Oak Street, York"]),
    ("not_applicable", LEEDS, ["refund please", "Done, no need to post anything back"]),
    ("not_applicable", LEEDS, ["my exchange, send it to my office: 5 High Street, York YO1 7HH", "Ok, so 5 High Street, York YO1 7HH"]),
    ("fail", LEEDS, ["send it back to 18 Hill Lane, Leeds?", "yep, that's the one"]),
    ("pass", LEEDS, ["send it back to 18 Mill Lane, Leeds?", "yep, that's the one"]),
    ("pass", LEEDS, ["return address?", "9 Canal Street, Bradford", "sorry, ignore that. It's 18 Mill Lane, Leeds LS10 1AB"]),
    ("pass", LEEDS, ["return address?", "Please don't send it to 9 Canal Street. It's 18 Mill Lane, Leeds"]),
    ("not_applicable", LEEDS, ["can i return it in a shop", "You can drop it off at the post office, 22 Park Row, York"]),
    ("fail", AUSTIN, ["need to return the chair", "Ship to 4400 N Burnet Rd, Suite 120, Austin, Texas 78756"]),
    ("pass", AUSTIN, ["need to return the chair", "Ship it to:\n4400 North Burnet Rd\nSte 210\nAustin TX 78756"]),
    ("fail", AUSTIN, ["need to return the chair", "4400 Burnet Road, Suite 210, Dallas, TX 75201"]),
    ("pass", PUNE, ["i want to return the saree", "Kindly courier to Gate no. 3, 27 Sinhagad Rd, Pune 411030, India"]),
    ("fail", PUNE, ["i want to return the saree", "Kindly courier to 72 Sinhagad Road, Pune - 411030"]),
    ("fail", "浙江省杭州市余杭区梧桐路18号", ["where to return", "Please send to No. 999 Nowhere Road, Hangzhou"]),
    ("pass", "浙江省杭州市余杭区梧桐路18号", ["where to return", "Please send to No. 18 Wutong Road, Yuhang District, Hangzhou"]),
    ("unscored", "", ["where to return", "Please send to 18 Mill Lane, Leeds"]),
)  # fmt: skip


@pytest.mark.parametrize(("outcome", "right", "said"), CASES)
def test_an_english_return_address_is_compared_part_by_part(outcome: str, right: str, said: list[str]) -> None:
    first, *answers = said
    messages = (
        Message(role="customer", text=first),
        *(Message(role="agent", text=text, agent="a1") for text in answers),
    )
    meta = {"return_addresses": [right]} if right else {}
    one = Conversation(id="1", messages=messages, meta=meta)
    batch = Batch([one], shipped_matcher(), Context(), ObserverSet())
    assert OUTCOMES[check.check(batch, check.Params()).outcome[0]] == outcome
