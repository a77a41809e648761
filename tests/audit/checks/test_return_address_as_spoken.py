"""Return addresses as people write them."""

from __future__ import annotations

import pytest

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks import return_address
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.notation import parse_messages
from qaplatform.audit.observing import ObserverSet
from tests.audit.build import shipped_matcher
from tests.audit.chat_lines import transcript

CLOTHES = (
    "浙江省温州市瑞安市塘下镇环川大道1002弄5号B幢一层 小北衣橱退货部收 0577-65120099",
    "广东省揭阳市普宁市流沙北街道金池路86号 何生 13729551206",
)
DEPOT = ("上海市青浦区华新镇纪鹤公路2189号6号库东侧",)
FLOWERS = ("云南省昆明市呈贡区斗南街道花卉大市场C区12号",)
STORE = ("山东省潍坊市寒亭区固堤街道丰华路315号4号仓 售后张师傅 15066031188",)
BAGS = ("河北省保定市高碑店市白沟镇富强大街77号2单元3层",)

CASES = (
    ("pass", ("C包要退,往哪儿寄", "A山东潍坊寒亭区丰华路315号4号仓,张师傅收,15066031188"), STORE),
    ("pass", ("C包要退,往哪儿寄", "A寄到潍坊市寒亭区固堤街道丰华路三百一十五号四号仓"), STORE),
    ("pass", ("C包要退,往哪儿寄", "A丰华路315号4号仓(寒亭区固堤街道)", "A电话 150 6603 1188"), STORE),
    ("fail", ("C包要退,往哪儿寄", "A山东潍坊寒亭区丰华路315号6号仓,张师傅收,15066031188"), STORE),
    ("fail", ("C包要退,往哪儿寄", "A山东潍坊奎文区丰华路315号4号仓"), STORE),
    ("fail", ("C包要退,往哪儿寄", "A山东潍坊寒亭区丰华街315号4号仓"), STORE),
    ("fail", ("C包要退,往哪儿寄", "A山东青岛寒亭区固堤街道丰华路315号4号仓"), STORE),
    ("fail", ("C包要退,往哪儿寄", "A丰华路315号4号仓,张师傅,15066031881"), STORE),
    ("fail", ("C包要退,往哪儿寄", "A丰华路315号4号仓,收件人王师傅,15066031188"), STORE),
    ("fail", ("C包要退,往哪儿寄", "A山东潍坊", "A坊子区固堤街道", "A丰华路315号4号仓"), STORE),
    ("fail", ("C包要退,往哪儿寄", "A山东潍坊寒亭区固堤街道", "A丰华路351号"), STORE),
    ("fail", ("C我就直接退回临沂那个仓库行吗", "A行,退那儿就可以"), STORE),
    ("fail", ("C是不是退到寒亭区民主街20号", "A嗯嗯是的,写好单号"), STORE),
    ("pass", ("C是不是退到寒亭区民主街20号", "A不是哈,现在退寒亭区丰华路315号4号仓"), STORE),
    ("pass", ("C我看包裹上写的民主街20号", "A那个是发货仓,别往那寄", "A退货寄寒亭区固堤街道丰华路315号4号仓"), STORE),
    ("pass", ("C我看包裹上写的民主街20号,退那行不", "A民主街20号已经停用了哦,退到潍坊寒亭固堤丰华路315号4号仓"), STORE),
    ("not_applicable", ("C衣服退了,钱啥时候到", "A仓库收到三天内退回您支付宝"), STORE),
    (
        "not_applicable",
        ("C我要换货,新的寄我公司 济南市历下区文化东路88号", "A好的,换的新货给您寄济南市历下区文化东路88号"),
        STORE,
    ),
    ("not_applicable", ("C退货地址发我", "A您在订单详情点申请退货,系统会显示地址的"), STORE),
    ("not_applicable", ("C买的花洒坏了要退", "A上门取件地址是您下单的济南市历下区文化东路88号对吧"), STORE),
    ("not_applicable", ("C有线下店吗 不合适能退不", "A有的,潍坊市奎文区胜利东街1号泰华城三楼,门店可以试"), STORE),
    ("fail", ("C鞋子有味 退", "A寄到临沂兰山区银雀山路6号就行"), STORE),
    (
        "fail",
        (
            "C鞋子有味 退",
            "A您好,抱歉哈",
            "A地址:山东省潍坊市寒亭区固堤街道丰华路315号4号仓,张师傅收",
            "A电话13800001111",
        ),
        STORE,
    ),
    ("pass", ("C退货写哪", "A不好意思刚才发错了,以下面这个为准", "A山东省潍坊市寒亭区固堤街道丰华路315号4号仓"), STORE),
    ("pass", ("C退货写哪", "A潍坊寒亭区丰华路351号", "A打错了,是315号,丰华路315号4号仓"), STORE),
    (
        "pass",
        ("C不要了怎么寄回去", "A中通就行,寄山东省潍坊市寒亭区固堤街道丰华路315号4号仓 售后张师傅 15066031188,别用到付"),
        STORE,
    ),
    ("fail", ("C要修", "A寄修地址:潍坊市诸城市密州街道丰华路315号4号仓"), STORE),
    ("pass", ("C退哪", "A白沟富强大街77号2单元3楼"), BAGS),
    ("fail", ("C退哪", "A白沟富强大街77号3单元2楼"), BAGS),
    ("fail", ("C退哪", "A保定白沟镇富强大街77号2单元5楼"), BAGS),
    ("pass", ("C退哪", "A河北保定高碑店白沟镇富强大街77號二单元三层"), BAGS),
    ("fail", ("C退哪", "A河北保定雄县白沟镇富强大街77号2单元3层"), BAGS),
    ("fail", ("C退哪", "A河北保定涿州白沟镇富强大街77号2单元3层"), BAGS),
    ("pass", ("C退哪个地址", "A两个仓都行:丰华路315号4号仓,或者白沟富强大街77号2单元3楼"), STORE + BAGS),
    ("fail", ("C退哪个地址", "A两个仓都行:丰华路315号4号仓,或者白沟富民大街77号2单元3楼"), STORE + BAGS),
    (
        "pass",
        ("C退哪", "A亲亲,退货地址:河北省保定市高碑店市白沟镇富强大街77号2单元3层,10月12号前寄出哦,一楼有保安"),
        BAGS,
    ),
    ("fail", ("C退哪", "A北京市大兴区旧宫镇德茂街5号"), BAGS),
    (
        "fail",
        ("C怎么退", "A寄回:白沟镇富强大街77号2单元3层 电话0312-5558899"),
        ("河北省保定市高碑店市白沟镇富强大街77号2单元3层 0312-5558898",),
    ),
    ("not_applicable", ("C退了一件,另一件什么时候到", "A包裹目前在北京市大兴区旧宫镇德茂街5号网点,今天派送"), STORE),
    ("not_applicable", ("C你们公司在哪呀 不满意能退吧", "A我们公司在潍坊哦,七天无理由的"), STORE),
    ("pass", ("C那我寄丰华路315号4号仓了", "A嗯嗯好的"), STORE),
    ("fail", ("C那我退到丰华路135号4号仓了", "A嗯嗯好的"), STORE),
    ("fail", ("C退哪", "A寄泰安那边的退货仓就行"), STORE),
    ("fail", ("C退哪", "A就写快递单上那个地址,徐州市铜山区银山路9号"), STORE),
    ("pass", ("C裤子大了退", "A瑞安塘下镇环川大道1002弄5号B栋1楼,小北衣橱退货部"), CLOTHES),
    ("pass", ("C裤子大了退", "A普宁流沙北金池路86号 何生 137-2955-1206"), CLOTHES),
    ("fail", ("C裤子大了退", "A普宁流沙北金池路86号 何生 13729551260"), CLOTHES),
    ("fail", ("C裤子大了退", "A瑞安塘下镇环川大道1002弄5号D幢一层"), CLOTHES),
    ("fail", ("C裤子大了退", "A瑞安塘下镇环川大道102弄5号B幢一层"), CLOTHES),
    ("fail", ("C裤子大了退", "A瑞安莘塍街道环川大道1002弄5号B幢一层"), CLOTHES),
    ("fail", ("C裤子大了退", "A平阳塘下镇环川大道1002弄5号B幢一层"), CLOTHES),
    ("fail", ("C裤子大了退", "A温州市瑞安市塘下镇金池路86号"), CLOTHES),
    ("fail", ("C裤子大了退", "A退回这里:揭阳普宁流沙南街道金池路86号"), CLOTHES),
    ("pass", ("C退", "A上海青浦华新纪鹤公路2189号6号库东侧"), DEPOT),
    ("fail", ("C退", "A上海青浦华新纪鹤公路2189号9号库"), DEPOT),
    ("fail", ("C退", "A上海嘉定华新镇纪鹤公路2189号6号库"), DEPOT),
    ("fail", ("C退", "A江苏昆山花桥镇绿地大道188号"), DEPOT),
    ("fail", ("C退", "A上海青浦区徐泾镇纪鹤公路2189号"), DEPOT),
    ("pass", ("C花蔫了,想退", "A昆明呈贡斗南花卉大市场C区12号"), FLOWERS),
    ("fail", ("C花蔫了,想退", "A昆明呈贡斗南花卉大市场A区12号"), FLOWERS),
    ("fail", ("C花蔫了,想退", "A昆明官渡斗南花卉大市场C区12号"), FLOWERS),
    ("fail", ("C花蔫了,想退", "A昆明呈贡斗南花卉大市场C区21号"), FLOWERS),
    ("pass", ("C花蔫了,想退", "A雲南省昆明市呈貢區斗南街道花卉大市場C區12號"), FLOWERS),
    ("pass", ("C花蔫了,想退", "A云南省昆明市呈贡区斗南街道花卉大市场C区12号"), FLOWERS),
    ("fail", ("C能换个色吗", "A可以呀", "A您先把手上这条寄过来", "A温州瑞安塘下镇环川大道1020弄5号B幢一层"), CLOTHES),
    ("fail", ("C上次我退到上海外青松公路77号", "C这次也是寄那吧", "A对的亲"), DEPOT),
    ("fail", ("C退货还是寄绿地大道188号?", "A没错哈 寄之前拍个照"), DEPOT),
    (
        "not_applicable",
        ("C我要退 但不想寄,你们上门取吧 上海长宁区仙霞路300弄8号", "A好的,已安排快递到仙霞路300弄8号上门取"),
        DEPOT,
    ),
    (
        "not_applicable",
        ("C修改下收货地址", "C改成上海长宁区仙霞路300弄8号 不改我就退了", "A好的,已改成上海长宁区仙霞路300弄8号"),
        DEPOT,
    ),
    ("not_applicable", ("C退款到哪", "A原路退回您的微信零钱哦"), DEPOT),
    ("pass", ("C退货地址多少", "A您看一下这个", "A纪鹤公路2189号6号库东侧,上海青浦华新", "A10号前寄出就行"), DEPOT),
    ("fail", ("C退货地址多少", "A纪鹤公路2189号6号库西侧 上海青浦白鹤镇"), DEPOT),
    ("pass", ("C退货地址多少", "A上海市青浦区华新镇纪鹤公路2189号6号库东侧(靠近嘉松中路路口,认准蓝色大门)"), DEPOT),
    ("pass", ("C退货地址多少", "A上海市青浦区华新镇纪鹤公路2189号6号库东侧,不要寄到我们徐泾镇的门店哈"), DEPOT),
    (
        "pass",
        ("C退货地址多少", "A注意不是外青松公路77号,那边去年就搬了", "A是青浦华新镇纪鹤公路2189号6号库东侧"),
        DEPOT,
    ),
)


@pytest.mark.parametrize(("expected", "lines", "addresses"), CASES)
def test_an_address_is_wrong_where_it_contradicts_every_one_of_the_shops(
    expected: str, lines: tuple[str, ...], addresses: tuple[str, ...]
) -> None:
    one = Conversation(id="1", shop="s1", messages=parse_messages(transcript(lines)))
    batch = Batch([one], shipped_matcher(), Context(return_addresses={"s1": addresses}), ObserverSet())
    assert OUTCOMES[return_address.check(batch, return_address.Params()).outcome[0]] == expected
