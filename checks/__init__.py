"""The decisions: pure, standard library only."""
