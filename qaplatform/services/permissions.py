"""The table of permissions and roles: who may do what. Why it says what it says: :mod:`qaplatform.services.access`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

import msgspec

from qaplatform.errors import QAPlatformError
from qaplatform.store.scopes import Role

Bound = Literal["everywhere", "anywhere", "shops", "shops_and_teams", "own"]
Binding = Literal["free", "never", "oneself"]


class UnknownPermissionError(QAPlatformError):
    """There is no such permission; the table is PERMISSIONS in services/permissions.py."""


class RoleText(msgspec.Struct, frozen=True):
    """A role in words, and how it may be bound: freely, never, or always to oneself."""

    zh: str
    en: str
    binding: Binding = "free"


ROLES: Mapping[Role, RoleText] = MappingProxyType(
    {
        "inspector": RoleText("质检", "Inspector"),
        "qa_lead": RoleText("质检主管", "QA lead"),
        "team_lead": RoleText("组长", "Team lead"),
        "store_manager": RoleText("店长", "Store manager"),
        "mentor": RoleText("带教", "Mentor"),
        "agent": RoleText("客服", "Agent", "oneself"),
        "new_hire": RoleText("新人", "New hire", "oneself"),
        # A shop's admin who may give roles would soon be everybody's.
        "admin": RoleText("管理员", "Admin", "never"),
    }
)


class Permission(msgspec.Struct, frozen=True):
    """What somebody may do, in a sentence; the roles that may, and what binds them.

    ``bound`` is one of

    - ``everywhere``: it concerns the whole workplace; a role held in one shop or team does not give it;
    - ``anywhere``: it concerns the whole workplace, and a role gives it wherever it is held;
    - ``shops``: within the role's shops; a role held in a team does not give it;
    - ``shops_and_teams``: within the role's shops and teams, and for agents within what is their own;
    - ``own``: it concerns oneself; the role gives it wherever it is held.

    It never reaches further than the permission it ``needs``.
    """

    zh: str
    en: str
    roles: frozenset[Role]
    bound: Bound
    needs: str | None = None


_EVERYBODY: frozenset[Role] = frozenset(get_args(Role))
_LEADS: frozenset[Role] = frozenset({"inspector", "qa_lead", "team_lead", "store_manager", "mentor"})


def _table() -> Mapping[str, Permission]:
    def permission(bound: Bound, zh: str, en: str, *roles: Role, needs: str | None = None) -> Permission:
        return Permission(zh, en, frozenset(roles), bound, needs)

    return MappingProxyType(
        {
            "conversations.see": permission(
                "shops_and_teams",
                "查看会话及其评分和扣分点(个人信息打码)",
                "See conversations with their scores and findings, personal data masked",
                *_LEADS, "agent", "new_hire",
            ),
            "conversations.unmask": permission(
                "shops_and_teams",
                "查看被打码的个人信息(每次都会记入操作日志)",
                "See the personal data behind the mask; every time is logged",
                "inspector", "qa_lead", "admin", needs="conversations.see",
            ),
            "conversations.export": permission(
                "shops_and_teams",
                "导出会话和评分(个人信息打码)",
                "Export conversations and scores, personal data masked",
                "qa_lead", "team_lead", "store_manager", needs="conversations.see",
            ),
            "notes.write": permission(
                "shops_and_teams",
                "查看和添加会话旁的备注",
                "Read and write notes beside conversations",
                *_LEADS, needs="conversations.see",
            ),
            "reaudit.ask": permission(
                "shops_and_teams",
                "要求重新质检会话(旧结果保留)",
                "Ask for conversations to be audited again; old results stay",
                "inspector", "qa_lead", "admin",
            ),
            "reviews.give": permission(
                "shops_and_teams",
                "复核会话:裁定扣分点、补充、评语",
                "Review conversations: rule on findings, add some, comment",
                "inspector", "qa_lead", needs="conversations.see",
            ),
            "results.see": permission(
                "own",
                "查看、确认和回复自己会话的复核结果",
                "See, acknowledge and answer the reviews of one's own conversations",
                *_EVERYBODY,
            ),
            "dashboard.see": permission(
                "shops_and_teams",
                "查看看板：质量、响应、流量和辅导建议",
                "See the dashboard: quality, response, inflow and whom to coach",
                *_LEADS, needs="conversations.see",
            ),
            "samples.see": permission(
                "shops_and_teams",
                "查看抽检计划、抽到的会话和抽检覆盖",
                "See sampling plans, what they drew and how much of everybody's work was looked at",
                "inspector", "qa_lead", "team_lead", "store_manager",
            ),
            "samples.plan": permission(
                "shops",
                "制定抽检计划并抽取会话",
                "Make sampling plans and draw conversations",
                "qa_lead",
            ),
            "samples.assign": permission(
                "shops_and_teams",
                "替换、改派、收回抽到的会话",
                "Replace drawn conversations, give them to others and take them back",
                "qa_lead",
            ),
            "risk.see": permission(
                "shops_and_teams",
                "查看各组的风险模型及其准确度",
                "See the risk models of teams and how good they are",
                "inspector", "qa_lead", "team_lead",
            ),
            "risk.steer": permission(
                "everywhere",
                "训练或停用风险模型",
                "Have risk models learned, or switch them off",
                "qa_lead",
            ),
            "rubrics.see": permission(
                "shops_and_teams",
                "查看质检标准及其历史",
                "See the quality standards and their history",
                *_LEADS,
            ),
            "rubrics.edit": permission(
                "everywhere",
                "修改质检标准的草稿,试评和回放",
                "Edit drafts of the quality standards, try them out and replay them",
                "qa_lead",
            ),
            "rubrics.publish": permission(
                "everywhere",
                "发布质检标准或退回旧版本",
                "Publish quality standards and roll back to old versions",
                "qa_lead",
            ),
            "checks.see": permission(
                "shops_and_teams",
                "查看各质检项的准确率和检出率",
                "See how often each check is right and how much it finds",
                "inspector", "qa_lead", "team_lead", "store_manager", needs="conversations.see",
            ),
            "checks.steer": permission(
                "everywhere",
                "按裁定提出改为提示或增加例外",
                "Turn checks into hints and exempt contexts, in drafts of the rubric",
                "qa_lead",
            ),
            "grader.see": permission(
                "shops_and_teams",
                "查看语言模型对会话的回答、发送的内容、可信度和费用",
                "See what language models said of conversations, what was sent, how far they are trusted and what they cost",
                *_LEADS, needs="conversations.see",
            ),
            "grader.ask": permission(
                "shops_and_teams",
                "请语言模型回答会话的判断题(产生费用)",
                "Have a language model answer the questions about conversations, which costs",
                "inspector", "qa_lead", needs="conversations.see",
            ),
            "grader.open": permission(
                "shops_and_teams", "查看用的是哪个语言模型、今天用了多少", "See which language model is asked, and what was used today",
                *_LEADS, "admin",
            ),
            "grader.costs": permission(
                "everywhere", "查看语言模型在整个平台的用量和费用", "See what language models took and cost in the whole workplace",
                *_LEADS, "admin",
            ),
            "grader.manage": permission(
                "everywhere",
                "设置语言模型的接口、密钥、价格、上限和信任线",
                "Set up the language models: endpoints, keys, prices, caps and the bar of trust",
                "qa_lead", "admin",
            ),
            "training.learn": permission(
                "own",
                "学习课程,参加测验、练习和模拟考核",
                "Read lessons, take tests, drills and mock exams",
                *_EVERYBODY,
            ),
            "training.see": permission(
                "shops_and_teams",
                "查看学员的进度、带教日志、成绩和能力",
                "See how far learners are: their progress, logs, results and skills",
                *_LEADS, "agent", "new_hire",
            ),
            "training.coach": permission(
                "shops_and_teams",
                "写带教日志,布置练习,复核模拟考核",
                "Write daily logs, give drills, review mock exams",
                "mentor", "qa_lead", "team_lead", needs="conversations.see",
            ),
            "training.lead": permission(
                "shops_and_teams",
                "安排学习路径和带教,同意结业",
                "Put people on learning paths, give them mentors, let them graduate",
                "qa_lead", "team_lead", "store_manager",
            ),
            "training.edit": permission(
                "anywhere",
                "编写课程、题目、场景和学习路径的草稿",
                "Draft lessons, questions, scenarios and learning paths",
                "qa_lead", "mentor",
            ),
            "training.publish": permission(
                "everywhere",
                "发布培训内容,设置考核规则,撤销证书",
                "Publish what is taught, set the rules of exams, revoke certificates",
                "qa_lead",
            ),
            "imports.make": permission(
                "shops",
                "上传并导入会话文件",
                "Upload files of conversations and take them in",
                "inspector", "qa_lead", "store_manager", "admin",
            ),
            "imports.see": permission(
                "shops",
                "查看导入记录、进度和出错的行",
                "See imports, their progress and the lines that were rejected",
                "inspector", "qa_lead", "store_manager", "admin",
            ),
            "jobs.see": permission(
                "everywhere",
                "查看后台任务的进度和错误",
                "See background jobs, their progress and errors",
                "inspector", "qa_lead", "admin",
            ),
            "jobs.steer": permission(
                "everywhere",
                "取消或重试后台任务",
                "Cancel background jobs or try them again",
                "qa_lead", "admin",
            ),
            "users.manage": permission(
                "everywhere",
                "管理用户、角色和一次性密码",
                "Manage users, their roles and one-time passwords",
                "admin",
            ),
            "shops.manage": permission(
                "everywhere",
                "管理店铺、日历、退货地址、部门和保留期限",
                "Manage shops, calendars, return addresses, departments and retention",
                "admin",
            ),
            "people.manage": permission(
                "everywhere",
                "管理团队、客服和平台子账号",
                "Manage teams, agents and platform accounts",
                "admin",
            ),
            "tokens.manage": permission(
                "everywhere",
                "管理店铺的推送令牌",
                "Manage the tokens that shops push with",
                "admin",
            ),
            "activity.see": permission(
                "shops",
                "查看操作日志",
                "See the activity log",
                "qa_lead", "admin",
            ),
            "customers.erase": permission(
                "shops",
                "应客户要求删除其全部文字记录(不可恢复)",
                "Erase everything a customer wrote, for good, when they ask for it",
                "qa_lead", "admin",
            ),
            "home.see": permission(
                "own",
                "查看自己的首页",
                "See one's own home page",
                *_EVERYBODY,
            ),
            "self.manage": permission(
                "own",
                "修改自己的密码和界面语言",
                "Change one's own password and language",
                *_EVERYBODY,
            ),
        }
    )  # fmt: skip


PERMISSIONS: Mapping[str, Permission] = _table()


def permission_named(name: str) -> Permission:
    """The row of the table.

    Raises:
        UnknownPermissionError: there is none.
    """
    try:
        return PERMISSIONS[name]
    except KeyError:
        raise UnknownPermissionError(f"there is no permission {name!r}") from None
