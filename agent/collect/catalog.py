"""Which probe answers which check on which platform; whatever stands here nowhere is unknown, "no probe yet"."""

from collections.abc import Iterator, Mapping

from agent.collect.probe import Probe
from checks.model import Platform

__all__ = ["PROBES", "Probe", "probes"]


class ByPlatform(Mapping[Platform, Mapping[str, Probe]]):
    """Each platform's probes, loaded when they are asked for: a laptop alone need not load those of phones."""

    _KNOWN = (Platform.LINUX, Platform.ANDROID)

    def __getitem__(self, platform: Platform) -> Mapping[str, Probe]:
        """Check id -> probe. KeyError for a platform without any."""
        match platform:
            case Platform.LINUX:
                from agent.collect.linux.probes import PROBES as linux

                return linux
            case Platform.ANDROID:
                from agent.collect.android.probes import PROBES as android

                return android
            case _:
                raise KeyError(platform)

    def __iter__(self) -> Iterator[Platform]:
        return iter(self._KNOWN)

    def __len__(self) -> int:
        return len(self._KNOWN)


PROBES: Mapping[Platform, Mapping[str, Probe]] = ByPlatform()


def probes(platform: Platform, photo_folders: tuple[str, ...] = ()) -> Mapping[str, Probe]:
    """The probes of a platform; `photo_folders` are absolute folders besides those that the system names."""
    known = PROBES.get(platform, {})
    if platform is Platform.LINUX and photo_folders:
        from agent.collect.linux import cloud_backup, encryption

        cloud = Probe(look=cloud_backup.probe_with(photo_folders), canary=cloud_backup.CANARY)
        disks = Probe(look=encryption.probe_with(photo_folders), canary=encryption.CANARY)
        return {**known, "cloud_backup": cloud, "encryption": disks}
    return known
