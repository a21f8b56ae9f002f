"""Why a message did not arrive, in words of our own."""


class Undelivered(Exception):
    """A message has not arrived. The sentence quotes neither the receiver nor a secret."""

    def __init__(self, sentence: str, *, wait_s: int = 0, gone: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.wait_s = wait_s
        """The receiver asks to be left alone for so long."""
        self.gone = gone
        """The receiver says that nothing will ever be taken there again."""
