"""No clinical image stays on the device for longer than the practice allows."""
