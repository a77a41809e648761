"""English words of time that :mod:`qaplatform.audit.deadlines` reads, as people type them: by 4, tmrw, half past three, eod."""

from __future__ import annotations

import re

ENGLISH_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ENGLISH_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty": 40, "forty five": 45, "forty-five": 45, "half an": 0.5, "half a": 0.5, "half": 0.5, "a couple of": 2,
    "a couple": 2, "couple of": 2, "a quarter of an": 0.25, "next": 1, "the": 1, "this": 1,
}  # fmt: skip

_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
ENGLISH = rf"""
  \b(?:
  (?P<eminutes>(?<=in\ )(?P<emins>5|10|15|20|25|30|40|45|five|ten|fifteen|twenty|thirty)(?=$|[,.!?;)]|\ (?:with|and|or\ so|max|tops)\b))
 |(?P<ehourly>(?:within|inside|in)\ (?:the|this|the\ next)\ hour\b)
 |(?P<espan>(?P<elow>\d+(?:\.\d+)?|a\ quarter\ of\ an|half\ an?|half|a\ couple(?:\ of)?
       |couple\ of|an?|{_HOURS}|fourteen|fifteen
       |twenty|thirty|forty[ -]five|forty|\[[^\]\n]{{1,8}}\])
     (?:\ ?(?:-|~|to|or)\ ?(?P<ehigh>\d+|{_HOURS}))?(?:\ ?max)?[\ -]?(?:more\ )?
     (?P<eunit>(?:business|bus|working|work|wkg)\ days?|min(?:ute)?s?|h(?:ou)?rs?|days?|w(?:ee)?ks?|months?|fortnights?)\b
     (?:\ or\ (?P<eor>two)\b)?(?!\ (?:ago|back\b|return|refund\ policy|warranty|guarantee|old
       |earlier|in\ a\ row|trial|a\ day|a\ week)))
 |(?P<eday>day\ after\ (?:tomorrow|tmrw?)|today|tonight|tonite|2nite|tom+or+ow|tmrw?|tmw|tomo|tmrrw|2mor+ow|2moro|2mrw)\b
 |(?P<eweek>(?P<enext>next\ |this\ )?(?P<ewday>(?:mon|tues?|thu(?:rs?)?|fri)(?:day)?|(?:wed(?:nes)?|wednse|sat(?:ur)?|sun)day
       |weds|wed(?=[.!]?$)
       |(?:(?<=by\ )|(?<=on\ )|(?<=before\ )|(?<=til\ )|(?<=till\ )|(?<=this\ )|(?<=next\ ))(?:weds?|sat|sun))\b)
 |(?P<ethis>(?:(?P<ewhen>next|this)\ (?P<ewhat>week|month)|(?:the\ )?end\ of\ (?:the\ |this\ )?(?P<eend>week|month)
       |(?:by|before|over|this|till|until|at|for)\ (?:the\ |this\ )?(?P<eweekend>weekend))\b)
 |(?P<edate>(?:(?P<emon>{_MONTH})\.?\ (?P<emday>\d{{1,2}})(?:st|nd|rd|th)?
       |(?P<emday2>\d{{1,2}})(?:st|nd|rd|th)?\ (?:of\ )?(?P<emon2>{_MONTH}))\b(?!:|\.\d))
 |(?P<emonthday>(?<=the\ )(?P<emday3>\d{{1,2}})(?:st|nd|rd|th)(?=$|[,.!?;)]|\ (?:at|by|of|if|and|for|so|before
       |latest|or|between)\b))
 |(?P<eeod>(?:eod|cob|coe|day[ -]end|(?:the\ )?(?:end|close)\ of
       \ (?:the\ |this\ )?(?:business(?:\ day)?|(?:working\ |work\ )?day|play|shift|today))\b)
 |(?P<eclock>(?P<ehour>\d{{1,2}})(?:[:.](?P<eminute>\d\d))?\ ?(?P<eap>[ap])\.?m\b|(?P<enoon>noon|midday)\b|midnight\b)
 |(?P<ebare>(?:between\ \d{{1,2}}\ and\ )?
     (?:(?P<epast>half\ past|half|quarter\ past|quarter\ to|ten\ past|ten\ to|twenty\ past|twenty\ to)\ (?:past\ )?)?
     (?P<bhour>\d{{1,2}}|{_HOURS})(?:\.(?P<bmin>[0-5]\d))?(?P<bclock>\ ?(?:ish|o'?\ ?clock))?
     (?:\ (?:this|in\ the)\ (?P<bpart>morning|afternoon|evening))?(?![\w:/%'°€$£-]|\.\d|\ ?[-~]\ ?\d))
 |(?P<epart>(?:(?P<epre>this|in\ the|later\ this|tomorrow's|(?:by|before)(?=\ lunch))\ )?
     (?P<epartname>morning|afternoon|evening|night|lunch(?:\ ?time)?)\b)
 |(?P<efirst>first\ thing(?:\ in\ the\ morning)?\b)
  )
"""
_SAYS_HOUR = re.compile(
    r"(?:\b(?:by|before|till?|until|around|about|at|latest|than|approx|for|from|and|say|after)|[~@])\ ?(?:the latest )?$"
)
_AFTER_HOUR = re.compile(
    r"$|[,.!?;)]|\ (?:today|tonight|tonite|tomorrow|tmrw|on|latest|sharp|at the latest|the latest|and|or so|so|here|if|max|in"
    r"|this|at most|with|i|we|you|to|when|ok|okay|hopefully|[-(]|mon|tue|wed|thu|fri|sat|sun)"
)
_A_DURATION = re.compile(r"(?:\b(?:past|last|these|previous|since|every|per|times|twice|once|over the)|\d\ ?x)\ $")
_LOOK_BACK = 40
"""Characters before words of time that can tell what they are; the patterns above need no more."""
_ONE_DAY = re.compile(r"(?:\b(?:in|within|about|only|than|takes?|around|just|next|to|another|give it|give us))\ ?$")


