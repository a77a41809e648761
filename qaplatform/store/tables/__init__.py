"""The tables, one file an aggregate. Importing this module makes ``Base.metadata`` whole."""

from qaplatform.store.tables.base import Base
from qaplatform.store.tables.calendars import CalendarDay, ClockBandRow, ReturnAddress, RosterRow
from qaplatform.store.tables.checks import CheckKept
from qaplatform.store.tables.conversations import Case, ConversationRow, Customer, MessageRow
from qaplatform.store.tables.drills import DrillAnswer, DrillCard, TrainingMark
from qaplatform.store.tables.exams import (
    Certificate,
    ExamCall,
    ExamDialogue,
    ExamDraft,
    ExamMessage,
    ExamPause,
    ExamRuling,
    ExamSitting,
)
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
from qaplatform.store.tables.learning import Enrolment, LearningText, LearningVersion, LessonReading, StepRecord
from qaplatform.store.tables.marks import ConversationAgent, ConversationMark
from qaplatform.store.tables.mentoring import (
    DailyLog,
    DismissedSuggestion,
    LogAnswer,
    LogChat,
    Mentorship,
    ProblemPoint,
)
from qaplatform.store.tables.papers import PaperAnswer, PaperAttempt, PaperRuling
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
    "Certificate",
    "CheckKept",
    "ClockBandRow",
    "ContextVersion",
    "ConversationAgent",
    "ConversationMark",
    "ConversationRow",
    "CriterionResult",
    "Customer",
    "DailyLog",
    "DepartmentRow",
    "DismissedSuggestion",
    "DrillAnswer",
    "DrillCard",
    "Enrolment",
    "ExamCall",
    "ExamDialogue",
    "ExamDraft",
    "ExamMessage",
    "ExamPause",
    "ExamRuling",
    "ExamSitting",
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
    "LearningText",
    "LearningVersion",
    "LessonReading",
    "LlmAnswer",
    "LlmCall",
    "LlmEndpoint",
    "LlmSpending",
    "LlmTrust",
    "LogAnswer",
    "LogChat",
    "LoginFailure",
    "Mentorship",
    "MessageRow",
    "Note",
    "PaperAnswer",
    "PaperAttempt",
    "PaperRuling",
    "ProblemPoint",
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
    "StepRecord",
    "Team",
    "TrainingMark",
    "User",
    "UserRole",
    "UserSession",
    "WatchedFile",
    "WorkItem",
]
