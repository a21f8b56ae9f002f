"""What a shell command does to the screen: idle daemons run any command, and only some of them lock."""

import re
import shlex
from collections.abc import Iterator

LOCKERS = frozenset({"swaylock", "waylock", "gtklock", "hyprlock"})
HARMLESS = frozenset({
    "brightnessctl", "light", "hyprctl", "swaymsg", "wlopm", "wlr-randr", "notify-send", "dunstify", "makoctl",
    "playerctl", "pkill", "kill", "killall", "pidof", "pgrep", "sleep", "echo", "true", "sync",
})  # fmt: skip
"""Programs that surely lock nothing, unless they are told to start a locker."""
ENDS = frozenset({"kill", "killall", "pkill"})
LAUNCHERS = frozenset({"hyprctl", "swaymsg"})
WAITS = frozenset({"sleep"})
"""What follows starts later, nobody knows when; so it does behind a program that we do not know."""
RUNNING = frozenset({"pidof", "pgrep"})
"""`pidof swaylock || swaylock`: the locker starts unless it is already there."""
SLEEPS = frozenset({"suspend", "hibernate", "hybrid-sleep", "suspend-then-hibernate"})
LONGEST = 4096
COMMENT = re.compile(r"(^|[\s;&|])#[^\n]*")
"""What the shell ignores. A sign inside quotes takes the closing one along, and the line is not known then."""
PREFIXES = frozenset({"exec", "nohup", "setsid"})
Effect = bool | None
"""True: it locks. False: it does not. None: a program or a condition that we do not know."""


def effect(command: str, *, on_signal: Effect = False, on_sleep: Effect = False) -> Effect:
    """What a command does. `on_signal` is the effect of `loginctl lock-session`, `on_sleep` that of going to sleep."""
    seen: list[Effect] = []
    before, held_up = "", False
    for operator, words in _simple_commands(command):
        program = words[0].rsplit("/", 1)[-1]
        one = _one(program, words[1:], on_signal, on_sleep)
        held_up = held_up or (operator != "&" and (before in WAITS or None in seen[-1:]))
        if held_up or operator == "&&" or (operator == "||" and before not in RUNNING):
            one = None if one else one
        seen.append(one)
        before = program
    return any_of(seen)


def any_of(effects: list[Effect]) -> Effect:
    """What several effects make together: one that locks suffices, one that is not known may be it."""
    if True in effects:
        return True
    return None if None in effects else False


def lockers(command: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(program, arguments) of the lockers that a command may start."""
    found = [(words[0].rsplit("/", 1)[-1], tuple(words[1:])) for _, words in _simple_commands(command)]
    return tuple(one for one in found if one[0] in LOCKERS)


def opens(command: str) -> bool:
    """Whether a command may end a locker, which lets whoever is there in: `pkill -USR1 swaylock`."""
    for _, words in _simple_commands(command):
        program, rest = words[0].rsplit("/", 1)[-1], " ".join(words[1:])
        if (program in ENDS and any(name in rest for name in LOCKERS)) or "unlock-session" in rest:
            return True
    return False


def _one(program: str, arguments: list[str], on_signal: Effect, on_sleep: Effect) -> Effect:
    if program in LOCKERS:
        return True
    if program == "loginctl":
        return on_signal if arguments[:1] in (["lock-session"], ["lock-sessions"]) else None
    if program == "systemctl":
        return on_sleep if SLEEPS & set(arguments) else None
    if program in LAUNCHERS and "exec" in arguments:
        return None
    return False if program in HARMLESS else None


def _simple_commands(command: str) -> Iterator[tuple[str, list[str]]]:
    """(operator before it, words), or one command of no known program where the line is not shell as we know it."""
    lexer = shlex.shlex(COMMENT.sub(r"\1", command).replace("\n", " ; "), posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        tokens = list(lexer) if len(command) <= LONGEST else ["?"]
    except ValueError:
        tokens = ["?"]
    operator, words = "", list[str]()
    for token in [*tokens, ";"]:
        if not set(token) <= set(";&|"):
            words.append(token)
            continue
        words = _without_prefixes(words)
        if words:
            yield operator, words
        operator, words = token, []


def _without_prefixes(words: list[str]) -> list[str]:
    """`exec`, `setsid` and assignments stand before the program."""
    while words and (words[0] in PREFIXES or re.fullmatch(r"[A-Za-z_]\w*=.*", words[0])):
        words = words[1:]
    return words
