"""Probes for Android phones, which answer a fixed list of commands and nothing else."""
