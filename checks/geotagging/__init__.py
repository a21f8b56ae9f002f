"""The phone's cameras do not look up the place."""
