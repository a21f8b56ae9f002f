"""Whatever is put in, moved and dropped in whatever order, the index agrees with a plain dictionary."""

import hypothesis.strategies as st
from hypothesis import given, settings
from index_parts import HEADER, KEY, MODEL, file, put, seen

from agent.photos.image import HEAD_BYTES, Fingerprint, Unread, Words
from agent.photos.index import DUE, LAPTOP, Index
from agent.photos.index_rows import AGAIN
from checks.clinical_images.fact import Disposition, Group

FOLDERS, NAMES = ["/p", "/p/q", "/"], ["a", "b", "c"]
PATHS = [f"{folder.rstrip('/')}/{name}" for folder in FOLDERS for name in NAMES]
MARKS = [bytes([number]) * 16 for number in range(3)]
MODELS = [MODEL, "finder 2"]
paths = st.sampled_from(PATHS)
results = st.sampled_from([seen(0.9), seen(0.1), Unread.NOT_A_PICTURE, Unread.CRASHED, Unread.DENIED])
puts = st.tuples(
    st.just("put"),
    paths,
    st.sampled_from([10, HEAD_BYTES + 1]),
    st.sampled_from([1, 2]),
    st.sampled_from([None, *MARKS]),
    results,
    st.sampled_from(MODELS),
)
drops = st.tuples(st.just("drop"), paths)
folder_drops = st.tuples(st.just("drop_folder"), st.sampled_from(FOLDERS))
words = st.tuples(st.just("dispose"), paths, st.sampled_from([one for one in Disposition if one != Disposition.NONE]))


class Model:
    """The same rules over a dictionary and a list of what is gone."""

    def __init__(self):
        self.files = {}
        self.gone = []

    def put(self, now, path, size, stamp, mark, result, model):
        old = self.files.get(path)
        alike = [one for one in (*self.files.values(), *self.gone) if mark and one["mark"] == mark]
        since = min([now, *(one["since"] for one in alike), *([old["since"]] if old else [])])
        new = {"size": size, "stamp": stamp, "mark": mark, "result": result, "model": model, "since": since}
        if old and self.same(old, new):
            said, new["mark"] = old["said"], mark or old["mark"]
        else:
            self.drop(path)
            said = max((one["said"] for one in alike if one["said"] and self.sure(one, new)), default=None)
        self.files[path] = {**new, "said": said}

    def same(self, old, new):
        if old["size"] != new["size"]:
            return False
        if not old["mark"] or not new["mark"]:
            return old["stamp"] == new["stamp"]
        return old["mark"] == new["mark"] and self.sure(old, new)

    @staticmethod
    def sure(old, new):
        return old["size"] <= HEAD_BYTES or old["stamp"] == new["stamp"]  # stamps stand for the times of change

    def drop(self, path):
        if (old := self.files.pop(path, None)) and old["mark"]:
            self.gone.append(old)

    def known(self, model):
        found = {}
        for path, one in self.files.items():
            folder, _, name = path.rpartition("/")
            due = one["model"] != model or one["result"] in AGAIN
            found.setdefault(folder or "/", {})[name] = DUE if due else (one["size"], one["stamp"])
        return found


def act(index, model, now, step):
    what, where, *rest = step
    folder, _, name = where.rpartition("/")
    if what == "put":
        size, stamp, mark, result, version = rest
        # A real digest is of the size too.
        mark = mark and bytes([size % 251]) + mark[1:]
        one = file(where, size=size, stamp=stamp, modified_s=stamp)
        put(index, one, result, digest=mark, model=version, now=now)
        model.put(now, where, size, stamp, mark, result, version)
    elif what == "drop":
        index.drop(LAPTOP, folder or "/", [name], now=now)
        model.drop(where)
    elif what == "drop_folder":
        index.drop_folders(LAPTOP, [where], now=now)
        for path in [path for path in model.files if (path.rpartition("/")[0] or "/") == where]:
            model.drop(path)
    else:
        for kept in index.pictures(at_least=0):
            if kept.file.path == where:
                assert index.dispose(kept.id, rest[0], at=now)
                model.files[where]["said"] = (now, rest[0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(puts, puts, drops, folder_drops, words), max_size=30))
def test_index_agrees_with_a_dictionary(steps):
    model = Model()
    with Index.in_memory(key=KEY) as index:
        for now, step in enumerate(steps, 1_000_000):
            act(index, model, now, step)
        for version in MODELS:
            assert index.known(LAPTOP, version) == model.known(version)
        assert {one.file.path: (one.result, one.first_seen, one.disposition) for one in index.pictures(at_least=0)} == {
            path: (one["result"], one["since"], one["said"][1] if one["said"] else Disposition.NONE)
            for path, one in model.files.items()
            if not isinstance(one["result"], Unread)
        }


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(exclude_characters="/"), min_size=1).filter(lambda name: name not in (".", "..")),
    st.floats(0, 1),
    st.sampled_from(Group),
    st.sampled_from(Words),
    st.one_of(
        st.none(),
        st.builds(Fingerprint, hashes=st.lists(st.integers(0, (1 << 64) - 1)).map(tuple), embedding=st.binary()),
    ),
)
def test_any_name_and_any_result_come_back(name, score, group, words, found):
    result = seen(score, group=group, words=words, fingerprint=found, header=HEADER)
    with Index.in_memory(key=KEY) as index:
        put(index, file(f"/p/{name}"), result)
        [kept] = index.pictures(at_least=0)
        assert (kept.file, kept.result) == (file(f"/p/{name}"), result)
        assert list(index.known(LAPTOP, MODEL)["/p"]) == [name]
