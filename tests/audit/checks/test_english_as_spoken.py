"""Live chat as people type it in the US, the UK, Australia and India: lower case, no apostrophes, slang, halves of sentences."""

from __future__ import annotations

from types import ModuleType

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import (
    asked_twice,
    closing_check,
    concrete_promise,
    greeting,
    night_auto_reply,
    promise_kept,
    transfer_handling,
)
from tests.audit.build import batch_of


def outcome(check: ModuleType, chat: str) -> str:
    batch = batch_of(chat)
    return OUTCOMES[check.check(batch, check.Params()).outcome[0]]


VAGUE = [
    "ill chase the courier for u", "I shall revert to you at the earliest", "someone from the team will be in touch",
    "we're gonna send u a new one", "One of the lads will ring you", "Leave it with me and I'll see what I can do",
    "I’ll give the depot a ring and let you know what they say", "itll go out in the next few days",
    "your refund is going to be issued once it arrives back", "A new one is on its way to you soon",
    "You can expect a call from our technician soon", "she'll ring you later",
]  # fmt: skip
DATED = [
    "You'll have an answer within the hour", "I'll let you know by end of play", "ill sort it by tmrw noon",
    "I'll message you here at half four", "We'll post it out this afternoon", "You'll get it Weds.",
    "our courier boy will collect on 20 October between 10 and 2", "I'll give you a buzz in 20",
    "I'll ring you back in a couple of hours", "replacement will go out on the 15th",
]  # fmt: skip
NONE = [
    "It will fit a 32 inch waist", "I'll be honest with you, it runs small", "You'll find the label inside the box",
    "Shall I send you a new one?", "I'm going to need your order number", "I'll tell you what, the blue one is nicer",
    "You'll get a confirmation email automatically when you order.", "We'd never send you a used one.",
    "You'll love it!", "I promise you it doesn't shrink", "Please send the photo as soon as possible.",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [(text, "fail") for text in VAGUE]
    + [(text, "pass") for text in DATED]
    + [(text, "not_applicable") for text in NONE],
)
def test_a_promise_is_heard_with_its_time(text: str, expected: str) -> None:
    chat = f"customer 14:00 the lid was broken\nagent 14:01 {text}\ncustomer 14:02 ok\nagent 14:03 thanks for your patience"
    assert outcome(concrete_promise, chat) == expected


@pytest.mark.parametrize(
    ("promise", "later", "expected"),
    [
        ("I'll ask and tell you by 4 this afternoon", "15:40 They found it, it ships today", "pass"),
        ("I'll ask and tell you by 4 this afternoon", "17:15 Sorry, they say yes", "fail"),
        ("You hear from me within the hour", "14:50 So, not what you hoped for: the depot lost it", "pass"),
        ("We'll let you know before 5", "18:21 It's been found", "fail"),
        ("half an hour at most, I'll go and measure", "14:29 Measured: 48 x 33 x 19", "pass"),
        ("I'll tell you within 2 hours", "15:20 Still waiting for them I'm afraid", "fail"),
        ("We're open till 8 tonight", "15:20 have a nice day", "not_applicable"),
    ],
)
def test_news_in_time_keeps_a_promise(promise: str, later: str, expected: str) -> None:
    chat = f"customer 14:00 any news\nagent 14:01 {promise}\ncustomer 14:02 ok\nagent {later}\ncustomer 19:30 ok"
    assert outcome(promise_kept, chat) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("I'm passing you over to Dave", "Hello, Dave here. Which order?", "fail"),
        ("hang on please", "Hi, carrying on for my colleague. Which bracelet?", "fail"),
        ("Transferring you now.", "Hi there, how are you?", "fail"),
        ("My shift ends now so Anna will look after you from here", "Hi, Anna here", "pass"),
        ("That's above my pay grade, one of our trade sales people takes you on from here", "Afternoon!", "pass"),
        ("hang on", "It's Priya from the engraving room, only we can restart a dedication", "pass"),
        ("Invoices are Priya's department, she'll be with you in a tick", "Hello, Priya here from accounts", "pass"),
    ],
)
def test_who_takes_over_and_why_is_told_in_many_ways(before: str, after: str, expected: str) -> None:
    chat = f"customer 10:00 the clasp broke\nagent 10:01 {before}\nsystem 10:02 transfer\nagent:a2 10:03 {after}"
    assert outcome(transfer_handling, chat) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("best to give DPD a ring and ask them", "fail"),
        ("Kindly approach the courier company for the same, sir", "fail"),
        ("The carrier has to sort it, best ring their helpline", "fail"),
        ("No need to call the courier, I'll do that", "not_applicable"),
        ("The courier will contact you before delivery", "not_applicable"),
        ("I rang the courier this morning, they found it", "not_applicable"),
    ],
)
def test_sent_to_the_courier_alone(text: str, expected: str) -> None:
    assert (
        outcome(transfer_handling, f"customer 10:00 my parcel is lost\nagent 10:01 {text}\ncustomer 10:02 ok")
        == expected
    )


