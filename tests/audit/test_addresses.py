"""Reading addresses and comparing them."""

from __future__ import annotations

import pytest

from qaplatform.audit.addresses import agrees, contradicts, parse

CASES = (
    (False, "杭州余杭良渚 梧桐路 18 号 2 幢", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (False, "梧桐路18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (False, "杭州市余杭区梧桐路18号2栋", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (False, "余杭区良渚街道梧桐路十八号二号楼", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (False, "寄到杭州余杭区梧桐路18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (False, "浙江杭州余杭梧桐路18号2座", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (False, "麻烦您退回浙江省 杭州市 余杭区 良渚街道 梧桐路18号2#", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (False, "亲 寄这里哈:杭州市余杭区良渚镇梧桐路18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (False, "我们仓库在余杭区梧桐路18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "杭州市萧山区良渚街道梧桐路18号2幢", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "杭州萧山梧桐路18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "寄到萧山梧桐路18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "宁波市余杭区梧桐路18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "江苏省杭州市余杭区梧桐路18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "梧桐街18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "梧桐路18号3幢", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "梧桐路81号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "梧桐路18号2幢3楼", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "良渚路18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "余杭区仓前街道梧桐路18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "梧桐东路18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "杭州 萧山 梧桐路18号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "寄到嘉兴那个仓", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (True, "绍兴市柯桥区华舍街道兴越路70号", "浙江省杭州市余杭区良渚街道梧桐路18号2幢"),
    (False, "番禺市桥街道大北路5号", "广东省广州市番禺区市桥街道大北路5号"),
    (False, "3幢502", "杭州市余杭区梧桐路18号3幢502室"),
    (True, "3幢503", "杭州市余杭区梧桐路18号3幢502室"),
    (False, "梧桐路18号3-502", "杭州市余杭区梧桐路18号3幢502室"),
)


@pytest.mark.parametrize(("wrong", "given", "right"), CASES)
def test_leaving_out_is_fine_and_naming_another_is_not(wrong: bool, given: str, right: str) -> None:
    assert contradicts(parse(given), parse(right)) is wrong


def test_an_address_is_read_part_by_part() -> None:
    address = parse("江苏宜兴市和桥镇永安路十八号3幢502 李先生 13800001111")
    assert [name for _, name in address.parts] == ["江苏", "宜兴市", "和桥镇", "永安路"]
    assert [(number.kind, number.value) for number in address.numbers] == [
        ("house", "18"),
        ("building", "3"),
        ("room", "502"),
    ]
    assert address.phones == ("13800001111",)
    assert address.person == "李先生"


def test_only_a_place_agrees() -> None:
    assert not agrees(parse("好的"), parse("永安路18号"))
    assert agrees(parse("寄永安路18号"), parse("宜兴市永安路18号"))
