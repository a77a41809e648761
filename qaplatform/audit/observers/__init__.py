"""Observers: what stands in a conversation, before any rule. One file an observer, found by walking the folder."""
