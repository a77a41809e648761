"""The words of time that :mod:`qaplatform.audit.deadlines` reads: what they look like and what they stand for."""

from __future__ import annotations

import re

PART_ENDS = {
    "凌晨": 6, "清早": 10, "一早": 10, "早上": 12, "早晨": 12, "上午": 12, "早": 12, "中午": 13, "晌午": 13, "午后": 18, "下午": 18,
    "傍晚": 19, "晚上": 24, "晚间": 24, "夜里": 24, "晚": 24, "下班": 18, "morning": 12, "noon": 13, "afternoon": 18,
    "evening": 24, "night": 24,
}  # fmt: skip
"""The hour a part of the day ends at, where no clock time is named."""
DAY_OFFSETS = {
    "今": 0, "当": 0, "本": 0, "明": 1, "次": 1, "隔": 1, "翌": 1, "第二": 1, "后": 2, "大后": 3,
    "today": 0, "tonight": 0, "tomorrow": 1,
}  # fmt: skip
WEEKDAYS = {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6, "末": 6}
ENGLISH_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ENGLISH_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "half an": 0.5, "half a": 0.5,
}  # fmt: skip
UNIT_SECONDS = {"秒": 1, "分": 60, "刻": 900, "时": 3600, "h": 3600, "钟": 3600, "s": 1, "m": 60}

_NUM = r"(?:\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百]+|\[[^\]\n]{1,8}\]|[xX*]{1,3})"
_CHINESE = rf"""
  (?P<span>(?<![第每前近头0-9])(?<![0-9][:/.\-])(?!(?<=[过这那等再缓])(?:[两几]|一[两二])(?:天|日|个?[星礼]))
     (?P<low>{_NUM}|半)(?:\ ?[-~至到]\ ?(?P<high>{_NUM}))?\ ?(?P<many>多|来)?\ ?个?(?P<plus>半)?(?:自然)?
     (?P<unit>工作日|工作天|分钟|分(?=内|后|之)|刻钟?|小时|钟头|时(?=内|之内)|h(?:ours?|rs?)?(?![a-z])
       |min(?:utes?|s)?(?![a-z])
       |秒钟?|天|日(?=内|之内|后|左右|到)|星期|礼拜|周(?![一二三四五六日边年])|个月|月(?=内|之内))(?P<half>半)?
     (?!无理由|一次|一个|一换|前的|了|\ ?(?:[x×]|在线|客服|服务|营业|值班|热线|待命))
     (?P<ago>\ ?(?:之前|以前|前)(?![^,.!?;\ ]{{0,8}}(?:回|答|给|联|处|发|到|出|完|反|办|送|审|寄)))?)
 |(?P<date>(?<![0-9\]])(?P<month>\d{{1,2}}|[一二三四五六七八九十]{{1,2}})(?:月|/)(?P<mday>\d{{1,2}}
       |[一二三四五六七八九十]{{1,3}})[号日]?(?![0-9/%]))
 |(?P<mdate>(?:这个月|本月|下个?月)?(?<![0-9:.])(?P<only>\d{{1,2}}
       |[一二三四五六七八九十]{{1,3}})号(?![楼线店仓库机门色码客电链位房院住]))
 |(?P<week>(?P<which>下下|下个?|这个?|本)?(?:周|星期|礼拜)(?P<wday>[一二三四五六日天末])(?!(?:到|至)(?:周|星期|礼拜)))
 |(?P<thisweek>(?P<weekly>下下|下个?|这个?|本)(?:周|星期|礼拜)(?:内|之内|以内|前)?)
 |(?P<monthly>(?P<whichm>下个?|这个|本)?月(?P<mpart>底|初|中旬|末))
 |(?P<two>今明(?:两|2)天)
 |(?P<day>(?P<off>大后|今|当|明|次|翌|隔|(?<![最以今])后|第二)(?:天|日|儿(?!童|子|媳)
       |(?=[早晚上下][^报安餐期间]|晚$|早$)))
 |(?P<masked>\[(?:日期|时间)[^\]\n]{{0,4}}\](?:\ ?(?:点|号|日))?
     |\[[^\]\n]{{1,8}}\](?:月\[[^\]\n]{{1,8}}\])?[号日](?!楼)
     |(?:国庆|中秋|春节|元旦|五一|端午|双十一|双11|双12|618)节?(?=前|之前))
"""
_CLOCK = r"""
  (?P<clock>(?P<part>凌晨|清早|一早|早上|早晨|上午|中午|晌午|午后|下午|傍晚|晚上|晚间|夜里|(?<=[今明天日]
       |[一二三四五六]|当)[早晚])?\ ?
     (?:(?P<hour>\d{1,2}|十[一二]?|二十[一二三四]?|[一二两三四五六七八九]|\[[^\]\n]{1,8}\])\ ?
        (?:点(?!击|开|赞|评|货)|:(?=\d\d)|时(?=前|之前|左右|整))(?P<minute>半|一刻|三刻|\d{1,2}(?=分|前|之前
       |左右|\D|$))?(?:整|钟)?分?
        (?:\ ?[-~到至]\ ?(?P<hour2>\d{1,2}|十[一二]?|[一二两三四五六七八九])(?:点|:00)(?P<minute2>半)?)?))
 |(?P<partonly>凌晨|清早|一早|早上|早晨|上午|中午|晌午|午后|下午|傍晚|晚上|晚间|夜里|下班|(?<=[今明]|当)[早晚])
"""
_ENGLISH = r"""
  (?P<espan>\b(?P<elow>\d+(?:\.\d+)?|half\ an?|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve
       |fifteen|twenty|thirty|\[[^\]\n]{1,8}\])
     (?:\ ?(?:-|~|to|or)\ ?(?P<ehigh>\d+|two|three|four|five|six|seven|eight|nine|ten))?[\ -]?
     (?P<eunit>(?:business|working|work)\ days?|min(?:ute)?s?|h(?:ou)?rs?|days?|weeks?|months?)\b(?!\ (?:ago
       |return|refund\ policy|warranty)))
 |(?P<eday>\b(?:today|tonight|tomorrow)\b)
 |(?P<eweek>\b(?P<enext>next\ |this\ )?(?P<ewday>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b)
 |(?P<ethis>\b(?:(?:the\ )?end\ of\ (?:the\ )?(?P<eend>day|business|week|month)|(?P<eeod>eod|cob)
       |(?P<ewhen>next|this)\ (?P<ewhat>week|month))\b)
 |(?P<edate>\b(?P<emon>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?\ (?P<emday>\d{1,2})
       (?:st|nd|rd|th)?\b)
 |(?P<eclock>\b(?P<ehour>\d{1,2})(?::(?P<eminute>\d\d))?\ ?(?P<eap>[ap])\.?m\b|\b(?:noon|midnight)\b)
 |(?P<epart>\b(?:morning|afternoon|evening)\b)
"""
_FIRSTS = r"[\d零〇一二两三四五六七八九十百半\[x*周星礼下这本个月今当明次翌隔大后第国中春元端双凌清早上午晌傍晚夜a-z]"
SCAN = re.compile(rf"(?={_FIRSTS})(?:{_CHINESE}|{_ENGLISH}|{_CLOCK})", re.VERBOSE)
HINT = re.compile(r"[\d天周时分月日号点早晚午期拜刻儿班底钟国春元五端\]]|[a-z]{2}")
