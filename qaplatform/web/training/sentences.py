"""What people read when the services of training say no, by the code of the error."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

TRAINING_SENTENCES: Mapping[str, LazyText] = {
    "training.settings": lazy("考核规则的数字超出范围，请检查。"),
    "training.text_code": lazy("编号由小写字母、数字、点、下划线和连字符组成，最多 80 个字符。"),
    # Lessons, weekly focus, rules, certificates
    "lessons.moved_on": lazy("这一课刚刚有了新版本，请看过新内容后再标记。"),
    "lessons.id_taken": lazy("已经有这个编号的课程（可能已撤下），请换一个编号，或直接编辑那一课。"),
    "lessons.title": lazy("中文和英文标题都要填写，各不超过 60 个字符。"),
    "lessons.text_moved_on": lazy(
        "刚刚有人保存了这一课的新版本。下面对比了对方保存的和您写的；再次保存会以您写的为准。"
    ),
    "lessons.faulty": lazy("内容还有错误，改好后才能发布。"),
    "lessons.withdrawn": lazy("这一课的这个语言版本没有在用，不用撤下。"),
    "focus.form": lazy("标题不超过 60 个字符，内容不超过 3000 个字符，都要填写。"),
    "focus.moved_on": lazy("刚刚有人保存了这一周的重点。右边是对方保存的；再次保存会以您写的为准。"),
    "rules.exam_kinds": lazy("类型数不能多于场景数。"),
    "rules.timezone": lazy("没有这个时区，请写成 Asia/Shanghai 这样。"),
    "rules.free_weekdays": lazy("一周至少有一天上班。"),
    "rules.endpoint_id": lazy("这个模型接口已停用，请另选一个。"),
    "rules.days": lazy("同一天不能既是节假日又是调休上班。"),
    "certificates.number": lazy("编号形如 QA-2026-000123-4；这个编号输入有误，请核对。"),
    "certificates.reason": lazy("请写明原因，最多 500 个字符。"),
    "certificates.revoked": lazy("这张证书之前已经撤销。"),
    "training.text_too_long": lazy("一篇内容最多 200,000 个字符，请分成几篇。"),
}
