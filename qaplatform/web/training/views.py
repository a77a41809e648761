"""All blueprints of training."""

from __future__ import annotations

from qaplatform.web.training import (
    certificates,
    criteria,
    drill_library,
    drills,
    exam_reviews,
    exam_rules,
    exams,
    learning,
    learning_paths,
    lesson_drafts,
    lessons,
    papers,
    people,
    problem_points,
    questions,
    scenarios,
    skills,
    weekly_focus,
)

TRAINING = (
    learning.learning,
    people.training,
    learning_paths.learning_paths,
    lessons.lessons,
    weekly_focus.weekly_focus,
    lesson_drafts.lesson_drafts,
    exam_rules.exam_rules,
    certificates.certificates,
    exams.exams,
    exam_reviews.exam_reviews,
    papers.papers,
    questions.questions,
    drills.drills,
    drill_library.drill_library,
    skills.skills,
    criteria.training_criteria,
    problem_points.daily_logs,
    scenarios.scenarios,
)