@pytest.mark.parametrize(
    ("given", "question", "answer", "expected"),
    [
        ("hi order 556677 hasnt come", "Could I have your order number please?", "556677", "fail"),
        ("hes 6ft1 and skis like a maniac", "Nice. And how tall is he?", "still 6ft1 :D", "fail"),
        ("voucher does nothing in ur android app", "Do you use an iPhone or Android?", "android as i said", "fail"),
        ("its about 88-4410, two cups missing", "Which order is this about?", "88-4410", "fail"),
        ("my dog is a 12kg beagle", "How heavy is your dog?", "12kg", "fail"),
        ("i want a refund not an exchange", "Would you like a refund or a replacement?", "refund", "fail"),
        ("order 30771 has 3 wheels, other order too", "What's the order number of that one?", "30526", "pass"),
        ("broken [image]", "The picture is too dark, could you take it again?", "[image]", "pass"),
        ("order 3321 and order 3322", "Which of the two, 3321 or 3322?", "3322", "pass"),
        ("waist 32", "And the leg?", "30", "pass"),
        ("i got the blue one, want another colour", "Which colour would you like instead?", "red", "pass"),
    ],
)
def test_asking_for_what_stands_above(given: str, question: str, answer: str, expected: str) -> None:
    chat = f"customer 10:00 {given}\nagent 10:01 {question}\ncustomer 10:02 {answer}\nagent 10:03 ok"
    assert outcome(asked_twice, chat) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(text, "pass") for text in ("Is that everything?", "That you sorted, or is there more on your list?", "All good now?",
                                 "Does that sort it for you?", "kindly confirm if your query is resolved", "Anythin else hun?")]
    + [(text, "fail") for text in ("Have a good one mate", "ok bye", "Stay safe, bye", "Have a fab weekend, thanks for stopping by",
                                   "Thank you, kindly rate my service")],
)  # fmt: skip
def test_the_closing_question_in_homely_words(text: str, expected: str) -> None:
    chat = f"customer 10:00 code doesnt work\nagent 10:01 I have fixed the code, try it\ncustomer 10:02 ok\nagent 10:03 {text}"
    assert outcome(closing_check, chat) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(text, "pass") for text in ("Our desks are empty until 9 in the morning", "The kettle goes on at nine and so do we",
                                 "Live chat is staffed 9 to midnight", "Agents join this chat from 09:00", "Back at nine!")]
    + [(text, "fail") for text in ("We'll reply as soon as we can", "Orders placed before 9:00 am ship the same day",
                                   "Flash sale starts at 9:00 sharp!", "You are number 9 in the queue")],
)  # fmt: skip
def test_when_people_are_back(text: str, expected: str) -> None:
    assert outcome(night_auto_reply, f"customer 01:20:00 my kettle leaks\nbot 01:20:02 {text}") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(text, "pass") for text in ("Tom here, yes it is", "Namaste ma'am, yes", "You're through to Bethan on the dairy desk",
                                 "My name's Ed. Yes, it is.", "alright mate, yeah we do", "Good to see you back! Yes")]
    + [(text, "fail") for text in ("Hi-vis vest? Yes in stock.", "I'm sorry, it's sold out.", "i am checking",
                                   "It says hello on the front, yes", "The red one is here in stock")],
)  # fmt: skip
def test_greetings_and_introductions(text: str, expected: str) -> None:
    assert outcome(greeting, f"customer 10:00 is it in stock?\nagent 10:01 {text}") == expected
