"""What people read when a service says no: sentences by the code of the error, and words by the codes in the database.

A service raises a subclass of ``QAPlatformError`` with a ``code``; a view shows ``sentence_of(error)``. A code without a
sentence here is shown as a general one: the English message is for developers and stays in the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qaplatform.errors import QAPlatformError
from qaplatform.services.uploads import UploadsFolderError
from qaplatform.store.faults import FAULTS, StoreFaultError
from qaplatform.web.admin_sentences import ADMIN_SENTENCES
from qaplatform.web.grader_sentences import GRADER_SENTENCES
from qaplatform.web.i18n import LazyText, lazy
from qaplatform.web.training.sentences import TRAINING_SENTENCES

SENTENCES: Mapping[str, LazyText] = {
    "sign_in.refused": lazy("账号或密码不正确。"),
    "sign_in.too_many": lazy("尝试次数过多，请一小时后再试，或联系管理员重置密码。"),
    "password.wrong": lazy("当前密码不正确。"),
    "password.weak": lazy("密码太简单，请换一个。"),
    "password.short": lazy("密码至少需要 10 个字符，用一句话最好记。"),
    "password.long": lazy("密码最多 500 个字符。"),
    "password.login": lazy("密码不能与账号或姓名相同。"),
    "password.common": lazy("这个密码太常见，请换一个。"),
    "password.same": lazy("新密码不能与当前密码相同。"),
    "password.demo": lazy("演示账号的密码不能修改，否则别人就无法试用了。"),
    "demo.elsewhere": lazy("演示账号只能在演示环境中创建。"),
    "users.unknown": lazy("没有这个用户，请刷新页面。"),
    "users.login_form": lazy("账号为 2 到 100 个字母、数字或 . @ + - _，不能有空格。"),
    "users.login_taken": lazy("这个账号已被使用，请换一个。"),
    "users.name_form": lazy("姓名为 1 到 200 个字符。"),
    "users.language": lazy("界面语言只有中文和英文。"),
    "users.roles_form": lazy(
        "请至少选择一个角色；每个角色限定于一个店铺、一个团队或都不限定，客服、新人和管理员不能限定。"
    ),
    "users.agent_taken": lazy("这个客服已对应另一个用户。"),
    "users.place_unknown": lazy("店铺、团队或客服不存在，请刷新页面。"),
    "users.last_admin": lazy("这是最后一位管理员，请先指定另一位管理员。"),
    "users.oneself": lazy("不能修改自己的角色、停用自己或更换自己对应的客服，请由其他管理员操作。"),
    "imports.moved_on": lazy("这个导入的状态已经变了，请看最新的情况。"),
    "imports.file_gone": lazy("文件已不在服务器上，请重新上传。"),
    "imports.place": lazy("请选择会话所属的店铺。"),
    "mapping.text": lazy("请选择哪一列是消息内容。"),
    "mapping.writer": lazy("请选择哪一列说明是谁发的：发送方角色或发送人。"),
    "grader_trust.unknown": lazy("没有用这样的措辞问过这个模型，请从列表重新进入。"),
    "rubrics.unknown": lazy("没有这份质检标准或这个版本，请从列表重新进入。"),
    "rubric_drafts.unknown": lazy("没有这份草稿，请从列表重新进入。"),
    "rubric_drafts.moved_on": lazy("别人刚刚修改了这份草稿，您的修改没有保存。请先看对方改了什么。"),
    "rubric_drafts.closed": lazy("这份草稿已发布或已放弃，不能再修改。请新建草稿。"),
    "rubric_drafts.file": lazy("标准中没有这个文件，或文件超过 400,000 个字符。"),
    "rubric_drafts.by_hand": lazy("这一处不能用表单修改而不影响别处，请在右边的 YAML 里修改。"),
    "rubrics.faulty": lazy("草稿还有错误，改正后才能发布。"),
    "rubrics.other_id": lazy("标准的 id 不能修改，请改回原来的 id。"),
    "rubrics.tie": lazy("另一份标准以同样的条件适用于同样的会话，请修改适用范围。"),
    "rubrics.same": lazy("与最新版本完全相同，无需发布。"),
    "rubrics.moved_on": lazy("别人刚刚发布了新版本。请重新核对下面的差异，再决定是否发布。"),
    "rubrics.past_day": lazy("生效日期只能是今天或以后，已经过去的会话不会重新按新标准评分。"),
    "rubrics.note": lazy("说明不能超过 2000 个字符。"),
    "rubrics.pasted": lazy(
        "没有读出聊天内容。请粘贴从聊天窗口复制的文字，或每行一条的记录，如 customer 10:00:00 在吗。"
    ),
    "rubric_replays.unknown": lazy("没有这次回放，请从草稿重新进入。"),
    "rubric_replays.empty": lazy("这段时间没有会话，请换一段时间。"),
    "job_not_found": lazy("没有这个任务，它可能已被清理。"),
    "job_has_ended": lazy("任务已经结束，不能再取消。"),
    "job_not_to_cancel": lazy("这项任务已经开始，不能撤销，会一直做完。"),
    "job_not_to_retry": lazy("只有失败或已取消的任务可以重试。"),
    "job_key_busy": lazy("同样的任务正在等待或进行，请等它结束，或先取消它。"),
    "mapping.twice": lazy("两列不能对应同一个字段。"),
    "imports.unknown": lazy("没有这个导入，或它不属于您的店铺。"),
    "key_reused": lazy("这个幂等键已用于另一批内容，请换一个新的键。"),
    "not_json": lazy("内容不是有效的 JSON。"),
    "batch_too_large": lazy("这一批太大了，一次最多 1,000 通会话、20,000 条消息。"),
    "review.own": lazy("这是您自己接待的会话，请由其他人复核。"),
    "review.no_audit": lazy("这通会话还没有质检结果，请稍后再试，或先要求质检。"),
    "review.rubric": lazy("这个版本读不了当时的质检标准，请先重新质检这通会话。"),
    "review.changed": lazy("这项待办已在别处更新：可能是另一个窗口、主管调整，或已经完成。请打开最新的状态再继续。"),
    "review.unanswered": lazy("还有质检项需要裁定或写明理由，已在右侧标出。"),
    "review.meanwhile": lazy("您处理期间，另一位同事已提交复核。请先查看对方的结论，再决定是否提交。"),
    "review.form": lazy("内容无法识别，没有保存。请刷新页面，之前保存的草稿还在。"),
    "review.words": lazy("没有在这条消息中找到这些文字。请选中原话，或照页面显示的文字填写，并选择质检项。"),
    "customer_not_found": lazy("没有这个客户，请从会话页重新进入。"),
    "customer_erased": lazy("这个客户的信息已经删除过了。"),
    "customer_not_confirmed": lazy("与代号不一致，没有删除任何内容。请核对后重新输入。"),
    "filter.number": lazy("抽取范围有误：应为数字。"),
    "filter.day": lazy("抽取范围有误：日期不正确。"),
    "filter.range": lazy("抽取范围有误：上限不能小于下限。"),
    "filter.choice": lazy("抽取范围有误：没有这个选项，也不能按搜索词抽取。"),
    "filter.long": lazy("抽取范围有误：条件太长。"),
    "filter.many": lazy("抽取范围有误：条件太多。"),
    "filter.letters": lazy("抽取范围有误：含有无法识别的字符。"),
    "samples.unknown": lazy("没有这个抽检计划，请刷新页面。"),
    "samples.ended": lazy("计划已经结束，请新建一个。"),
    "samples.no_reach": lazy("计划的负责人已无权在这些店铺抽检，请由有权限的人重新保存计划。"),
    "samples.drawn_already": lazy("本周期已经抽取过，不会重复抽取。"),
    "samples.form": lazy("计划的内容有误，请检查各项。"),
    "samples.name_form": lazy("名称为一行，1 到 200 个字符。"),
    "samples.count": lazy("一次抽取 1 到 1,000 通，每人 1 到 100 通。"),
    "samples.percent": lazy("比例应大于 0，不超过 100。"),
    "samples.shares": lazy("各部分占比合计应为 100%%。"),
    "samples.inspectors": lazy("所选的质检员已停用或不再是质检员，请重新选择。"),
    "samples.time": lazy("时区、时刻、星期或期限不正确。"),
    "samples.place": lazy("只能在自己负责的店铺抽检，请至少选择其中一家店铺。"),
    "items.unknown": lazy("没有这项复核任务，请刷新页面。"),
    "items.moved_on": lazy("这项任务刚刚有变化，请看最新的情况再操作。"),
    "items.reason": lazy("请选择替换的原因。"),
    "items.not_theirs": lazy("这个人不能复核这通会话：看不到这家店铺、是自己接待的，或不是质检员。"),
    "items.not_drawn": lazy("这通会话是人工指定的，没有可以补抽的；需要时请收回。"),
    "grader.forbidden": lazy("店铺或质检标准不允许把这通会话发送给语言模型。"),
    "grader.no_questions": lazy("没有可问的：没有适用的判断题，或者没有质检结果、原文。"),
    "grader.not_asked": lazy("这通会话不会拿去问模型。"),
    "grader.nothing_chosen": lazy("没有符合条件的会话，请放宽条件。"),
    "grader.unknown_run": lazy("没有这次提问，请从列表重新进入。"),
    "grader.run_ended": lazy("这次提问已经结束，不用再停止。"),
    "grader.run_not_to_go_on": lazy("这次提问还在进行，或者已经全部问完，不能接着问。"),
    "access.denied": lazy("您没有进行此操作的权限。"),
    "not_there": lazy("没有找到，可能已被删除，请刷新页面。"),
    "search.name": lazy("请填写搜索的名称，不超过 100 个字符。"),
    "search.many": lazy("最多保存 100 个搜索，请先删除一些。"),
    "checks.unknown": lazy("现行标准里没有这个质检项。"),
    "checks.reason": lazy("请写明继续计分的理由，不超过 500 个字。"),
    "checks.same": lazy("最新版本里已经是这样了，请刷新看看。"),
    "checks.floor": lazy("下限请填 50 到 99 之间的百分数。"),
    "checks.context": lazy("这个语境不再是建议：已经写成例外，或有人确认过其中的扣分点。"),
    "checks.no_list": lazy("这些话不出自质检标准的词表，无法写成例外；请改检查项的参数。"),
    "note.empty": lazy("请填写备注，不超过 2000 个字符。"),
    "note.message": lazy("没有这条消息，请核对消息序号。"),
    "store.full": lazy("服务器的磁盘满了，刚才的内容没有保存。请联系管理员清理磁盘，然后再试一次。"),
    "store.busy": lazy("数据库正被另一个程序占用，刚才的内容没有保存。请稍后再试；如果一直这样，请联系管理员。"),
    "store.read_only": lazy("服务器不能写入数据库，刚才的内容没有保存。请联系管理员检查数据文件夹的权限。"),
    "store.away": lazy("连接不上数据库，刚才的内容没有保存。请稍后再试；如果一直这样，请联系管理员。"),
    "store.disk": lazy("服务器的磁盘读写出错，刚才的内容没有保存。请联系管理员检查磁盘。"),
    "store.damaged": lazy("数据库已损坏。请联系管理员停止服务，并用最近的备份恢复。"),
    "uploads.folder": lazy("服务器不能写入存放上传文件的文件夹，文件没有保存。请联系管理员检查数据文件夹。"),
    **ADMIN_SENTENCES,
    **GRADER_SENTENCES,
    **TRAINING_SENTENCES,
}
"""By ``code``; whoever adds an error that people can meet adds its sentence."""
GENERAL = lazy("操作没有完成，请稍后再试。")

VERDICTS: Mapping[str, LazyText] = {
    "pass": lazy("合格"),
    "fail": lazy("不合格"),
    "critical": lazy("一票否决"),
    "pending": lazy("待确认"),
    "unscored": lazy("未评分"),
}
OUTCOMES: Mapping[str, LazyText] = {
    "pass": lazy("通过"),
    "fail": lazy("未通过"),
    "not_applicable": lazy("不适用"),
    "unscored": lazy("未评分"),
}
STATES: Mapping[str, LazyText] = {
    "draft": lazy("待核对"),
    "waiting": lazy("等待中"),
    "running": lazy("进行中"),
    "done": lazy("已完成"),
    "failed": lazy("失败"),
    "cancelled": lazy("已取消"),
}
"""Of jobs and imports."""

QUEUES: Mapping[str, LazyText] = {"pre_sale": lazy("售前"), "after_sale": lazy("售后")}
CHANNELS: Mapping[str, LazyText] = {
    "chat": lazy("在线聊天"),
    "ticket": lazy("工单"),
    "email": lazy("邮件"),
    "phone": lazy("电话"),
}
CHAT_LANGUAGES: Mapping[str, LazyText] = {"zh": lazy("中文"), "en": lazy("英文")}
TIERS: Mapping[str, LazyText] = {
    "silver": lazy("银卡"),
    "gold": lazy("金卡"),
    "diamond": lazy("钻石"),
    "vip": lazy("VIP 客户"),
}
SOURCES: Mapping[str, LazyText] = {
    "taobao": lazy("淘宝"),
    "tmall": lazy("天猫"),
    "jd": lazy("京东"),
    "douyin": lazy("抖音"),
    "pinduoduo": lazy("拼多多"),
}
ORDERS: Mapping[str, LazyText] = {
    "newest": lazy("最新在前"),
    "priority": lazy("优先级高的在前"),
    "score": lazy("得分低的在前"),
}
"""Of the list of conversations."""


def sentence(code: str) -> str:
    """The sentence of a code, in the reader's language."""
    return str(SENTENCES.get(code, GENERAL))


_KINDS: Sequence[type[StoreFaultError]] = (*FAULTS, UploadsFolderError)
_CODES_OF_FAULTS = {kind().message: kind.code for kind in _KINDS}


def sentence_of_failed(said: str | None) -> str | None:
    """What people read of an error that a job has put down, where it is one of the faults of disk and database."""
    code = next((code for message, code in _CODES_OF_FAULTS.items() if (said or "").startswith(message)), None)
    return None if code is None else str(SENTENCES[code])


def sentence_of(error: QAPlatformError) -> str:
    """What to tell a person of an error."""
    return sentence(str(getattr(error, "code", "")))
