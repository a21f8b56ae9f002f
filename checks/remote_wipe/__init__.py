"""Whether the device is enrolled with something that could wipe it when it is lost."""
