"""What training keeps: texts, versions, people on their paths, logs, tests, exams, drills."""
