"""The tables, one file an aggregate. Importing this module makes ``Base.metadata`` whole."""

from qaplatform.store.tables.base import Base
from qaplatform.store.tables.calendars import CalendarDay, ClockBandRow, ReturnAddress, RosterRow
from qaplatform.store.tables.checks import CheckKept
from qaplatform.store.tables.conversations import Case, ConversationRow, Customer, MessageRow
from qaplatform.store.tables.figures import FigureDay, FigureDayDue
from qaplatform.store.tables.findings import AuditRow, ContextVersion, CriterionResult, FindingRow, RubricVersion
from qaplatform.store.tables.grading import (
    GradeRow,
    Grading,
    GradingItem,
    GradingRun,
    LlmAnswer,
    LlmCall,
    LlmEndpoint,
    LlmSpending,
    LlmTrust,
    SentText,
)
from qaplatform.store.tables.imports import Import, ImportProblem, PushBatch, PushToken, WatchedFile
from qaplatform.store.tables.jobs import Job
from qaplatform.store.tables.marks import ConversationAgent, ConversationMark
from qaplatform.store.tables.people import Account, AccountHolder, AgentRow, DepartmentRow, Shop, Team
from qaplatform.store.tables.reviews import AddedFinding, FindingRuling, Note, Review, Ruling
from qaplatform.store.tables.risk import RiskModelRow
from qaplatform.store.tables.rubric_desk import RubricDraft, RubricNotice, RubricRelease, RubricReplay
from qaplatform.store.tables.samples import Sample, SamplePlan, WorkItem
from qaplatform.store.tables.users import Activity, LoginFailure, SavedSearch, Setting, User, UserRole, UserSession

__all__ = [
    "Account",
    "AccountHolder",
    "Activity",
    "AddedFinding",
    "AgentRow",
    "AuditRow",
    "Base",
    "CalendarDay",
    "Case",
    "CheckKept",
    "ClockBandRow",
    "ContextVersion",
    "ConversationAgent",
    "ConversationMark",
    "ConversationRow",
    "CriterionResult",
    "Customer",
    "DepartmentRow",
    "FigureDay",
    "FigureDayDue",
    "FindingRow",
    "FindingRuling",
    "GradeRow",
    "Grading",
    "GradingItem",
    "GradingRun",
    "Import",
    "ImportProblem",
    "Job",
    "LlmAnswer",
    "LlmCall",
    "LlmEndpoint",
    "LlmSpending",
    "LlmTrust",
    "LoginFailure",
    "MessageRow",
    "Note",
    "PushBatch",
    "PushToken",
    "ReturnAddress",
    "Review",
    "RiskModelRow",
    "RosterRow",
    "RubricDraft",
    "RubricNotice",
    "RubricRelease",
    "RubricReplay",
    "RubricVersion",
    "Ruling",
    "Sample",
    "SamplePlan",
    "SavedSearch",
    "SentText",
    "Setting",
    "Shop",
    "Team",
    "User",
    "UserRole",
    "UserSession",
    "WatchedFile",
    "WorkItem",
]
