"""Looking at devices: the door to the world and one probe a check and platform."""
