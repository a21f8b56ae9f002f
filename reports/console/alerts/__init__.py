"""Tells practice IT what has changed for the worse, and shows when nobody could be told."""
