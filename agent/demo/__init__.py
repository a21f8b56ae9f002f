"""Phones made of programs, so that people without a phone can see scrubin at work, and tests have phones to ask."""
