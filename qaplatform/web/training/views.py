"""All blueprints of training."""

from __future__ import annotations

from qaplatform.web.training import (
    certificates,
    exam_rules,
    learning,
    learning_paths,
    lesson_drafts,
    lessons,
    people,
    problem_points,
    weekly_focus,
)

TRAINING = (
    learning.learning,
    people.training,
    learning_paths.learning_paths,
    problem_points.daily_logs,
    lessons.lessons,
    weekly_focus.weekly_focus,
    lesson_drafts.lesson_drafts,
    exam_rules.exam_rules,
    certificates.certificates,
)
