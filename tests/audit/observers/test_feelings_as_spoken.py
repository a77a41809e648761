"""Feelings in the many words people have for them, and plain questions in much the same words."""

from __future__ import annotations

import pytest

from tests.audit.build import batch_of

FELT = [
    ("厨房水管装上就滴水 一屋子都是水", "displeased"),
    ("说是纯棉 摸着跟塑料袋似的", "displeased"),
    ("买的时候说得天花乱坠 出事了没人认", "displeased"),
    ("灯没亮两天 直接罢工", "displeased"),
    ("花大价钱买了个摆设", "displeased"),
    ("你们发货是用脚打包的吧", "displeased"),
    ("真够贴心的 下个月能到吗", "displeased"),
    ("你没做过培训吗", "displeased"),
    ("不是说周一退款吗", "displeased"),
    ("都九天了还在审核", "displeased"),
    ("怎么点都点不进去", "displeased"),
    ("换来换去还是坏的", "displeased"),
    ("问你东你答西", "displeased"),
    ("别亲亲亲亲的 解决事儿", "displeased"),
    ("床板一躺就塌 我腰都闪了", "displeased"),
    ("面料薄得能看报纸", "displeased"),
    ("早上答应得好好的 下午就变了", "displeased"),
    ("把你们店长叫来 找你们管事的", "displeased"),
    ("又不是我们的问题", "displeased"),
    ("So basically I paid for nothing", "displeased"),
    ("就这还官方旗舰呢", "displeased"),
    ("付钱的时候挺积极 退款就装死", "displeased"),
    ("您就告诉我能不能退", "displeased"),
    ("不要再道歉了", "displeased"),
    ("昨天那个客服可不是这么说的", "displeased"),
    ("老用户反而更贵", "displeased"),
    ("洗两回就变成抹布了", "displeased"),
    ("那我找平台介入了", "displeased"),
    ("What kind of shop is this", "displeased"),
    ("does anyone even read these", "displeased"),
    ("three weeks and still nothing", "displeased"),
    ("is this even genuine", "worried"),
    ("You must tell me why first", "displeased"),
    ("well you need to fix this", "displeased"),
    ("Tell me why", "displeased"),
    ("just answer my question", "displeased"),
    ("I want an explanation", "displeased"),
    ("Give me my money back", "displeased"),
    ("Why was I not told", "displeased"),
    ("You should have told me before", "displeased"),
    ("No more excuses", "displeased"),
    ("I'm not paying for your mistake", "displeased"),
    ("the colour is nothing like the picture", "displeased"),
    ("签收了四天才告诉我断货", "displeased"),
    ("为什么人家都能退我就不行", "displeased"),
    ("师傅电话也不接 约好上午来也没来", "displeased"),
    ("审核又没通过 理由都不给一个", "displeased"),
    ("没经过我同意就把单子取消了", "displeased"),
    ("快递在中转站卡在那好几天不动", "displeased"),
    ("这么大一个平台就这水平", "displeased"),
    ("当初下单怎么不说清楚", "displeased"),
    ("颜色都能寄错", "displeased"),
    ("优惠说没就没", "displeased"),
    ("客服换了四个 打了好几遍都占线", "displeased"),
    ("还得等多久啊", "displeased"),
    ("道歉有什么用 我要的不是道歉", "displeased"),
    ("处理速度实在太慢了", "displeased"),
    ("能不能来个活人", "displeased"),
    ("今天问又说没有了", "displeased"),
    ("孩子奶粉马上断了", "hurried"),
    ("收不到票我就报不了账了", "hurried"),
    ("万一他们不给退怎么办", "worried"),
    ("会不会不给我发货", "worried"),
    ("十万火急 明早八点的火车", "hurried"),
    ("????", "hurried"),
    ("高铁六点开 票现在还没出", "hurried"),
    ("电池鼓起来了 我都不敢充电", "worried"),
    ("放门口一下午 不会有什么问题吧", "worried"),
    ("煤气味老散不掉 一个人住真不踏实", "worried"),
]

CALM = [
    "你们不是说缺货了吗",
    "???",
    "有人吗",
    "......",
    "请问一洗就掉色吗",
    "不着急 下周寄都行",
    "这个会起静电吗",
    "平台介入怎么申请",
    "下单容易操作吗",
    "你就说尺码偏大还是偏小",
    "How long does a refund take?",
    "What kind of wood is it?",
    "Do I have to sign for it?",
    "You keep great stock",
    "my fault, wrong size",
    "不知道说啥好,太感谢了",
    "Do you need to fix this at home?",
    "Please tell me why it is out of stock",
    "Tell me more about the warranty",
    "Could you explain how to install it",
    "You must be busy today",
    "it was my fault",
    "I need to know the size",
    "那到底怎么安装",
    "刻着“不开心”的木牌还有吗",
    "我在法院上班 单位要五十个本子",
    "愤怒的小鸟那款多少钱",
    "讨厌的是根本停不下嘴哈哈哈",
    "我不太懂 是怎么回事",
    "订单号我也不知道啊",
    "有一个杯子裂了 怎么处理",
    "手机是全新的吗",
    "我再提交一遍,你看看",
    "请问智能开关有什么用",
    "要是尺码不合适怎么办",
    "现在还需要我做什么",
    "买了两天了 可以退差价吗",
    "可以换一个人收货吗",
    "这个会不会有点贵",
    "昨天下的单 今天能发吗",
    "退货是我自己寄吗",
    "用了快三年了",
    "地址发你了",
    "可以强制重启吗",
    "公司集体采购有优惠吗",
    "知道了 那我再等等",
    "到了!!",
    "??",
]


