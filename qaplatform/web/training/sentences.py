"""What people read when the services of training say no, by the code of the error."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, lazy

TRAINING_SENTENCES: Mapping[str, LazyText] = {
    "training.settings": lazy("考核规则的数字超出范围，请检查。"),
    "training.text_code": lazy("编号由小写字母、数字、点、下划线和连字符组成，最多 80 个字符。"),
    "training.text_too_long": lazy("一篇内容最多 200,000 个字符，请分成几篇。"),
    # Question bank and theory tests
    "training.text_moved_on": lazy("别人刚刚保存了另一个版本。请先对照，再次保存将以您的为准。"),
    "training.text_faulty": lazy("内容还有错误，改正后才能发布；也可以先存为草稿。"),
    "papers.too_few_questions": lazy("题库里符合条件的题目不够，请放宽条件或先加题。"),
    "papers.question_changed": lazy("这份试卷里有一道题已经变了，请重新开始。"),
    "papers.passed_already": lazy("您已通过这份测验。"),
    "papers.no_attempt_left": lazy("这份测验的次数已用完，请找导师商量。"),
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
