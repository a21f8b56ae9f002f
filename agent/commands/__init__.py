"""One file a command: `run(arguments) -> Answer`. They are loaded when asked for, so that each starts fast."""
