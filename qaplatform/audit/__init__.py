"""The pure core: conversations, rubric and context in; scorecards out. No files, no network, no clock."""
