"""The REST API: what programs ask for, how it is written down for them, and a page to try it."""
