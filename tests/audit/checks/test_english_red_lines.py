"""What agents must not write, in English chats: leading away, bought praise, absolute claims, others' data."""

from __future__ import annotations

from types import ModuleType

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import absolute_claims, off_platform, personal_data, review_request
from tests.audit.build import batch_of

FAULTS = {
    off_platform: """
        pls msg me on insta, i dont check this much
        u can just paypal me direct, friends and family
        honestly dont order here. my mate runs a shop round the corner, cash in hand
        easier on w h a t s a p p, same number as my listing
        lets move this to messenger, this chat is monitored
        shoot me a text, number's zero four one two, three three four, five five six
        got a spare one at home, drop me a line at tom.ward@gmail.com
        Can you transfer the balance to Mr Chen's personal account? its quicker
        we've a private group where it's all half price, gimme ur telegram
        u on whatsapp? // yeah 07700 900412
        could I pay you directly, paypal or smth // sure thing, hannah.makes@example.com
    """,
    review_request: """
        could you change that 2 star to a 5? then I can refund u straight away
        anything less than 5 stars counts against me so pls give five
        post a pic with a nice comment and we will send a free gift
        Leave us feedback and we'll enter you in a prize draw for a £50 gift card
        don't leave a bad review please, my manager will cut my pay
        Just need you to switch the rating to 5 before i can release the replacement
        Kindly rate excellent only sir otherwise they deduct
        I can do the refund, but first that one star needs to go
    """,
    absolute_claims: """
        you wont find a cheaper one anywhere
        there's no finer chocolate on the planet
        ours is the only one that actually works
        every other blender is junk compared to ours
        its totally unbreakable, there isn't a thief alive who'll ever get it open
        your kids' kids will still be using it, it cannot break
        with this serum wrinkles vanish completely in a week
        we are India's number one saree shop
        will it really never fade? // never!
    """,
    personal_data: """
        I just need the long number across the front of your card and the expiry date
        kindly share OTP sir
        to verify can you send copy of aadhaar card and pan card
        What's your date of birth please, need it for the refund
        do u stay alone at home madam
        Registered with mobile 98400 00173 and Aadhaar number 4821 0097 3316, correct?
        your neighbour Mrs Patel at 14 Oak Street ordered the same one
        the sender is Mark Tully, mobile 0491 570 156
        who sent me these? // it was ordered by a Mr Daniel Reyes
    """,
}

INNOCENT = {
    off_platform: """
        I'm afraid we don't use WhatsApp, but you can attach photos here
        please don't pay anyone outside the site, it isn't us
        We'll text you when the parcel is out for delivery
        Bank transfer is available at checkout, choose it under payment
        two, three, four or five pieces, all same price
        Line of sight you get about 8 miles, add it to your cart
        Paying outside the platform means you lose buyer protection, so we never do that
        The courier takes cash on delivery in your area
        can i whatsapp you // sorry we only chat here
    """,
    review_request: """
        Feel free to leave a review, good or bad
        thanks for the five star review, it made our day
        we never ask for good reviews, just honest ones
        You can edit your review under My Orders
        it's a five star energy rating
        please review your order and change the address if needed
        Our chef's knives get five stars from most reviewers
        how do i change my review // go to my orders, tap review, then edit
        ill give 5 stars if you give me 10 off // haha we can't trade for stars, but thank you
    """,
    absolute_claims: """
        best to wash it at 30
        I'd never say it can't break
        It's 100% cotton. The No. 1 is about 1.5mm
        i'm 100% sure it's in stock
        your satisfaction is our number one priority
        no one was home so the driver left a card
        I can't find a better address for you in the system
        there's a price match guarantee, ask within 7 days
        is it the best one? // depends what you need it for
    """,
    personal_data: """
        never share your verification code with anyone, we won't ask for it
        please share your pin code, I'll check if we deliver there
        bring some ID when you collect it
        your card ending 4412 will be refunded
        the driver's number is 07700 900222 if he gets lost
        the parcel was left with your neighbour at number 12
        what's the serial number on the back?
        Order HC-55203 left us Tuesday, tracking is JD0002299410077345
        my number is 07700 900123, has it changed? // your number is still 07700 900123
    """,
}


def _cases(sentences: dict[ModuleType, str]) -> list[tuple[ModuleType, str]]:
    return [(check, line.strip()) for check, lines in sentences.items() for line in lines.strip().splitlines()]


def _outcome(check: ModuleType, said: str) -> str:
    asked, _, answer = said.rpartition(" // ")
    batch = batch_of(f"customer 10:00:00 {asked or 'hi there'}\nagent 10:00:20 {answer}")
    return OUTCOMES[check.check(batch, check.Params()).outcome[0]]


@pytest.mark.parametrize(("check", "said"), _cases(FAULTS))
def test_what_must_not_be_written_in_english_is_found(check: ModuleType, said: str) -> None:
    assert _outcome(check, said) == "fail"


@pytest.mark.parametrize(("check", "said"), _cases(INNOCENT))
def test_words_that_look_alike_in_english_are_let_off(check: ModuleType, said: str) -> None:
    assert _outcome(check, said) == "pass"


@pytest.mark.parametrize(
    "said",
    ["这款有VIP价,OK的话我给您备注", "size M的还有两件", "您点direct付款的按钮就行", "包装上有best before日期的"],
)
def test_a_few_english_words_in_a_chinese_answer_change_nothing(said: str) -> None:
    assert {_outcome(check, said) for check in FAULTS} == {"pass"}