@pytest.mark.parametrize(("text", "kind"), FELT)
def test_a_feeling_is_heard_however_it_is_put(text: str, kind: str) -> None:
    episodes = batch_of(f"customer {text}\nagent 好").observe("episodes")
    assert [episode.kind for episode in episodes] == [kind]


@pytest.mark.parametrize("text", CALM)
def test_a_plain_question_or_report_is_no_feeling(text: str) -> None:
    assert not batch_of(f"customer {text}\nagent 好").observe("episodes")


def test_a_weak_sign_is_felt_where_the_agent_answers_a_feeling() -> None:
    quiet = "customer 收到的杯子碎了\nagent "
    assert not batch_of(quiet + "请提供一下订单号").observe("episodes")
    (episode,) = batch_of(quiet + "盼了几天等来个碎的,太扫兴了").observe("episodes")
    assert (episode.row, episode.verdict) == (0, "first")


def test_what_is_told_as_over_begins_no_second_episode() -> None:
    calm = "customer 好\ncustomer 地址没变\ncustomer 电话也没变\ncustomer 嗯\ncustomer 收到了\n"
    begun = "customer 气死我了\nagent 真对不起\n" + calm
    assert len(batch_of(begun + "customer 妥了 一开始真想投诉你们\nagent 谢谢您").observe("episodes")) == 1
    assert len(batch_of(begun + "customer 又坏了 气死我了\nagent 好").observe("episodes")) == 2


def test_shouted_anger_begins_a_new_episode_sooner() -> None:
    begun = "customer 气死我了\nagent 真对不起\ncustomer 好\ncustomer 地址没变\n"
    assert len(batch_of(begun + "customer 又发错了 气死我了\nagent 好").observe("episodes")) == 1
    assert len(batch_of(begun + "customer 又发错了!!气死我了\nagent 好").observe("episodes")) == 2


ANSWERED = [
    "哎呀,蛋糕塌成这样,寿星该多难过啊",
    "盼了小半个月盼来一箱碎瓷片,搁我我也得蹦起来",
    "我看了聊天记录,脸上发烧,同事那么说话真不像样",
    "这种颜色谁收到都得愣住",
    "手没扎着吧,要不要紧",
    "说好周三到结果周五还没影,是我们食言了",
    "花了大价钱还得自己修,哪有这个道理",
    "明白,考试就差这支笔,耽误不起",
    "您这句话戳到我了,我们做得太敷衍",
    "这活儿干得毛糙,挨说不亏",
    "一早盼到晚,盼来这么个消息,太煎熬了",
    "That's a rotten way to start a holiday",
    "You shouldn't have had to chase us for this",
]

COLD = [
    "物流显示已经签收了呢",
    "这批料子都这样,大家都没反映",
    "仓库爆仓了,所以发货慢",
    "亲,页面写得很清楚的哦",
    "合页装反了,您把左边的换到右边",
    "嗯嗯,还请您耐心等待一下哦",
    "么么哒爱您",
    "我们家卖了一万多件都没问题",
    "这款防摔的,很火",
    "您客气了,都是我应该做的",
    "We'll refund you in 3 to 5 days",
]


@pytest.mark.parametrize("text", ANSWERED)
def test_free_and_warm_words_are_an_acknowledgement(text: str) -> None:
    (episode,) = batch_of(f"customer 气死我了\nagent {text}").observe("episodes")
    assert episode.verdict == "first"


@pytest.mark.parametrize("text", COLD)
def test_explanations_and_hearts_are_none(text: str) -> None:
    (episode,) = batch_of(f"customer 气死我了\nagent {text}").observe("episodes")
    assert episode.verdict == "missing"


def test_a_message_of_latin_letters_may_take_longer_to_come_to_the_feeling() -> None:
    text = "Hi, Ann here, I have read the whole chat from Monday on and everything you wrote to us about it since, I am so sorry"
    (episode,) = batch_of(f"customer this is ridiculous\nagent {text}").observe("episodes")
    assert episode.verdict == "first"


CALLS = [
    ("customer 这双鞋有四十码吗\ncustomer 在吗?\ncustomer ??\nagent 有的", ["hurried"]),
    ("customer 这双鞋有四十码吗\ncustomer ?\nagent 有的", []),
    ("customer 你好?\ncustomer 在吗\ncustomer 这双鞋有四十码吗\nagent 有的", []),
    ("customer 这双鞋有四十码吗\ncustomer ?\nagent 有的\ncustomer ?\nagent 四十码有", []),
]


@pytest.mark.parametrize(("chat", "kinds"), CALLS)
def test_several_calls_that_nobody_answers_are_haste(chat: str, kinds: list[str]) -> None:
    assert [one.kind for one in batch_of(chat).observe("episodes")] == kinds
