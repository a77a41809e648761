"""Personal words in folded text: mail addresses, WeChat ids, number plates, passports, and names where surely one.

A name is one only where something says so: a word for it before (收件人, 姓名, 我叫), 我是 before and an end behind it, 女士 or
先生 after a full name, 收 at the end of an address line or after 写 and its like, or a telephone beside a name that stands alone
in a message that holds an address, too.
"""

from __future__ import annotations

from collections.abc import Sequence

import re2

from qaplatform.audit.personal import Found
from qaplatform.audit.places import CITIES, PROVINCES

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝"
    "邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田"
    "樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班"
    "仰秋仲伊宫宁仇栾暴甘厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚"
    "农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红"
    "游竺权逯盖益桓公肖闫邸覃代付涂冼佘佟仝苟辜敬母官鹿邝麦兰甯岳粟楚苑茆睢晋盘逢皇"
)
COMMON_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻苏潘葛范彭鲁韦马方俞任袁柳鲍史唐费薛雷贺倪汤罗毕郝安常于傅康余顾孟黄穆萧尹姚邵汪祁毛戴宋庞熊纪舒屈项祝董"
    "梁杜阮蓝季贾江童郭梅林钟徐邱骆高夏蔡田樊胡凌霍万柯卢莫房丁邓洪包左石崔龚程邢裴陆翁焦侯宁甘武刘詹龙叶黎白赖卓乔谭申牛温庄柴艾廖耿聂饶曾关肖闫覃代付涂岳欧简沙文游易"
)
_DOUBLE = (
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|司徒|夏侯|独孤|南宫|端木|轩辕|司空|闻人|百里|呼延"
    "|东郭|西门|钟离|万俟|赫连|澹台|太史|申屠|公冶|濮阳|淳于|单于"
)
_GIVEN = r"[^\PL的了吗呢吧是在我你您他她它有没不给跟和与到把被就都也还又要想会能说收寄发退a-z0-9]"
_HAN_NAME = rf"(?:(?:{_DOUBLE})\p{{Han}}{{1,2}}|[{SURNAMES}]\p{{Han}}{{1,2}})"
_SHORT_NAME = rf"(?:(?:{_DOUBLE})\p{{Han}}{{1,2}}?|[{SURNAMES}]\p{{Han}}{{1,2}}?)"
"""As few characters as what follows allows."""
_TITLES = "女士|先生|小姐|同学|太太|阿姨|大姐|大哥"
_AFTER_NAME = (
    rf"(?:$|[^\p{{Han}}a-z]|电话|手机|号码|联系|地址|收货|收件|收(?:$|[^\p{{Han}}])|身份|{_TITLES}|住|家住|的(?:电话|手机|名字|号码|收|快递|件|身份)"
    "|[这那]个|哈|啊|呀|呢|哦|吧|谢谢|麻烦|来(?:拿|取|收|接)|订的|下的|买的|签收|代收|省|市)"
)
_NAME_CUES = (
    "收件人(?:姓名|名字)?|收货人(?:姓名|名字)?|收花人|收方|联系人|取件人|签收人|寄件人|发件人|订货人|下单人|持卡人|开户人|开户名|户名|车主|本人姓名|真实姓名"
    "|姓名|名字"
)
_SAYS = r"(?:就?是|为|叫|写|填|改成|改为|换成|[: =,.\-]){0,3}"
_STRONG = re2.compile(rf"(?:{_NAME_CUES}){_SAYS}({_SHORT_NAME}){_AFTER_NAME}")
_LABELLED = re2.compile(rf"(?:{_NAME_CUES})[ ]?[:=][ ]?({_HAN_NAME})")
_WEAK = re2.compile(
    r"(?:^|[^\p{Han}]|本人|我|名字|她|他|对方|老公|老婆|妈妈|爸爸|儿子|女儿)叫做?[: ]?"
    rf"({_SHORT_NAME})(?:$|[^\p{{Han}}a-z]|的(?:$|[^\p{{Han}}]))"
)
_SELF = re2.compile(
    rf"(?:我(?:就|还|也)?是|这里是|这边是)((?:{_DOUBLE})\p{{Han}}{{1,2}}?|[{COMMON_SURNAMES}]\p{{Han}}{{1,2}}?)"
    r"(?:$|[^\p{Han}a-z0-9]|[啊呀哈呢哦吧]|昨天|前天|刚|之前|上次|早上|下午|今天)"
)
_NO_SELF = re2.compile(
    r"安卓|常客|白金|黄金|白银|单身|单独|文科|文盲|黄牛|安心|万分|金卡|白领|关心|江湖|游客|易怒|高手|高中|高级|高三|高一|高二|方案|温柔|严格|严肃|石化|金牌|左手|左脚|沙发|常年|常用|章鱼|程序员|莫名|汤圆|任性|康复|鲁莽|顾客"
)
"""What looks like a name after 我是 and is none."""
_TITLED = re2.compile(
    rf"(?:(?:^|[^\p{{Han}}]|[的是叫给找位])([{COMMON_SURNAMES}]{_GIVEN})|((?:{_DOUBLE}){_GIVEN}{{1,2}}|[{COMMON_SURNAMES}]{_GIVEN}{{2}}))(?:女士|先生|小姐)"
)
_RECEIVES = re2.compile(rf"(?:^|[^\p{{Han}}]|[写填]|[寄发送]给)({_SHORT_NAME}) ?(?:收|\(收\))(?:$|[^\p{{Han}}])")
_ENGLISH = re2.compile(
    r"(?:my (?:full )?name is|my name's|full name ?[:=]|recipient ?[:=]|name ?[:=]|ship to ?:|attn ?[:.])"
    r"[ ]?([a-z]{2,15}(?: [a-z][a-z'.-]{0,15}){1,2})(?:[^a-z]|$)"
)
_BESIDE = rf"(?:(?:{_DOUBLE})\p{{Han}}{{1,2}}|[{COMMON_SURNAMES}]\p{{Han}}{{1,2}})"
_LABELS = r"(?:(?:收|的)?(?:联系)?(?:电话|手机号?码?|tel|身份证号?码?|证件号?码?)[: 是,]{0,2})?(?:\+?86-?)?"
_BEFORE_NUMBER = re2.compile(rf"(?:^|[^\p{{Han}}])({_BESIDE})[^\p{{Han}}a-z0-9\x00]{{0,3}}{_LABELS}$")
_AFTER_NUMBER = re2.compile(rf"^[^\p{{Han}}a-z0-9\x00]{{0,3}}({_BESIDE})(?:[^\p{{Han}}]|$)")
_STARRED = re2.compile(r"1[3-9][0-9][*x]{3,6}[0-9]{4}")
_PLACE = re2.compile("|".join(sorted(CITIES | PROVINCES, key=len, reverse=True)))
_NO_NAME = re2.compile(
    r"电话|手机|联系|热线|座机|号码|售后|退货|仓|客服|公司|旗舰|昵称|中心|维修|包裹|快递|安装|方便|高兴|时间|时候|全部|余额|金额|平时|安全|安排|明天|白色|黄色|蓝色|金色|马上|成功|计划|单号|查询|解决"
    r"|应该|于是|能否|温馨|花色|经理|师傅|老师|先生|女士|小姐|老板|阿姨|大哥|大姐|成都|家里|公司|单位|连衣|水果|石头|任何|何时|周[一二三四五六日天末]|万一|常见|毛衣|牛奶|米色|红包|麻烦|广告|别人|关于|相同|后面|后来"
    r"|[号店厂部组线班费单款件]$|和|跟|或|查|这|那|吗|呢|吧|的|了|您|你|我|们|写|填|发|寄|退|谢谢|不|没"
)

