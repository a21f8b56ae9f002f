"""Finds clinical images that linger: places, a cheap first look, pixels, text, an index, copies. Nothing leaves it."""
