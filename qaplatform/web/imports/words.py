"""Words for what imports are about: fields of conversations, origins, and what can be wrong with a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qaplatform.services.masking import masked_name
from qaplatform.store.import_list import ImportLine
from qaplatform.web.i18n import LazyText, language, lazy

FIELDS: Mapping[str, LazyText] = {
    "text": lazy("消息内容"),
    "role": lazy("发送方角色"),
    "sender": lazy("发送人"),
    "time": lazy("时间"),
    "date": lazy("日期"),
    "conversation": lazy("会话编号"),
    "customer": lazy("客户"),
    "agent": lazy("客服"),
    "shop": lazy("店铺"),
    "order": lazy("订单号"),
    "case": lazy("工单号"),
    "queue": lazy("队列（售前、售后）"),
    "channel": lazy("渠道"),
    "source": lazy("来源平台"),
    "language": lazy("语言"),
    "csat": lazy("满意度"),
    "tier": lazy("会员等级"),
    "order_value": lazy("订单金额"),
    "tags": lazy("标签"),
    "kind": lazy("消息类型"),
    "auto": lazy("是否自动回复"),
    "message_id": lazy("消息编号"),
}
"""Fields that a column can be, those that matter most first."""

ORIGINS: Mapping[str, LazyText] = {
    "upload": lazy("上传"),
    "folder": lazy("监听文件夹"),
    "push": lazy("接口推送"),
    "command": lazy("命令行"),
    "samples": lazy("演示数据"),
}


@dataclass(frozen=True, slots=True)
class ProblemWords:
    """What is wrong with a line, and what can be done about it."""

    said: LazyText
    advice: LazyText | None = None


PROBLEMS: Mapping[str, ProblemWords] = {
    "encoding": ProblemWords(
        lazy("文字编码无法识别，或者不是文本文件。"), lazy("请另存为 UTF-8 编码，或在设置中指定编码。")
    ),
    "not_json": ProblemWords(lazy("不是有效的 JSON。"), lazy("每行应是一个 JSON 对象，请检查引号和逗号。")),
    "not_an_object": ProblemWords(lazy("不是一通会话。"), lazy("每行应是一个会话对象 {…}。")),
    "missing_id": ProblemWords(lazy("会话没有编号。"), lazy("请给每通会话一个 id。")),
    "missing_messages": ProblemWords(lazy("会话没有消息。"), lazy("messages 中至少要有一条消息。")),
    "missing_text": ProblemWords(lazy("消息没有内容。"), lazy("请填写内容；图片等没有文字的消息请注明类型。")),
    "bad_value": ProblemWords(lazy("有一个值无法识别。"), lazy("请对照文件格式说明修改。")),
    "unknown_role": ProblemWords(
        lazy("看不出是谁发的。"), lazy("角色请用客户、客服、机器人或系统，或在设置中说明您的用词。")
    ),
    "text_too_long": ProblemWords(lazy("内容过长，不像一条聊天消息。"), lazy("请拆分或截短。")),
    "line_too_long": ProblemWords(lazy("一行过长。"), lazy("请检查换行：每行应是一通会话。")),
    "unclosed_quote": ProblemWords(lazy("引号没有成对。"), lazy("请补上引号，或把单元格里的引号写成两个。")),
    "too_many_cells": ProblemWords(
        lazy("单元格比表头多。"), lazy("含有分隔符的单元格要加引号，或在设置中指定正确的分隔符。")
    ),
    "missing_conversation": ProblemWords(lazy("没有会话编号。"), lazy("请填写这一行的会话编号。")),
    "no_text_column": ProblemWords(
        lazy("没有认出内容列或发送方列。"), lazy("请在下面选择哪一列是消息内容，哪一列是发送方。")
    ),
    "no_message": ProblemWords(
        lazy("没有找到消息。"), lazy("每条消息前应有一行名称和时间，例如：小王 2025-09-01 08:03:05。")
    ),
    "before_first_message": ProblemWords(lazy("在第一条消息之前，不属于任何消息。")),
    "not_a_workbook": ProblemWords(
        lazy("表格文件已损坏、被加密，或不是表格文件。"), lazy("请另存为 .xlsx，或导出为 CSV。")
    ),
    "too_large": ProblemWords(lazy("文件过大，无法整体读取。"), lazy("请拆分文件，或改用 JSONL。")),
    "unreadable": ProblemWords(lazy("读取中断。"), lazy("请检查文件是否完整。")),
    "bad_time": ProblemWords(lazy("时间无法识别，这条消息按没有时间处理。")),
    "duplicate_id": ProblemWords(lazy("编号在文件中重复出现。")),
    "guessed_roles": ProblemWords(lazy("发送方是按谁先说话推测的。"), lazy("请在设置中填写客服的名称，结果会更准确。")),
    "unknown_kind": ProblemWords(lazy("消息类型无法识别，按文字处理。")),
    "differing_value": ProblemWords(lazy("与同一会话前面的行不一致，以前面的为准。")),
    "digits_lost": ProblemWords(
        lazy("数字超过 15 位，表格软件可能已改动末尾几位。"), lazy("请把订单号等列设为文本格式后重新导出。")
    ),
    "rows_apart": ProblemWords(lazy("同一会话的行相隔太远，被当作两通会话。"), lazy("请按会话编号排序后重新导出。")),
    "sheet_skipped": ProblemWords(lazy("有一个工作表没有读取：没有认出它的列。")),
    "file_twice": ProblemWords(lazy("同一个文件只读取一次。")),
    "other_shop": ProblemWords(lazy("会话写明属于另一个店铺。"), lazy("请为那个店铺单独导入，或按店铺列分配。")),
    "forbidden_shop": ProblemWords(lazy("店铺不在您的权限内。"), lazy("请由负责该店铺的同事导入。")),
    "unknown_shop": ProblemWords(lazy("没有这个名称的店铺。"), lazy("请先在管理页登记店铺，或改正文件中的名称。")),
    "missing_shop": ProblemWords(lazy("没有写明店铺。"), lazy("请在导入时选择店铺。")),
    "value_too_long": ProblemWords(lazy("编号或名称过长。")),
}
"""By the code of a problem; one without words here is shown with its English reason."""


_OTHER_NAMES = {
    "sent_at": "time", "id": "conversation", "order_id": "order", "case_id": "case", "customer.id": "customer",
    "customer.tier": "tier", "customer.order_value": "order_value",
}  # fmt: skip
"""What fields are called in the neutral form, where that differs."""


def field_word(field: str) -> str:
    """A field in words, or its own name where there are none; the sheet it is of, if any, before it."""
    sheet, mark, name = field.rpartition(": ")
    message, inside, last = name.rpartition("].")
    place = message + inside if inside else ""
    word = str(FIELDS.get(_OTHER_NAMES.get(last, last), last))
    return " · ".join(part for part in (sheet if mark else "", place + word) if part)


def reason_word(code: str, reason: str) -> str:
    """What is wrong, in the reader's language as far as there are words."""
    words = PROBLEMS.get(code)
    return str(words.said) if words else reason


def kind_word(code: str) -> str:
    """A kind of problem as a label: the sentence without its full stop."""
    return reason_word(code, code).rstrip("。.")


def advice_word(code: str) -> str:
    """What can be done about it, if there is something to say."""
    words = PROBLEMS.get(code)
    return str(words.advice) if words and words.advice else ""


def name_of(line: ImportLine) -> str:
    """What an import is called in a list: the file without its folders, which say much of the server and little else."""
    name = line.file_name if line.origin == "push" else line.file_name.rpartition("/")[2] or line.file_name
    return masked_name(name, language())