_EMAIL = re2.compile(
    r"([a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4})"
    r"|([a-z0-9][a-z0-9._%+-]{1,63} ?(?:@|\(at\)|\[at\]|艾特) ?[a-z0-9-]{1,63}(?: ?(?:\.|点) ?[a-z0-9-]{1,63}){0,2}"
    r" ?(?:\.|点) ?(?:com|cn|net|org|edu|gov|cc|me|io|hk|tw|vip|top|co))(?:[^a-z0-9]|$)"
)
_WECHAT = re2.compile(
    r"(?:微信|薇信|威信|微x|v信|weixin|wechat)(?:(?:号码?|id|账号|同号)?(?:是|为|搜|加|吧|哈|呀|啊|[: =,]){1,4}|号码?|id)"
    r"([a-z][a-z0-9_-]{5,19})"
    r"|(?:微信|薇信|威信|微x|v信|weixin|wechat)([a-z][a-z_-]*[0-9_][a-z0-9_-]{0,18})"
    r"|(?:^|[^a-z0-9])(?:wx|vx|v)(?:号码?|id|是|加|[: =]){1,4}([a-z][a-z0-9_-]{5,19})"
)
_NO_WECHAT = re2.compile(r"(?:wechat|weixin|alipay|iphone|android|huawei|xiaomi|service|support|thanks|please)")
_PLATE = re2.compile(
    r"([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼] ?[a-z][ .-]?[a-z0-9]{4,5}[a-z0-9挂学警港澳])(?:[^a-z0-9]|$)"
)
_PASSPORT = re2.compile(
    r"(?:护照|通行证|台胞证|回乡证|军官证|passport)[^,.!?;0-9\x00]{0,8}?([a-z]{1,2}[0-9]{7,10}|[0-9]{8,10})(?:[^a-z0-9]|$)"
)


