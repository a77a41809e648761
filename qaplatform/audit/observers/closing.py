"""Does the shop ask whether all is solved, and how does the chat end?

Why: a case is closed only when the customer confirms or a follow-up was made. Source: D6 [H2]; what counts as an open or
pending end is the labelling guideline's.

The closing check is the first human message that asks whether it is solved or whether there is anything else; in the
customer's first turn 有什么可以帮您 is an opening, not a check. How a chat ends is read from its last words: an
unanswered question leaves it ``open``; thanks or a solved problem are ``confirmed``, unless a callback, a review or another
department is still to come; a bare 好的 with work left is ``pending``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.batch import Batch, Bools, Ints
from qaplatform.audit.observing import CLOSED, ObserverParams, SeenClosing

_CONFIRMED, _PENDING, _OPEN, _UNCLEAR = (CLOSED.index(name) for name in ("confirmed", "pending", "open", "unclear"))


class Params(ObserverParams, frozen=True):
    """Phrase groups of the last words."""

    checks: tuple[str, ...] = ("close/check",)
    results: tuple[str, ...] = ("close/result",)
    """Questions whether it works now; before the end they are the agent's search for the cause."""
    outstanding: tuple[str, ...] = ("close/outstanding",)
    callback: tuple[str, ...] = ("close/callback",)
    referred: tuple[str, ...] = ("close/referred",)
    input_wanted: tuple[str, ...] = ("close/needs_input",)
    own_try: tuple[str, ...] = ("close/dm",)
    details: tuple[str, ...] = ("close/dm_details",)
    """The same where 如您方便 goes before; read in the shop's last message only."""
    advice: tuple[str, ...] = ("close/advice",)
    """What the customer is told to do, read in the shop's last message only."""
    awaits: tuple[str, ...] = ("end/awaits",)
    """The customer's words that a call or a message of the shop's is still to come."""
    gives: tuple[str, ...] = ("end/gives",)
    """Numbers and addresses: the shop has what it asked for."""
    pleasantries: tuple[str, ...] = ("close/farewell", "close/opening")
    """Before these and a closing question stands what the shop said last about the matter."""
    sent: tuple[str, ...] = ("end/sent",)
    """The customer has sent what was asked for: no question is left hanging."""
    thanks: tuple[str, ...] = ("end/thanks",)
    solved: tuple[str, ...] = ("end/solved",)
    settled: tuple[str, ...] = ("end/settled",)
    questions: tuple[str, ...] = ("ask/question",)
    no_more: tuple[str, ...] = ("end/no_more",)
    ok: tuple[str, ...] = ("end/ok",)
    unsolved: tuple[str, ...] = ("end/unsolved",)
    praise_topics: tuple[str, ...] = ("other/praise",)
    """Chats that are about nothing else need no other confirmation."""
    work_topics: tuple[str, ...] = ("after_sale_service", "return_refund")
    """Matters in which a 好的 to what was explained leaves the customer something to do."""
    last_human_messages: int = 6
    """How many of the shop's last messages are read for what is still to come."""
    short_letters: int = 20
    """A solved problem counts only in a customer message of at most this many letters and digits."""
    thanks_letters: int = 40
    """So do thanks; in a question or request only up to :attr:`polite_letters`: 请问…谢谢 asks."""
    polite_letters: int = 10
    settled_letters: int = 40
    """Words that leave no doubt that it is solved (搞定了) count in messages up to this length, unless it asks."""
    pleasant_letters: int = 60
    """A farewell or a closing question of at most this many letters says nothing of the matter."""
    last_customer_messages: int = 4
    """In so many of the customer's last messages 等你电话 is looked for."""


def observe(batch: Batch, params: Params) -> SeenClosing:
    """The closing check and the end of each conversation."""
    answers = batch.is_human & (batch.last_customer >= 0)
    late = _tail(batch, answers & (batch.last_human >= 0), params.last_human_messages)
    asks = (answers & batch.has(*params.checks)) | (late & batch.has(*params.results, within=late))
    return SeenClosing(batch.first_in_conversation(asks), _ends(batch, params, asks), asks)


def _tail(batch: Batch, mask: Bools, count: int) -> Bools:
    """The last ``count`` rows of ``mask`` in each conversation."""
    so_far = np.cumsum(mask)
    total = np.concatenate([[0], so_far])[batch.begin[1:]]
    tail: Bools = mask & (so_far > total[batch.conversation] - count)
    return tail


def _unhappy(batch: Batch, last_content: Ints) -> Bools:
    """Conversations in which an episode of emotion reaches at least ``last_content``."""
    out = np.zeros(len(batch), np.bool_)
    for episode in batch.observe("episodes"):
        conversation = int(batch.conversation[episode.row])
        if episode.last_row >= last_content[conversation]:
            out[conversation] = True
    return out


