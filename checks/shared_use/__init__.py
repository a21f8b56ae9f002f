"""Only one person uses this device."""
