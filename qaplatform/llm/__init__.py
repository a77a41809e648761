"""The optional grader: questions to a language model, whose answers count only as far as code has verified them."""
