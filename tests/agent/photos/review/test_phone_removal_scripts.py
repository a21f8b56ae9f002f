"""What is ever sent to a phone to delete there: fixed texts, which take in no name, and can delete little."""

import re
import subprocess

import pytest

from agent.photos.review.phone_scripts import LOOK, MARK, RemovalScript, Step

WORD = f"@@{'0' * 32}"
MKSH = "/usr/bin/mksh"
RELEASES = (0, 26, 29, 30, 36)
CHANGING = {
    "mv", "cp", "dd", "tee", "touch", "mkdir", "rmdir", "ln", "chmod", "truncate", "insert", "update", "write", "svc",
    "settings", "setprop", "input", "cmd", "su", "eval", "reboot", "find", "xargs", "pm", "sh", "unlink",
}  # fmt: skip
"""None of it may ever stand in such a script."""
REMOVE = [RemovalScript(step=Step.REMOVE, release=one) for one in RELEASES]
DELETING = ('rm -f -- "$f"', 'rm -f -- "$1"')
ROWS = 'content delete --uri "content://media/external/file/$i?deletedata=false"'


def lines(script: RemovalScript) -> list[str]:
    return script.text(WORD).splitlines()


@pytest.mark.parametrize("script", [MARK, LOOK, *REMOVE])
def test_a_script_is_a_fixed_text_that_writes_nowhere(script: RemovalScript) -> None:
    text = script.text(WORD)
    assert re.findall(r"@[A-Z]+@", text) == []
    assert set(re.findall(r">\s*([^\s()&;]+)", text)) <= {"/dev/null"}
    assert set(re.findall(r"[a-z]+", text)).isdisjoint(CHANGING)
    assert len(text) < 60_000, "one request to the adb server"


@pytest.mark.parametrize("script", [MARK, LOOK])
def test_who_marks_and_looks_deletes_nothing(script: RemovalScript) -> None:
    words = set(re.findall(r"[a-z]+", script.text(WORD)))
    assert words.isdisjoint({"rm", "delete", "call", "content", "am", "broadcast", "drop"})


@pytest.mark.parametrize("script", REMOVE)
def test_who_deletes_names_one_file_at_a_time_and_rows_without_their_files(script: RemovalScript) -> None:
    deleting = [one for one in lines(script) if re.search(r"\brm\b", one)]
    assert len(deleting) == 2
    assert all(any(known in one for known in DELETING) for one in deleting)
    (row,) = [one for one in lines(script) if "delete" in one]
    assert row.startswith(ROWS)


@pytest.mark.parametrize("script", REMOVE)
def test_nothing_is_deleted_before_go(script: RemovalScript) -> None:
    text = script.text(WORD)
    before, go, after = text.partition('[ "$g" = go ] || exit')
    assert go
    called = [one for one in before.splitlines() if re.match(r"(?:drop|tell|listed|rm|sync|content)\b(?!\(\))", one)]
    assert called == ['content call --uri content://media --method scan_file --arg "$1" </dev/null >/dev/null 2>&1']
    assert 'drop "$t"' in after


@pytest.mark.parametrize("marker", ["", "@@x", f"{WORD}\n", '"; reboot', f"{WORD} "])
def test_no_text_of_anybodys_gets_in(marker: str) -> None:
    for script in (MARK, LOOK, *REMOVE):
        with pytest.raises(ValueError, match="form"):
            script.text(marker)


@pytest.mark.parametrize("script", [MARK, LOOK, *REMOVE])
def test_androids_shell_reads_it_without_a_complaint(script: RemovalScript) -> None:
    done = subprocess.run([MKSH, "-n", "-c", script.text(WORD)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("release", "call", "broadcast"), [(26, 0, 1), (28, 0, 1), (29, 1, 1), (30, 1, 0), (36, 1, 0)])
def test_each_release_is_told_in_the_way_that_it_knows(release: int, call: bool, broadcast: bool) -> None:
    text = RemovalScript(step=Step.REMOVE, release=release).text(WORD)
    assert f"x={release}\n" in text
    asked = {way: int(found) for way, found in re.findall(r"\$x -(ge|lt) ([0-9]+) \]; then\n", text)}
    assert (release >= asked["ge"], release < asked["lt"]) == (bool(call), bool(broadcast))
