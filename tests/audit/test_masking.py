"""Personal data goes in whatever disguise, everything else stays as it was written, and every place can be found again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.audit.masking import Masked, mask, mask_all, mask_many
from qaplatform.audit.normalise import fold
from qaplatform.audit.personal import KINDS
from qaplatform.audit.personal_numbers import spoken_digits

MASKED = [
    # Mobile numbers, and their disguises.
    ("我电话13812345678", "我电话[手机号1]"),
    ("我电话１３８-1234-5678哈", "我电话[手机号1]哈"),
    ("一三八一二三四五六七八", "[手机号1]"),
    ("我的手机是一三八 一二三四 五六七八", "我的手机是[手机号1]"),
    ("号码幺三八 零零一一 二二三三", "号码[手机号1]"),
    ("壹叁捌1234五六七八", "[手机号1]"),
    ("1 3 8 1 2 3 4 5 6 7 8", "[手机号1]"),
    ("138.1234.5678", "[手机号1]"),
    ("(138)12345678", "[手机号1]"),
    ("138\u200b1234\u20605678", "[手机号1]"),
    ("1️⃣3️⃣8️⃣12345678", "[手机号1]"),
    ("①③⑧❶❷❸❹❺❻❼❽", "[手机号1]"),
    ("١٣٨١٢٣٤٥٦٧٨", "[手机号1]"),
    ("l38 1234 5678", "[手机号1]"),
    ("138oo125678", "[手机号1]"),
    ("138👉1234👉5678", "[手机号1]"),
    ("138\n1234\n5678", "[手机号1]"),
    ("2,13812345678", "2,[手机号1]"),
    ("一13812345678", "一[手机号1]"),
    ("+86 138 1234 5678", "[手机号1]"),
    ("013812345678", "[手机号1]"),
    ("tel:13812345678abc", "tel:[手机号1]abc"),
    ("v13812345678", "v[手机号1]"),
    ("订单13812345678", "订单[手机号1]"),
    ("https://a.b.com/x?phone=13812345678", "https://a.b.com/x?phone=[手机号1]"),
    ("13812345678,13912345678,138-1234-5678", "[手机号1],[手机号2],[手机号1]"),
    ("+852 9123 4567", "[手机号1]"),
    ("+1 (415) 555-2671", "[手机号1]"),
    # Landlines.
    ("0571-88888888", "[座机号1]"),
    ("(010)68886888转8001", "[座机号1]"),
    ("座机 021 6888 8888", "座机 [座机号1]"),
    ("电话:88886666", "电话:[座机号1]"),
    # Identity cards, passports, bank cards.
    ("身份证330102199503070007实名过的", "身份证[证件号1]实名过的"),
    ("330102 19950307 0007", "[证件号1]"),
    ("33010219950307000Ｘ", "[证件号1]"),
    ("3 3 0 1 0 2 1 9 9 5 0 3 0 7 0 0 0 7", "[证件号1]"),
    ("三三零一零二一九九五零三零七零零零七", "[证件号1]"),
    ("身份证号330102950307001", "身份证号[证件号1]"),
    ("护照E12345678", "护照[证件号1]"),
    ("银行卡号是6222021234567890123", "银行卡号是[银行卡号1]"),
    ("6217 0012 3456 7890 123", "[银行卡号1]"),
    ("订单号 6222 0212 3456 7890 123", "订单号 [银行卡号1]"),
    ("4111111111111111", "[银行卡号1]"),
    ("我的建行卡6217001234567890123", "我的建行卡[银行卡号1]"),
    # Ids.
    ("发我邮箱 12345678@qq.com", "发我邮箱 [邮箱1]"),
    ("邮箱 zhang.san+tb@example.com.cn", "邮箱 [邮箱1]"),
    ("ab_c @ qq . com", "[邮箱1]"),
    ("123456艾特qq点com", "[邮箱1]"),
    ("加我微信abc_123456", "加我微信[微信号1]"),
    ("加v: abc12345", "加v: [微信号1]"),
    ("您加我微信吧 shicai0559", "您加我微信吧 [微信号1]"),
    ("微信同号13812345678", "微信同号[手机号1]"),
    ("QQ:12345", "QQ:[QQ号1]"),
    ("扣扣一二三四五六", "扣扣[QQ号1]"),
    ("加我扣扣 80000-7126", "加我扣扣 [QQ号1]"),
    ("车牌浙A·12345 停哪", "车牌[车牌号1] 停哪"),
    ("京AD12345", "[车牌号1]"),
    # Names, where surely one.
    ("收件人张三电话13812345678", "收件人[姓名1]电话[手机号1]"),
    ("收件人:欧阳娜娜", "收件人:[姓名1]"),
    ("我叫王小明", "我叫[姓名1]"),
    ("我是王小明,昨天买的", "我是[姓名1],昨天买的"),
    ("你好我是李雷呀", "你好我是[姓名1]呀"),
    ("您好,这边是欧阳娜娜", "您好,这边是[姓名1]"),
    ("包裹麻烦写王小明收", "包裹麻烦写[姓名1]收"),
    ("寄给陈晓东收,谢谢", "寄给[姓名1]收,谢谢"),
    ("姓名：赵云", "姓名：[姓名1]"),
    ("昨天李春燕女士也买了", "昨天[姓名1]女士也买了"),
    ("隔壁单的周敏女士", "隔壁单的[姓名1]女士"),
    ("李桂芳 13322223333", "[姓名1] [手机号1]"),
    ("方晓,330102199503070007,已通过", "[姓名1],[证件号1],已通过"),
    ("My name is Jane Doe", "My name is [姓名1]"),
    # Addresses.
    ("麻烦寄到杭州市西湖区文三路99号", "麻烦寄到[地址1]"),
    ("湖州市吴兴区青铜桥路66号锦绣苑8幢2单元1103", "[地址1]"),
    ("我在济南历下区解放路5号楼301", "我在[地址1]"),
    ("您在翠湖南路20号等着就行", "您在[地址1]等着就行"),
    ("荷花苑3栋2单元501", "[地址1]"),
    ("他住6栋1203", "他住[地址1]"),
    ("河南省周口市太康县王集乡张庄村三组 张伟收", "[地址1] [姓名1]收"),
    ("绍兴柯桥区笛扬路一段 世纪街坊 3幢 502 电话还是原来那个", "[地址1] 电话还是原来那个"),
    ("浙江省温州市瓯海区古岸路１８号４幢", "[地址1]"),
    ("地址是湖南省长沙县黄兴镇光达村李家组", "地址是[地址1]"),
    ("I live at 221B Baker Street", "I live at [地址1]"),
    # Orders and parcels are kinds of their own.
    ("订单号是6222021234567890123", "订单号是[订单号1]"),
    ("813740628309274416 就这单 昆山的", "[订单号1] 就这单 昆山的"),
    ("单号：TC20261021-0387，骑手已取件", "单号：[订单号1]，骑手已取件"),
    ("231111-123456789012345", "[订单号1]"),
    ("单号是13812345678901", "单号是[订单号1]"),
    ("单号来了：SF7720415102704", "单号来了：[运单号1]"),
    ("物流单号 75399821046318", "物流单号 [运单号1]"),
    # All together.
    (
        "丁佳宁，电话13900002558，身份证330102199503070007实名过的，湖州市吴兴区青铜桥路66号8幢",
        "[姓名1]，电话[手机号1]，身份证[证件号1]实名过的，[地址1]",
    ),
    ("收件人:李四 浙江省杭州市余杭区五常街道西溪润景3幢2单元501", "收件人:[姓名1] [地址1]"),
]  # fmt: skip

LEFT_ALONE = [
    "", "您好,在的", "11号发货", "3号链接", "1号楼", "12号前发货", "双11号店", "第3号链接", "5楼有货吗", "走路10分钟",
    "这条路3号", "退路1号", "知道11号发的", "2026-11-11 20:00:05", "2026-11-11 2026-11-12",
    "2026年11月11日 20:00:05-21:00:00", "满300减30,11月1日-11月11日", "14天 3-5天 199.00元",
    "价格199-299,尺码160/84A,165-170-175-180", "400-820-8820", "8008208820", "拨打95338查询", "12315投诉",
    "138****5678", "尾号5678", "手机138打头", "0138123456", "税号91330106MA2XXXXX7K",
    "http://item.taobao.com/item.htm?id=13812345678&x=1", "地址怎么改", "地址在哪里", "地址错了改不了",
    "退货地址发我", "发到成都", "我在广州天河区", "您叫什么名字", "收件人叫什么", "收件人电话", "姓名电话地址发我",
    "我是安徽的", "我是常客", "我是白金会员", "我是方便就行", "我是关注了店铺的", "我是高中生", "这里是温州", "我是安卓",
    "我是不是王八蛋", "我也是万分着急",
    "麻烦写备注收", "我叫了顺丰", "我叫安装师傅", "叫你们主管来", "王先生您好", "微信支付", "卡扣扣不上 是不是我的有问题", "qq糖",
    "by the way", "那我这本第三章全是荧光笔", "是送奶员把3单元看成8单元了", "一个一个来", "三三两两",
    "一二三四五六七", "[图片]", "[手机号1]", "①②③", "五六七八九十",
]  # fmt: skip


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_personal_data_gives_way_to_what_it_was(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_nobodys_stays_byte_for_byte(text: str) -> None:
    assert mask(text) == Masked(text, len(text))


def test_a_number_keeps_its_placeholder_through_a_conversation_however_it_is_written() -> None:
    texts = ["13812345678", "不是,是139 1234 5678", "那个一三八一二三四五六七八不用了", "+86-138-1234-5678"]
    shown = [one.text for one in mask_all(texts)]
    assert shown == ["[手机号1]", "不是,是[手机号2]", "那个[手机号1]不用了", "[手机号1]"]


def test_conversations_are_numbered_each_by_itself() -> None:
    many = mask_many([["13812345678", "好"], [], ["13912345678"]])
    assert [[one.text for one in texts] for texts in many] == [["[手机号1]", "好"], [], ["[手机号1]"]]


def test_a_number_never_gets_the_placeholder_of_another_that_stands_there_already() -> None:
    assert mask("[手机号1] 改成13812345678,[Phone 2]作废").text == "[手机号1] 改成[手机号3],[Phone 2]作废"


def test_placeholders_speak_the_language_asked_for() -> None:
    text = "call 13812345678, 330102199503070007, order 813740628309274416"
    assert mask(text, language="en").text == "call [phone 1], [ID 1], order [order 1]"


def test_kinds_that_are_asked_for_stay() -> None:
    text = "订单813740628309274416,单号SF7720415102704,电话13812345678"
    shown = mask(text, visible=("order", "tracking"))
    assert shown.text == "订单813740628309274416,单号SF7720415102704,电话[手机号1]"
    assert [one.kind for one in shown.spans] == ["phone"]


def test_known_names_go_wherever_they_stand() -> None:
    shown = mask_all(["小鱼儿_88 进入会话", "小鱼儿＿８８您好", "小鱼儿"], known_names=["小鱼儿_88", "x"])
    assert [one.text for one in shown] == ["[姓名1] 进入会话", "[姓名1]您好", "小鱼儿"]


def test_a_finding_stays_in_its_place_and_widens_over_what_it_cuts() -> None:
    shown = mask("亲,电话13812345678不可能错的")
    assert shown.text == "亲,电话[手机号1]不可能错的"
    assert shown.to_masked(15, 18) == (10, 13)
    assert shown.text[slice(*shown.to_masked(15, 18))] == "不可能"
    assert shown.text[slice(*shown.to_masked(6, 18))] == "[手机号1]不可能"
    assert shown.text[slice(*shown.to_masked(2, 5))] == "电话[手机号1]"
    assert shown.to_masked(7, 7) == (4, 10)
    assert shown.to_original(5, 6) == (4, 15)
    assert shown.to_original(0, len(shown.text)) == (0, 20)


# --- What holds for any text -------------------------------------------------------------------------

PERSONAL = [text for text, _ in MASKED]
SMALL = st.text(
    alphabet="亲您好在的路号楼村镇区省收叫我微信电话单q v@.,:;-[]()1234567890一三八两十xX\n 😀\u200b", max_size=12
)
TEXTS = st.lists(st.one_of(SMALL, st.text(max_size=8), st.sampled_from(PERSONAL + LEFT_ALONE)), max_size=5).map("".join)


@given(TEXTS)
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once


@given(TEXTS)
def test_masking_twice_with_kinds_left_visible_changes_nothing(text: str) -> None:
    visible = ("order", "tracking")
    once = mask(text, visible=visible).text
    assert mask(once, visible=visible).text == once


@given(TEXTS)
def test_outside_of_placeholders_nothing_changes(text: str) -> None:
    shown = mask(text)
    at, masked_at = 0, 0
    for one in shown.spans:
        assert one.start >= at
        assert one.end > one.start
        assert shown.text[masked_at : one.masked_start] == text[at : one.start]
        assert shown.text[one.masked_start : one.masked_end] == one.placeholder
        at, masked_at = one.end, one.masked_end
    assert shown.text[masked_at:] == text[at:]
    assert shown.original_chars == len(text)


@given(TEXTS)
def test_the_map_is_total_and_monotone_both_ways(text: str) -> None:
    shown = mask(text)
    for there, back, size, other in (
        (shown.to_masked, shown.to_original, len(text), len(shown.text)),
        (shown.to_original, shown.to_masked, len(shown.text), len(text)),
    ):
        assert there(0, size) == (0, other)
        points = [there(place, place) for place in range(size + 1)]
        assert points == sorted(points)
        for start in range(0, size, 3):
            for end in range(start + 1, size + 1, 2):
                first, last = there(start, end)
                assert 0 <= first < last <= other
                again = back(first, last)
                assert again[0] <= start
                assert again[1] >= end
                assert there(*again) == (first, last)


def _mobile(digits: list[int]) -> str:
    return "1" + str(3 + digits[0] % 7) + "".join(map(str, digits[1:10]))


def _identity(digits: list[int]) -> str:
    body = f"330102{1950 + digits[0] * 5}{1 + digits[1]:02}{1 + digits[2]:02}{digits[3]}{digits[4]}{digits[5]}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(weights, body, strict=True)) % 11]


def _card(digits: list[int]) -> str:
    body = "6222" + "".join(map(str, [*digits, *digits][:14]))
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return body + str(-sum(one - 9 if one > 9 else one for one in doubled) % 10)


SCRIPTS = [
    "0123456789",
    "０１２３４５６７８９",
    "零一二三四五六七八九",
    "〇壹贰叁肆伍陆柒捌玖",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
]
NUMBERS = st.builds(
    lambda make, digits: make(digits), st.sampled_from([_mobile, _identity, _card]), st.lists(st.integers(0, 9), min_size=10, max_size=10)
)  # fmt: skip


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str]:
    """A number, and how it is written: another script, or several; spaces, dashes and invisible characters inside."""
    number = draw(NUMBERS)
    scripts = draw(st.lists(st.sampled_from(SCRIPTS), min_size=1, max_size=2))
    between = draw(st.sampled_from(["", " ", "-", "  ", " - ", "\u200b", "—", "\u2060 ", "　"]))
    size = draw(st.sampled_from([1, 3, 4]))
    out = ""
    for place, char in enumerate(number):
        if place and place % size == 0:
            out += between
        out += char if char == "X" else scripts[place % len(scripts)][int(char)]
    return number, out


BORDERS = st.sampled_from(
    ["", "我电话", "好,", "a", "(", ":", "\n", " ", "是", "7,", "😀", "二,", "订单号", "退到", "x件 "]
)
AFTER = st.sampled_from(["", "哈", ",3件", "。", ")", "\n", " 5", "谢谢", "😀", "元"])


@given(disguised(), BORDERS, AFTER)
def test_no_planted_number_survives_in_any_disguise(planted: tuple[str, str], before: str, after: str) -> None:
    number, written = planted
    shown = mask(before + written + after)
    left = fold(shown.text).translate(spoken_digits())
    for one in shown.spans:
        left = left.replace(fold(one.placeholder), "|")
    assert shown.spans
    assert number[:17] not in "".join(char for char in left if char.isdecimal() or char == "|")
    assert sum(map(str.isdecimal, left)) <= sum(map(str.isdecimal, fold(before + after).translate(spoken_digits())))


def test_the_samples_hold_what_their_writers_put_in_and_no_more(repository: Path) -> None:
    kinds = dict.fromkeys(KINDS, 0)
    lines = (repository / "samples" / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        for one in mask_all([message["text"] for message in json.loads(line)["messages"]]):
            for span in one.spans:
                kinds[span.kind] += 1
    assert kinds["phone"] > 0
    assert kinds["tracking"] > 20
    assert kinds["plate"] == kinds["email"] == kinds["bank_card"] == 0
