"""Debugging, by which a phone is audited, is no more open than the audit needs."""
