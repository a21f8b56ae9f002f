"""Everything after a finding: what leaves the device, how it looks and how it gets there."""
