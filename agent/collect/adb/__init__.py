"""Phones through the stock adb server: what is there, and one bounded way to read it."""
