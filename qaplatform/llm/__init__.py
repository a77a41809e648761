"""The optional grader: questions put to a language model, answers that code has verified."""