def mails(text: str) -> list[Found]:
    """Mail addresses, also such as ``a b @ qq . com`` and ``ab(at)qq.com``."""
    return [
        Found("email", match.start(group), match.end(group), match[group].replace(" ", ""))
        for match in _EMAIL.finditer(text)
        for group in (1, 2)
        if match[group]
    ]


def ids(text: str) -> list[Found]:
    """WeChat ids, number plates and passports."""
    found = [
        Found("wechat", match.start(group), match.end(group), match[group])
        for match in _WECHAT.finditer(text)
        for group in (1, 2, 3)
        if match[group] and not _NO_WECHAT.match(match[group])
    ]
    found += [
        Found("plate", match.start(1), match.end(1), "".join(filter(str.isalnum, match[1])))
        for match in _PLATE.finditer(text)
        if sum(map(str.isdigit, match[1])) >= 3
    ]
    found += [Found("id_card", match.start(1), match.end(1), match[1]) for match in _PASSPORT.finditer(text)]
    return found


def names(text: str, found: Sequence[Found]) -> list[Found]:
    """Names; ``text`` has what was found before blanked."""
    out = [
        Found("name", match.start(group), match.end(group), match[group])
        for pattern, groups in _NAMED
        for match in pattern.finditer(text)
        for group in groups
        if match[group] and _is_name(match[group]) and not (pattern is _SELF and _NO_SELF.search(match[group]))
    ]
    numbers = [one for one in found if one.kind in ("phone", "landline", "id_card")]
    numbers += [Found("phone", match.start(), match.end(), "") for match in _STARRED.finditer(text)]
    if numbers:
        is_placed = any(one.kind == "address" for one in found) or bool(_PLACE.search(text))
        for number in numbers:
            beside = _beside(text, number)
            out += [one for one in beside if len(one.value) > 2 or is_placed or number.kind == "id_card"]
    return out


_NAMED = (
    (_STRONG, (1,)), (_LABELLED, (1,)), (_WEAK, (1,)), (_SELF, (1,)), (_TITLED, (1, 2)), (_RECEIVES, (1,)), (_ENGLISH, (1,)),
)  # fmt: skip


def _beside(text: str, number: Found) -> list[Found]:
    """A name that stands alone before or after a number."""
    before = max(0, number.start - 24)
    matches = (
        (_BEFORE_NUMBER.search(text[before : number.start]), before),
        (_AFTER_NUMBER.search(text[number.end : number.end + 12]), number.end),
    )
    return [
        Found("name", at + match.start(1), at + match.end(1), match[1])
        for match, at in matches
        if match and _is_name(match[1])
    ]


def _is_name(said: str) -> bool:
    return not _NO_NAME.search(said) and said not in CITIES and said not in PROVINCES
