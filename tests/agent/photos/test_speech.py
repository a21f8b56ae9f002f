"""Which sound files are taken for speech, as a table of where they lie and what they are called."""

import pytest

from agent.photos.speech import BESIDE_S, Sound, is_speech
from checks.clinical_images.fact import Folder

NOW_S = 1_795_000_000


def sound(path: str, *, form: str = "mp4", place: Folder = Folder.DOWNLOADS) -> Sound:
    folder, _, name = path.rpartition("/")
    return Sound(folder=folder, name=name, form=form, place=place, modified_s=NOW_S)


@pytest.mark.parametrize(
    "path",
    [
        "/storage/emulated/0/Recordings/a.m4a", "/storage/emulated/0/Voice Recorder/a.m4a", "/h/Voice Memos/a.m4a",
        "/storage/emulated/0/MIUI/sound_recorder/a.mp3", "/storage/emulated/0/EasyVoiceRecorder/a.wav",
        "/storage/emulated/0/Recordings/Call/a.m4a", "/h/backup/com.apple.VoiceMemos.shared/a.m4a",
        "/h/Dictation/a.wav", "/h/My Recordings/a.wav", "/h/x/PTT-20261101-WA0003.opus", "/h/x/AUD-20261101-WA0003.m4a",
        "/h/x/Voice 001.m4a", "/h/x/New Recording 3.m4a", "/h/x/Recording (2).m4a", "/h/x/voice_message_12.ogg",
        "/h/x/REC001.WAV", "/h/x/DS2300.mp3", "/h/x/20261101 101010.m4a", "/h/x/2026-11-01 10.10.10.ogg",
        "/h/x/dictation of Ann.mp3", "/h/x/Call recording Ann.mp3", "/h/x/audio_3.ogg", "/h/x/sound memo.m4a",
    ],
)  # fmt: skip
def test_folders_and_names_of_recorders_mean_speech(path: str) -> None:
    assert is_speech(sound(path), ())


@pytest.mark.parametrize(
    "path",
    [
        "/h/Music/Sun Recordings Vol 1/a.mp3", "/h/Music/Call Me Maybe.mp3", "/h/Music/Message in a Bottle.mp3",
        "/h/Downloads/song.m4a", "/h/Downloads/Recorded live.mp3", "/h/Music/1999.mp3", "/h/Music/Voices.mp3",
        "/h/Music/Notes.flac", "/h/Music/Record.mp3", "/h/Music/Dictionary.mp3", "/h/Podcasts/2026 in review.mp3",
    ],
)  # fmt: skip
def test_music_is_left_out(path: str) -> None:
    assert not is_speech(sound(path), ())


def test_any_sound_of_a_chat_and_any_form_of_telephones_and_dictation_machines_is_speech() -> None:
    assert is_speech(sound("/x/song.mp3", place=Folder.MESSENGER), ())
    assert is_speech(sound("/x/song.amr", form="amr"), ())
    assert is_speech(sound("/x/song.dss", form="dss"), ())


@pytest.mark.parametrize(("apart_s", "speech"), [(0, True), (BESIDE_S, True), (-BESIDE_S, True), (BESIDE_S + 1, False)])
def test_sound_of_the_day_of_a_clinical_picture_beside_it_is_speech(apart_s: int, speech: bool) -> None:
    assert is_speech(sound("/x/song.mp3"), (5, NOW_S + apart_s)) is speech


def test_a_hostile_name_takes_no_time() -> None:
    assert not is_speech(sound("/" + "voice " * 700 + "/" + "new " * 60), ())
