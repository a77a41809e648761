"""Episodes of the customer's emotion and what answers them."""

from __future__ import annotations

import pytest

from qaplatform.audit.observing import SeenEpisode
from tests.audit.build import batch_of


def seen(*transcripts: str) -> list[list[SeenEpisode]]:
    """The episodes of each transcript."""
    batch = batch_of(*transcripts)
    out: list[list[SeenEpisode]] = [[] for _ in transcripts]
    for episode in batch.observe("episodes"):
        out[int(batch.conversation[episode.row])].append(episode)
    return out


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("锅盖一掀漆全掉了,气死我了", "displeased"),
        ("怎么还没给我处理", "displeased"),
        ("才穿两回就开胶了", "displeased"),
        ("你们这不是糊弄人吗", "displeased"),
        ("我要投诉你们客服", "displeased"),
        ("烦", "displeased"),
        ("This is ridiculous, I want my money back", "displeased"),
        ("人呢", "hurried"),
        ("?????", "hurried"),
        ("我急用,后天就要走了", "hurried"),
        ("担心在路上摔坏", "worried"),
    ],
)
def test_a_feeling_is_seen_with_its_kind(text: str, kind: str) -> None:
    (episodes,) = seen(f"customer {text}\nagent 好")
    assert [episode.kind for episode in episodes] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "请问这款还有货吗",
        "收到是坏的,可以换一个吗",
        "退款还没到账,麻烦看下",
        "不急,您慢慢查",
        "?",
        "垃圾袋有大号的吗",
        "谢谢!",
        "把我妈的电话写上",
        "订单号是9123154007",
    ],
)
def test_politely_reported_faults_and_plain_questions_are_none(text: str) -> None:
    assert seen(f"customer {text}\nagent 好") == [[]]


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("agent 新锅成这样确实气人,真对不起,给您换一个", "first"),
        ("agent 请提供订单号和照片\nagent 给您添麻烦了", "late"),
        ("agent 请提供订单号和照片\ncustomer 8841\nagent 给您带来不便非常抱歉", "late"),
        ("agent 请提供订单号和照片\ncustomer 8841\nagent 已登记", "missing"),
        ("agent 抱歉这个无法退款", "missing"),
        ("", "no_reply"),
    ],
)
def test_the_verdict_says_where_the_acknowledgement_stands(answer: str, verdict: str) -> None:
    ((episode,),) = seen(f"customer 锅底全是锈,气死我了\n{answer}")
    assert episode.verdict == verdict
    assert (episode.at is None) == (verdict in ("missing", "no_reply"))


def test_an_apology_for_a_slow_reply_answers_only_a_complaint_of_waiting() -> None:
    broken, waiting = seen(
        "customer 锅底全是锈,气死我了\nagent 抱歉久等了亲,请提供照片", "customer 人呢\nagent 抱歉久等了亲,请提供照片"
    )
    assert (broken[0].verdict, waiting[0].verdict) == ("missing", "first")


def test_a_new_episode_begins_only_after_calm_messages() -> None:
    calm = "\n".join(f"customer 尾号{number}\nagent 好" for number in range(7001, 7006))
    (one, two) = seen(
        "customer 气死我了\nagent 请问订单号\ncustomer 8841\nagent 好\ncustomer 你们真恶心\nagent 好",
        f"customer 气死我了\nagent 请问订单号\n{calm}\ncustomer 你们真恶心\nagent 好",
    )
    assert (len(one), len(two)) == (1, 2)


@pytest.mark.parametrize(
    ("post", "first"),
    [
        ("@某某客服 我的宽带今天第三次断了", 0),
        ("@某某客服 我的宽带今天第三次断了\nagent 好的\ncustomer 谢谢告知", 0),
        ("我的宽带断了", 2),
    ],
)
def test_a_feeling_shown_after_a_public_post_was_there_when_it_was_posted(post: str, first: int) -> None:
    ((episode,),) = seen(f"customer {post}\nagent 请私信您的号码\ncustomer 你们就会敷衍,气死我了\nagent 好")
    assert episode.row == first


@pytest.mark.parametrize(
    ("post", "answer", "verdicts"),
    [
        ("@某某客服 晚上八点以后网页一直转圈", "很抱歉给您带来不便,请私信号码", ["first"]),
        ("@某某客服 晚上八点以后网页一直转圈", "请私信号码", []),
        ("@某某客服 请问副卡在哪里办", "很抱歉给您带来不便,营业厅可以办", []),
        ("晚上八点以后网页一直转圈", "很抱歉给您带来不便,请发号码", []),
    ],
)
def test_a_public_post_that_is_answered_with_regret_was_a_complaint(
    post: str, answer: str, verdicts: list[str]
) -> None:
    (episodes,) = seen(f"customer {post}\nagent {answer}")
    assert [episode.verdict for episode in episodes] == verdicts


def test_a_public_post_that_only_asks_politely_begins_no_episode() -> None:
    (episodes,) = seen("customer @某某客服 请问副卡在哪里办\nagent 营业厅\ncustomer 去了三趟都说办不了,气死我了")
    assert [episode.row for episode in episodes] == [2]


def test_an_episode_begins_with_the_message_whose_tone_the_next_one_confirms() -> None:
    (episodes,) = seen(
        "customer 你好\nagent 您好\ncustomer 那你们也没通知我呀\nagent 请稍等\ncustomer 运费我不愿意出的啊\nagent 好"
    )
    assert [episode.row for episode in episodes] == [2]


def test_calling_for_anybody_is_haste_once_something_was_said() -> None:
    begun, called = seen(
        "customer 有人吗\nagent 您好", "customer 发票抬头错了\nagent 请稍等\ncustomer 有人吗\nagent 您好"
    )
    assert (begun, [episode.kind for episode in called]) == ([], ["hurried"])


def test_messages_that_tell_of_trouble_are_not_calm() -> None:
    trouble = "\nagent 请稍等\ncustomer 门还是打不开"
    (episodes,) = seen("customer 气死我了\nagent 您好" + trouble * 5 + "\nagent 好\ncustomer 真是气死我了")
    assert len(episodes) == 1


def test_the_words_are_those_of_the_original_text() -> None:
    batch = batch_of("customer 锅底生锈,氣死我了!\nagent 好")
    (episode,) = batch.observe("episodes")
    assert batch.texts[episode.row][episode.start : episode.end] == "氣死"
