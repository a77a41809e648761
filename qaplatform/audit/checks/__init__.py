"""Checks: what a rubric's criteria judge by. One file a check, found by walking the folder."""
