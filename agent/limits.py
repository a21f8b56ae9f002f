"""Every time limit and byte limit of collecting, in one place."""

COMMAND_TIMEOUT_S = 10.0
"""A healthy tool answers in well under a second; a slow disk after resume needs some."""
COMMAND_OUTPUT_BYTES = 1 << 20
FILE_BYTES = 1 << 20
"""No configuration file that we read is near this; a log or a planted monster is."""
FOLDER_ENTRIES = 10_000
PROCESS_ARGUMENT_BYTES = 16 << 10
PROCESSES_FRESH_S = 2.0
"""Within one audit the list of processes is taken once; a later audit takes its own."""
STOP_GRACE_S = 1.5
"""How long a running command may still take after the agent was told to stop."""
PROBES_AT_ONCE = 4
"""Probes mostly wait for other programs; more threads than this bring nothing on two cores."""
