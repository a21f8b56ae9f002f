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
PHONE_TRIPS = 3
"""Round trips to a phone for all its readings: one when all goes well, and two to ask again for what was lost."""
PHONE_READING_BYTES = 8 << 20
"""A dump of every app of a full phone has about one, sifted; the raw ones of a flooded service have no end."""
PHONE_TOTAL_BYTES = 32 << 20
PHONE_BUDGET_S = 60.0
"""All readings of one phone together; a healthy one takes a few seconds."""
PHONE_SLACK_S = 5.0
"""What a slow link may add to a reading's own limit."""
PHONE_BACK_S = 2.0
"""After "Allow", or a change of USB mode, a phone is gone for an instant."""
PHONES = 16
"""Phones that are looked at; a longer list is no cable but a laboratory."""
