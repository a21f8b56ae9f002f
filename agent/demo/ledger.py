"""What a virtual phone was asked, and how much went over its cable."""

import threading


class Ledger:
    """Grows while the phone is asked; read it when the asking is over."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self.services: list[str] = []
        """Every service that was opened, such as "shell,v2,raw:getprop" or "sync:"."""
        self.commands: list[str] = []
        """Every line that a shell was given."""
        self.asked: list[tuple[str, ...]] = []
        """Every call of one of Android's commands, word by word; dumpsys' time limit is left out."""
        self.files: list[str] = []
        """Every request of the file service, such as "STAT /sdcard"."""
        self.refused: list[str] = []
        """What would have changed the phone, or might have."""
        self.round_trips = 0
        """Services opened, refused ones too."""
        self.sent_bytes = 0
        """From the phone to the computer, with headers."""
        self.received_bytes = 0
        self.left_running = 0
        """Processes that outlived the line that started them."""

    def opened(self, service: str) -> None:
        """A service was asked for."""
        with self._guard:
            self.services.append(service)
            self.round_trips += 1

    def carried(self, *, sent: int = 0, received: int = 0) -> None:
        """Bytes went over the cable."""
        with self._guard:
            self.sent_bytes += sent
            self.received_bytes += received

    def left(self, processes: int) -> None:
        """A shell ended and left processes behind."""
        with self._guard:
            self.left_running += processes
