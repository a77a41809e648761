"""Training: paths and mentors, lessons and questions, mock dialogues, drills, and whether it worked."""
