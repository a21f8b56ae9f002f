"""Brings the fixtures of the rig to the tests of this folder."""

from virtual_phone.rig import adb_server, virtual_phone

__all__ = ["adb_server", "virtual_phone"]
