"""Before the shift: when the next one begins, and one word on the screen in time."""
