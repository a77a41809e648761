"""What people read when the services of training say no, by the code of the error."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

TRAINING_SENTENCES: Mapping[str, LazyText] = {
    # Drills
    "drills.empty": lazy("请写一句回复再发送。"),
    "drills.too_long": lazy("回复最多 1,000 个字符。"),
    "drills.taken": lazy("已经有这个编号的练习题（可能已撤下），请换一个编号，或直接编辑那一题。"),
    "drills.no_situation": lazy("这个扣分点之前没有客户的消息，不能做成练习；请从练习库里选一题。"),
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
    "rules.holidays": lazy("连续两个月没有人上班，到期日就没法算；请检查节假日。"),
    "rules.days": lazy("同一天不能既是节假日又是调休上班。"),
    "certificates.number": lazy("编号形如 QA-2026-000123-4；这个编号输入有误，请核对。"),
    "certificates.reason": lazy("请写明原因，最多 500 个字符。"),
    "certificates.revoked": lazy("这张证书之前已经撤销。"),
    # Scenarios.
    "scenarios.unknown": lazy("没有这个场景或这个版本，请从列表重新进入。"),
    "scenarios.moved_on": lazy("别人刚刚修改了这个场景，您的修改没有保存。请先看对方改了什么。"),
    "scenarios.taken": lazy("这个编号已经有场景在用，请换一个。"),
    "scenarios.not_ready": lazy("还不能发布：请先改正下面列出的问题，参考对话也要达到分数。"),
    "scenarios.same": lazy("没有可以发布或撤下的改动。"),
    "scenarios.real_person": lazy("由真实会话做成的场景，要有人通读确认后才能发布。"),
    "scenarios.bare_chat": lazy("这通会话做不成场景：要有客户和客服的消息，并且原文没有清除。"),
    "scenarios.trial_too_long": lazy("一次试一试最多 60 步，每条最多 1,000 个字符，请重新开始。"),
    "scenarios.unjudged": lazy("没有质检标准适用于这个场景的会话，请检查场景的队列或标准的适用范围。"),
    "training.text_too_long": lazy("一篇内容最多 200,000 个字符，请分成几篇。"),
    # Daily logs
    "training.next_due": lazy("下一步的期限应在日志当天到之后一年之间。"),
    "training.point_text": lazy("问题点要写明问题，并选择原因和程度；每一栏最多 2,000 个字符。"),
    "training.point_answered": lazy("这条问题点不能再修改：新人已回复、已撤回，或由别人记录。可以另记一条。"),
    "training.other_chat": lazy("这通会话不是这位新人当天的会话，请刷新页面后再选。"),
    "training.log_day": lazy("只能记今天和以前的日志。"),
    "training.finding_gone": lazy("这处扣分点已不在：会话重新质检过，或有人裁定过。请刷新页面。"),
    "training.answer_text": lazy("请写下回复的内容，最多 2,000 个字符。"),
    "training.summary_text": lazy("小结最多 2,000 个字符。"),
    # Paths, board, mentors
    "training.already_enrolled": lazy("这位学员已经在一条学习路径上，请刷新页面。"),
    "training.not_enrolled": lazy("这位学员现在不在学习路径上，请刷新页面。"),
    "training.no_path": lazy("没有这条学习路径，或已被撤下，请另选一条。"),
    "training.first_day": lazy("第一天应在过去三年到今后 90 天之间。"),
    "training.locked": lazy("学习路径上还有步骤要先完成；想提前开始，请带教开放。"),
    "training.not_ready": lazy("还有结业条件没有满足，见页面上的清单。"),
    "training.not_mentor": lazy("只有这位学员的带教才能同意结业；换了带教，请先指定。"),
    "training.mentor_moved_on": lazy("别人刚刚给这位学员指定了带教，请刷新页面。"),
    "training.mentor_unfit": lazy("带教应是能辅导这位学员的另一位在职用户。"),
    "training.record_step": lazy("请选择路径上正在进行的同类步骤、可以提前开放的步骤，或“不对应步骤”。"),
    "training.record_day": lazy("日期应在路径的第一天和今天之间。"),
    "training.record_text": lazy("请写 1 到 4,000 个字。"),
    "training.record_chat": lazy("请选择这位学员自己的一通会话，或填写它的编号。"),
    "training.path_moved_on": lazy(
        "别人刚刚保存了这条路径，您的修改没有保存。请先看对方改了什么，再次保存会以您写的为准。"
    ),
    "training.path_faulty": lazy("路径还有错误，改正后才能发布。"),
    "training.path_in_use": lazy("还有人在这条路径上，请先给他们换一条。"),
    "training.path_taken": lazy("已有这个编号的路径，请换一个。"),
    "training.path_step": lazy("请填写中英文名称，天数和次数从 1 开始。"),
    # Exam room
    "exam.running": lazy("您还有一场考核没有结束，请先继续或结束它。"),
    "exam.at_once": lazy("同时接待的客户为 1 到 4 位。"),
    "exam.no_llm": lazy("现在不能由语言模型扮演客户，请选择脚本客户。"),
    "exam.no_rubric": lazy("没有适用于这个场景的质检标准，请先发布一份。"),
    "exam.not_to_choose": lazy("考核的场景由系统抽取；想选场景请用练习。"),
    "exam.draft": lazy("这份草稿有错误，不能试演，请先改正。"),
    "exam.no_scenario": lazy("这一类的场景不够，请换一类或减少同时接待的客户。"),
    "exam.too_early": lazy("这一类考核未通过后的等待时间还没到，可以先练习或换一类。"),
    "exam.crowded": lazy("同一时刻有太多改动，请再试一次。"),
    "exam.ended": lazy("这段对话已经结束，不能再发送。"),
    "exam.not_open": lazy("这位客户还没有来咨询。"),
    "exam.paused": lazy("计时已暂停，恢复后请再发送。"),
    "exam.empty": lazy("请先写点内容再发送。"),
    "exam.too_long": lazy("一条消息最多 2000 个字符，请分两条发送。"),
    "exam.key": lazy("页面需要刷新后再发送这条消息。"),
    "exam.own": lazy("这是您自己的考核，请由别人复核。"),
    "exam.ruling": lazy("这段对话里没有可以这样裁定的内容，请刷新页面后从列表中选择。"),
    "exam.reason": lazy("改变结果的裁定要写理由，评语要有内容，最多 2000 个字符。"),
    # Question bank and theory tests
    "training.text_moved_on": lazy("别人刚刚保存了另一个版本。请先对照，再次保存将以您的为准。"),
    "training.draft_moved_on": lazy("刚刚有人又保存过，草稿没有放弃。请先看过新的内容，再决定要不要放弃。"),
    "training.text_in_use": lazy(
        "没有放弃：它还没有发布过，放弃草稿就等于整个删除，而已有学习路径或学员的记录引用它。请先从路径里取出，或发布后再撤下。"
    ),
    "training.text_faulty": lazy("内容还有错误，改正后才能发布；也可以先存为草稿。"),
    "papers.too_few_questions": lazy("题库里符合条件的题目不够，请放宽条件或先加题。"),
    "papers.question_changed": lazy("这份试卷里有一道题已经变了，请重新开始。"),
    "papers.passed_already": lazy("您已通过这份测验。"),
    "papers.no_attempt_left": lazy("这份测验的次数已用完，请找带教商量。"),
    "papers.too_early": lazy("还没到可以重考的时间，先看看上次错在哪里。"),
    "papers.ended": lazy("这次测验已经结束，刚才提交的内容不计入成绩。"),
    "papers.judged": lazy("这道题已经看过结果，不能再改。"),
    "papers.answer_too_long": lazy("回答最多 4,000 个字，每个空最多 200 个字。"),
    "papers.nothing_answered": lazy("请先作答，再看与标准的差别。"),
    "papers.ruling": lazy("给分应在 0 到 100%% 之间，评语最多 2,000 个字。"),
    "papers.still_running": lazy("这次测验还在进行，结束后才能查看。"),
    "questions.file": lazy("读不了这个文件：需要与导出格式一致的 Excel 文件（XLSX），或 UTF-8 的 GIFT 文本。"),
    "questions.too_many": lazy("一个文件最多 1,000 道题，请分成几个。"),
    "questions.nothing_new": lazy("里面没有新的或改动过的题目。"),
}