def _ends(batch: Batch, params: Params, asks: Bools) -> NDArray[np.int8]:
    any_of, last_of = batch.any_in_conversation, batch.last_in_conversation
    customer = batch.is_customer
    unsolved = customer & batch.has(*params.unsolved)
    replies = customer & (batch.last_human >= 0)
    longest = np.where(batch.has(*params.questions), params.polite_letters, params.thanks_letters)
    settles = batch.has(*params.settled)
    solved = batch.has(*params.solved) & (batch.letters <= np.minimum(longest, params.short_letters))
    solved |= settles & (batch.letters <= params.settled_letters) & (longest > params.polite_letters)
    solved &= replies
    thanks = replies & batch.has(*params.thanks) & (batch.letters <= longest) & ~unsolved
    solved &= ~unsolved
    no_more = customer & batch.has(*params.no_more)
    ok = customer & batch.has(*params.ok)
    sent = customer & batch.has(*params.sent)
    closing_words = thanks | no_more | solved | ok | sent | (batch.letters < 1)
    closing_words &= customer
    last_content = last_of(customer & ~closing_words)
    before_that = last_of(customer & ~closing_words & (batch.rows < last_content[batch.conversation]))
    last_human = last_of(batch.is_human)
    human_tail = _tail(batch, batch.is_human, params.last_human_messages)
    at_end = batch.is_human.copy()
    at_end[:] = False
    at_end[last_human[last_human >= 0]] = True
    after_content = human_tail & (batch.rows > last_content[batch.conversation])
    of_matter = human_tail & ~((asks | batch.has(*params.pleasantries)) & (batch.letters <= params.pleasant_letters))
    at_matter = at_end | (after_content & (batch.rows == last_of(of_matter & (batch.letters > 1))[batch.conversation]))

    asked = np.zeros(len(batch), np.bool_)
    asked[batch.conversation[batch.observe("unanswered")]] = True
    accepted = ((thanks | ok) & ~no_more)[np.minimum(batch.next_customer, len(batch.texts) - 1)]
    asking = batch.has(*params.input_wanted) & ~asks
    strong = batch.has(*params.callback) & (~asking | (accepted & (batch.next_customer < batch.end_of)))
    thanked = last_of(thanks | solved) > last_content
    finished = last_of(no_more) > last_content
    hanging = (last_content > last_human) & ~thanked
    callback = any_of(human_tail & strong)
    callback &= last_of(solved & settles) <= np.maximum(last_of(human_tail & strong), last_content)
    said_late = _tail(batch, replies, params.last_customer_messages) & (batch.letters <= params.thanks_letters)
    callback |= any_of(said_late & batch.has(*params.awaits, within=said_late))
    outstanding = callback | any_of(human_tail & batch.has(*params.outstanding))
    promised = any_of(after_content & (strong | batch.has(*params.outstanding)))
    told = batch.has(*params.own_try) | batch.has(*params.details, *params.advice, within=at_matter)
    own_try = any_of(at_matter & told)
    last_words = customer & (batch.rows == last_content[batch.conversation])
    given = any_of(last_words & batch.has(*params.gives, within=last_words)) & (own_try | any_of(at_end & asking))
    asks_on = any_of(last_words & batch.has(*params.questions))
    referred = any_of(after_content & batch.has(*params.referred, within=after_content))
    input_wanted = any_of(at_end & asking)
    unhappy = (_unhappy(batch, before_that) | (last_of(unsolved) >= np.maximum(last_content, 0))) & ~thanked
    unhappy &= ~finished
    praises = any_of(customer & (settles | batch.has(*params.thanks))) & ~any_of(
        customer & (longest < params.thanks_letters)
    )
    return _decide(
        (
            (hanging & given, _PENDING),
            (asked | (last_human < 0) | (hanging & unhappy), _OPEN),
            (unhappy & (own_try | referred | promised | (outstanding & (last_of(ok) > last_content))), _PENDING),
            (unhappy, _OPEN),
            (last_of(sent) > last_human, _PENDING),
            (thanked & ~callback, _CONFIRMED),
            (thanked, _PENDING),
            (hanging & (asks_on | (~own_try & ~outstanding)), _OPEN),
            (finished & ~callback & ~outstanding, _CONFIRMED),
            (finished | own_try | outstanding | referred, _PENDING),
            (input_wanted, _OPEN),
            (praises | _of_topic(batch, params.praise_topics), _CONFIRMED),
            ((last_of(ok) > last_content) & _of_topic(batch, params.work_topics), _PENDING),
        ),
        len(batch),
    )


def _of_topic(batch: Batch, starts: tuple[str, ...]) -> Bools:
    """Conversations whose topic's path begins with one of ``starts``."""
    topics = batch.observe("topic")
    told = np.asarray(["/".join(path).startswith(starts) for path in topics.paths])
    return np.asarray(told[topics.topic], np.bool_)


def _decide(rules: Sequence[tuple[Bools, int]], size: int) -> NDArray[np.int8]:
    """The end named by the first rule that holds, else ``unclear``."""
    out = np.full(size, _UNCLEAR, np.int8)
    undecided = np.ones(size, np.bool_)
    for holds, end in rules:
        out[undecided & holds] = end
        undecided &= ~holds
    return out
