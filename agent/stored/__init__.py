"""Asks the practice's record system whether a picture is stored, so that nobody deletes the only one."""