def is_span(match: re.Match[str], text: str) -> bool:
    """Whether a span of time is one to come: not the last two days, twice a week, one day, have a good day."""
    before, words = _before(match, text), match[0]
    if _A_DURATION.search(before):
        return False
    if words in ("one day", "a day", "a week", "a month", "one month", "half day", "half a day"):
        return bool(_ONE_DAY.search(before))
    return True


def is_hour(match: re.Match[str], text: str, *, joins: bool) -> bool:
    """Whether a bare number is a clock time: by 4, at half three, tomorrow 12, 5 o'clock, 3ish."""
    if match["bclock"] or match["bpart"]:
        return True
    if match[0].startswith("between") or match["epast"] in ("half past", "quarter past", "quarter to"):
        return True
    says = joins or _SAYS_HOUR.search(_before(match, text))
    return bool(says and _AFTER_HOUR.match(text[match.end() : match.end() + _LOOK_BACK]))


def _before(match: re.Match[str], text: str) -> str:
    return text[max(match.start() - _LOOK_BACK, 0) : match.start()]


def hour_of(match: re.Match[str]) -> float:
    """The hour a bare number names, on a clock of twelve or twenty-four hours."""
    hour = ENGLISH_NUMBERS.get(match["bhour"]) or float(match["bhour"])
    past = match["epast"] or ""
    amount = (
        0.5 if past.startswith("half") else 0.25 if past.startswith("quarter") else 1 / 3 if "twenty" in past else 1 / 6
    )
    if not past:
        return hour + int(match["bmin"] or 0) / 60
    return hour - amount if past.endswith("to") else hour + amount


def day_offset(word: str) -> int:
    """How many days from today a word such as tomorrow, tmrw or tonight is."""
    if word.startswith("day after"):
        return 2
    return 0 if word in ("today", "tonight", "tonite", "2nite") else 1
