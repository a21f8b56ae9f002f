"""The drop folder: whole files, once, and nobody's else touched."""

import errno
import os
import resource
import stat

import pytest
from deliver_parts import REPORT_ID, letter
from system_calls import handles_left_by, made_by

from agent.outbox_model import Terms
from reports.deliver.errors import Reason, TransportError
from reports.deliver.folder import Folder

FILE = f"{REPORT_ID}.json"


def refused(folder, one=None):
    with pytest.raises(TransportError) as refusal:
        folder.deliver(one or letter())
    return refusal.value.reason, refusal.value.permanent


def no_links(source, target):
    raise PermissionError(errno.EPERM, "no links here")


ways = pytest.mark.parametrize("options", [{}, {"link": no_links}], ids=["links", "no links"])


@ways
def test_letter_becomes_a_file(tmp_path, options):
    Folder(str(tmp_path), **options).deliver(letter())
    assert [one.name for one in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).read_bytes() == letter().body
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o644


@ways
def test_bytes_are_on_the_disk_before_the_name_and_the_name_before_the_return(tmp_path, options):
    folder = Folder(str(tmp_path), **options)
    calls = made_by(lambda: folder.deliver(letter()), {os.fsync, os.link, os.replace})
    assert calls == ["fsync", "replace" if options else "link", "fsync"]


def test_name_of_a_letter_that_is_there_already_is_made_to_last(tmp_path):
    """A killed attempt may have got no further than the name."""
    Folder(str(tmp_path)).deliver(letter())
    assert made_by(lambda: Folder(str(tmp_path)).deliver(letter()), {os.fsync}) == ["fsync"]


def test_no_handle_is_left_open(tmp_path):
    folder = Folder(str(tmp_path))
    assert handles_left_by(lambda: folder.deliver(letter())) == 0
    assert handles_left_by(lambda: folder.deliver(letter())) == 0
    assert handles_left_by(lambda: refused(folder, letter(b"other"))) == 0


def test_word_of_no_change_is_worth_a_file():
    assert Folder("/nowhere").carries_unchanged


@ways
def test_same_letter_again_is_fine(tmp_path, options):
    for _ in range(3):
        Folder(str(tmp_path), **options).deliver(letter())
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("other", [b"", b"other", letter().body[:-1], letter().body + b"\n"])
def test_other_bytes_under_the_id_are_kept_and_refused(tmp_path, other):
    (tmp_path / FILE).write_bytes(other)
    assert refused(Folder(str(tmp_path))) == (Reason.CONFLICT, True)
    assert (tmp_path / FILE).read_bytes() == other


@pytest.mark.parametrize("content", [None, b"precious", letter().body])
def test_planted_link_is_never_followed(tmp_path, content):
    if content is not None:
        (tmp_path / "precious").write_bytes(content)
    (tmp_path / FILE).symlink_to(tmp_path / "precious")
    assert refused(Folder(str(tmp_path))) == (Reason.CONFLICT, True)
    assert (tmp_path / "precious").exists() is (content is not None)
    assert content is None or (tmp_path / "precious").read_bytes() == content


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_planted_pipe_or_folder_is_refused_without_waiting(tmp_path, make):
    make(tmp_path / FILE)
    assert refused(Folder(str(tmp_path))) == (Reason.CONFLICT, True)


@ways
def test_link_planted_at_the_last_moment_is_not_followed(tmp_path, options):
    """Between our look and our write: a link appears in the place of the file."""

    def late(source, target):
        os.symlink(tmp_path / "precious", target)
        (options.get("link") or os.link)(source, target)

    assert refused(Folder(str(tmp_path), link=late)) == (Reason.CONFLICT, True)
    assert not (tmp_path / "precious").exists()
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


def test_same_letter_written_by_another_process_in_between_is_fine(tmp_path):
    def late(source, target):
        (tmp_path / FILE).write_bytes(letter().body)
        os.link(source, target)

    Folder(str(tmp_path), link=late).deliver(letter())
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


def test_missing_folder_may_come_back_and_is_not_made(tmp_path):
    assert refused(Folder(str(tmp_path / "share"))) == (Reason.FOLDER_MISSING, False)
    assert list(tmp_path.iterdir()) == []


def test_file_in_the_place_of_the_folder(tmp_path):
    (tmp_path / "share").touch()
    assert refused(Folder(str(tmp_path / "share"))) == (Reason.FOLDER_MISSING, False)


def test_share_that_is_not_mounted_takes_no_letter(tmp_path):
    folder = Folder(str(tmp_path), mount_point=str(tmp_path))
    assert refused(folder) == (Reason.FOLDER_MISSING, False)
    assert list(tmp_path.iterdir()) == []
    Folder(str(tmp_path), mount_point="/proc").deliver(letter())
    assert (tmp_path / FILE).exists()


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, Reason.NO_SPACE), (errno.EDQUOT, Reason.NO_SPACE), (errno.EROFS, Reason.FOLDER_DENIED),
        (errno.EACCES, Reason.FOLDER_DENIED), (errno.ESTALE, Reason.FOLDER_MISSING), (errno.EIO, Reason.UNREACHABLE),
        (errno.EHOSTDOWN, Reason.UNREACHABLE),
    ],
)  # fmt: skip
def test_share_errors_pass_and_leave_no_debris(tmp_path, number, reason):
    def broken(source, target):
        raise OSError(number, os.strerror(number), target)

    assert refused(Folder(str(tmp_path), link=broken)) == (reason, False)
    assert list(tmp_path.iterdir()) == []


def test_sentences_hold_no_path(tmp_path):
    with pytest.raises(TransportError) as refusal:
        Folder(str(tmp_path / "Dr Jones" / "share")).deliver(letter())
    assert "Jones" not in refusal.value.sentence


def test_folder_that_cannot_grow_is_full(tmp_path):
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
        try:
            Folder(str(tmp_path)).deliver(letter())
        except TransportError as error:
            os._exit(7 if (error.reason, error.permanent) == (Reason.NO_SPACE, False) else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert list(tmp_path.iterdir()) == []


def test_proc_is_no_drop_folder():
    reason, permanent = refused(Folder("/proc/self"))
    assert reason in (Reason.FOLDER_DENIED, Reason.FOLDER_MISSING)
    assert not permanent


@pytest.mark.parametrize("name", ["../escape", "", "a" * 36, f"{REPORT_ID}\n", REPORT_ID.upper()])
def test_id_that_is_no_uuid_becomes_no_file(tmp_path, name):
    assert refused(Folder(str(tmp_path / "in")), letter(id=name)) == (Reason.UNREADABLE, True)
    assert list(tmp_path.iterdir()) == []


def test_half_written_files_of_killed_attempts_go_once_they_are_old(tmp_path):
    for name, age_s in (
        (f".{REPORT_ID}.dead.part", round(Terms().lease_s)),
        (f".{REPORT_ID}.live.part", 60),
        (".other.part", 7200),
    ):
        (tmp_path / name).touch()
        then = (tmp_path / name).stat().st_mtime - age_s
        os.utime(tmp_path / name, (then, then))
    Folder(str(tmp_path)).deliver(letter())
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([".other.part", f".{REPORT_ID}.live.part", FILE])


def test_reader_that_takes_files_away_at_once_is_no_error(tmp_path):
    def quick(source, target):
        os.link(source, target)
        os.unlink(target)

    Folder(str(tmp_path), link=quick).deliver(letter())
    assert list(tmp_path.iterdir()) == []
