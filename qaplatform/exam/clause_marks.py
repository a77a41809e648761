"""What the reading of a clause goes by beside the word lists: small expressions, limits, and dialect written plainly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from qaplatform.audit.normalise import fold
from qaplatform.exam.act_rules import Act

SHORT_LETTERS = 8
"""So short a clause that names a remedy needs no words of giving: 退了, 补发一个."""
SUBSTANCE_LETTERS = 4
FACT_LETTERS = 6
BARE_LETTERS = 8
BEFORE_MESSAGES = 6
SECONDS = 1_750_000_000.0
"""Some moment, so that words of time can be resolved; which one does not matter."""
QUESTION = re.compile(r"(?:[?吗么]|行不|成不|好伐|可不可以|能不能)[?!.~ ]*$")
FILLER = re.compile(
    r"^(?:看到您的消息了?|好[的滴哒呀嘞]?|嗯+|哦+|啊|亲+|ok(?:ay)?|行|得嘞|没问题|哈+|么么哒|是这样|对|嘿|sure|yes|no"
    r"|先生|女士|客官|老铁|姐|哥|[您你]看|这样)*$"
)
DIRECT: tuple[Act, ...] = (
    "greets", "soothes", "apologises", "thanks", "closes", "confirms", "stalls", "rebuffs", "escalates", "transfers",
    "asks_off_platform", "asks_for_review",
)  # fmt: skip
PAST = re.compile("已经?|刚刚?(?!好)|昨天|前天|上周|显示|查到")
GENTLE: frozenset[Act] = frozenset({"apologises", "soothes", "greets", "thanks"})
"""Beside these a clause may tell a fact as well: 是我们发错了."""
COURTESY: frozenset[Act] = frozenset({"greets", "thanks"})
MILDER: frozenset[Act] = frozenset({"refuses", "escalates", "stalls", "promises"})
"""A clause that does one of these is not blunt for the words it takes."""
HEARD = re.compile("理解|体会|明白|感受|别|放心|心情|understand|worry")
NO_WITHOUT_A_NAME = re.compile("[改退换补取送开赔给减降加动]不(?:了|成|回来|出来)|没有的")
BARE_NO = re.compile(
    "(?:亲|抱歉|不好意思|这个|这次|这边|客服|后台|系统|那边|我们?|您这|真的?|暂时|确实|是|也|,)*"
    "(?:不可以|不行|不能|不支持|做不到|[改退换补取办动送开赔给减降做加]不(?:了|成|回来|出来)|没法[改退换补送开赔]|没有的)(?!主)"
)
ASKING = re.compile(r"有没有|是不是|还是|[?]|[吗么呢没][?~ ]*$|哪|什么|多少|几[个次天]|怎么|what|which|how|did")
INQUIRY = re.compile("^请问|有没有|是不是|是否")
MATTER = re.compile(
    "漏|坏|摔|磕|碰|裂|响|断|烫|松|掉|洗|装|插|充|用|穿|吃|开机|按|灯|屏|盖|底|水|电|味|色|缝|线|broken|leak|crack"
)
"""What goes wrong with goods: a question about it asks for details."""
WILL = re.compile(
    "^(?:那|好|行|嗯)?[, ]?(?:我|我们|俺|咱)(?:这边|这就|马上|现在|先|再|也)?(?:去|来|让|向|会|就去|帮|替|想|尽)"
)
LOOK = re.compile("查|看|翻|核|问|弄明白|弄清|搞清|了解|确认|落实")
RESULTS = (
    ("refund", re.compile("退|钱|款|花呗|卡里|余额|refund|money")),
    ("delivery", re.compile("[发寄送到装]|出库|用上|上门|arriv|deliver|ship|doorstep|there")),
    ("callback", re.compile("[说讲回答]|告诉|结果|汇报|打|联系|通知|call|reply|answer|hear")),
    ("check", re.compile("[查核看]|check")),
)
"""What a time is promised for, by the words beside it; the first that fits."""
HAN = re.compile("[\u3400-\u9fff]+")
EMPTY = frozenset(
    "的了呢哦哈啊呀吧吗嘛么是有在我您你们他她它这那个些和跟与给为帮就都也还再会能可以要不没好请把被让对到上下里来去说什怎多少几一"
)
"""Characters that name no matter."""
GIVEN = re.compile("给|帮|为|办|申请|通过|refund you")
DONE_BY = re.compile("[发寄]|到账|上门")
NO_TIME = re.compile("[大小]一号")
RETOLD = re.compile("^(?:就?是|您|你)")
WEAK = frozenset({"problem", "need", "time", "reason", "choice"})
"""Named in passing when something else is asked for."""
KINDER: frozenset[Act] = frozenset({"refuses", "escalates", "offers", "apologises"})
"""Where a reply does one of these, words that only sound dismissive (我做不了主) are none."""
OFFENCES: tuple[Act, ...] = ("rebuffs", "asks_off_platform", "asks_for_review")


TOLD_TO_THEM = re.compile(
    "(?:把|将).{0,10}(?:告诉|发|给|报|念|推)(?:送|给)?[您你](?!的)|(?:发|给|告诉|推|传|短信)(?:给|到)?[您你](?:了|啦|过)|(?:看|记|弄|搞|填|抄|输)(?:错|串|混|反)"
)
"""A number or picture that is handed over or was mixed up is not asked for."""
LIVING = re.compile("(?:[狗猫鸟鱼兔]|宝[宝贝]|孩|娃|老人).{0,6}(?:多大|几岁|几个?月|几斤|多重)|挑食|^几[斤岁]")
MORE_OF_IT = re.compile("^(?:还有|以及|和|跟|再加|另外|带上|最好)")
POSTAGE = re.compile("[运邮](?:费|资)|快递费|postage|shipping")
DIFFERENCE = re.compile("差[价额]|价差|difference|保价|价保")
DECLINED = re.compile(
    "不(?:能|可以|会|要|敢|让|许|允许|支持|安全|接受|提供|是要|是叫)|没(?:有)?(?:保障|法|办法)|[加聊走做]不了|违规|风险|骗|只能在|都(?:得|要)(?:留|在)"
    "|can.?t|cannot|not allowed|won.?t|unable|never|scam|against"
)
"""Beside a lure or a wish for a good review: it is declined."""
LURES_ANYWAY = re.compile("(?<!不能)(?<!不会)(?<!不要)(?<!可以)(?<!别)(?:加我|转我|扫.{0,3}码|找我|加个?[微vV])")
"""Whoever says so lures, whatever else stands beside it."""
THEN_LOOKS = re.compile("(?:我|这边)(?:来|去|先)?(?:帮[您你](?:看|瞧|查|分析|判断)|查一?下)|给我查")
"""A clause that asks may promise to look as well: 拍个视频我帮您看."""
TIMETABLE = re.compile("开抢|开始|恢复|结束|准时|还有")
ALL_RIGHT = re.compile("[您你]看(?:中|行|成|可|好)")
SPEAKS_OF_US_OR_THEM = re.compile("^(?:亲,?|那|好|嗯|哎)*(?:我们?|您|你|俺|咱|让|请|别|不要|麻烦|谁|宝|就|想|要不)")
PLAIN_FACT = re.compile(
    "[0-9]+(?:[.][0-9]+)?(?:天|点|小时|人|名|位|折|元|块|斤|公斤|kg|l(?![a-z])|升|ml|cm|厘米|毫米|寸|瓦|年|个月|度|期|级|层|片|抵|减|%)"
    "|(?<!这)[一二三四五六七八九十百千两几]+多?(?:天|名|位|折|斤|公斤|升|厘米|度|层|片|年|个月|个人)"
    "|^.{2,9}在.{2,9}(?:[里上下]|部|面|底|边|侧|处|页|后台)[哦哈呢的]*[,.!~]?$"
    "|[0-9]+(?:抵|减|送|返)[0-9]+|单号.{0,3}[0-9]{4,}"
)
"""A clause that tells how things are: when, how much, where."""
ADVICE = re.compile(
    "[您你](?:再|先|可以|自己)?(?:摸摸|试试|找找|翻翻|瞧瞧|瞅瞅|试一?下|找一?下)(?!.{0,3}(?:行|可以|哪|怎么))"
    "|^(?:please |and )*(?:stop|rinse|unplug|keep|try|avoid|press|turn|wash|charge|reset|let it|don.t (?:use|plug|open|throw)|do not)\b"
)
ENGLISH_FACT = re.compile(
    r"^(?!.*(?:\bwill\b|.ll\b|going to))(?:yes|yep|no|and|but|so|because|since|as|[, ])*"
    r"\b(?:it|they|this|that one|the|our|your|there|we.?ve|we|both|all|he|she)\b"
    r".{0,40}\b(?:is|are|was|were|has|have|had|runs?|comes?|takes?|covers?|covered|fits?|holds?|lasts?|dropped|went|left|shows?|says?|needs?"
    r"|works?|s|re|ran|got|means|starts?|ends?|sold|sent|shipped|packed|expired?|only)\b"
)
ENGLISH_QUESTION = re.compile(
    r"^(?:and |so |ok |sorry |just |quick one |[, ])*(?:did|does|do|is|are|was|were|has|have|had|any|which|what|where|how)\b.*[?]"
)
CURT_LETTERS = 4
ASKED_OF_US = re.compile(r"[?？]|[吗么呢]$|什么|怎么|多久|为啥|为什么|能不能|可不可以|咋")
"""The customer's last message wants an answer."""
ASSENT = re.compile(
    r"^(?:好|行|可以|能|有|会|是|对|嗯|收到|在|没问题|谢|不客气|稍|等[下会一等]|ok|yes|sure|hi|bye|thanks|done|没事|[0-9a-z]{1,4}$)"
)
SETTLES = re.compile(r"\b(?:sound|ok|okay|suit|help|alright|all right|happy|fair|for you|resolved|solved)\b")
"""A question whether all is settled asks for no details."""
_ENGLISH = re.compile("[a-z]{4,}")
_COMMON = frozenset(
    [
        "this",
        "that",
        "with",
        "have",
        "from",
        "your",
        "what",
        "when",
        "will",
        "would",
        "could",
        "should",
        "there",
        "their",
        "they",
        "them",
        "been",
        "were",
        "just",
        "about",
        "want",
        "need",
        "please",
        "some",
        "than",
        "then",
        "even",
        "more",
        "like",
        "here",
        "much",
        "very",
        "only",
        "also",
        "after",
        "before",
        "again",
        "still",
        "today",
        "tomorrow",
        "really",
        "know",
        "help",
        "does",
        "dont",
        "cant",
    ]
)
_DIALECT = (
    ("木有", "没有"), ("莫得", "没有"), ("同你", "给您"), ("同您", "给您"), ("帮你", "帮您"), ("俺们", "我们"), ("咱们", "我们"),
    ("阿拉", "我们"), ("我哋", "我们"), ("中不中", "行不行"), ("得不得", "行不行"), ("唔使", "不用"),
    ("唔好", "不要"), ("唔该", "麻烦"), ("几时", "何时"), ("敝店", "我们"), ("我司", "我们"), ("我方", "我们"), ("小店", "我们"),
    ("店里", "我们"),
    ("乜嘢", "什么"), ("点解", "为啥"), ("贵方", "您们"),
)  # fmt: skip
"""Of the same length, so that places stay."""
_LETTERS = str.maketrans(
    {
        "你": "您",
        "俺": "我",
        "冇": "没",
        "咗": "了",
        "嘅": "的",
        "捏": "呢",
        "伐": "吗",
        "畀": "给",
        "俾": "给",
        "唔": "不",
        "睇": "看",
        "佢": "他",
        "恁": "您",
    }
)


def plain_words(text: str) -> str:
    """A text with words of dialect and of the familiar tone in those the lists are written in, of the same length."""
    kept = text
    for said, meant in _DIALECT:
        kept = kept.replace(said, meant)
    return kept.translate(_LETTERS)


def matters_in(text: str) -> Iterator[str]:
    """Pairs of Chinese characters and English words that may name a matter."""
    folded = fold(text)
    for first, second in pairwise(folded):
        if EMPTY.isdisjoint((first, second)) and HAN.fullmatch(first + second):
            yield first + second
    yield from (word.rstrip("s") for word in _ENGLISH.findall(folded) if word not in _COMMON)
