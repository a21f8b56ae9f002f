"""Social apps cannot read all pictures on the device."""
