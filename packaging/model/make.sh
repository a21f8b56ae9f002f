#!/usr/bin/env bash
# Train both finders from a folder of labelled pictures. Usage: make.sh PYTHON DATA OUT
# Some five hours on two cores; a run that was cut off goes on where it stopped. OUT then holds what ships in
# agent/photos/models/: best.* and clean.*, with CARD.md.
set -euo pipefail

python=$1 data=$2 out=$3
here=$(dirname "$0")
# Without these glibc gives each large tensor back to the system, and takes a third longer.
export MALLOC_MMAP_THRESHOLD_=4000000000 MALLOC_TRIM_THRESHOLD_=8000000000 MALLOC_TOP_PAD_=500000000
export GLIBC_TUNABLES=glibc.malloc.hugetlb=1

train() { "$python" "$here/train.py" "$data" "$out" "$@"; }

train --rows all --recipe plain --sizes 128,144,160,192,224
train --rows all --recipe mixed --sizes 128,160,192,208
"$python" "$here/soup.py" "$data" "$out" all
"$python" "$here/mine.py" "$data" "$out" all
train --rows clean --recipe mixed --sizes 128,160,192,208
cp "$out/clean-mixed.pt" "$out/clean.pt"
# The honest figure: each source in turn is held out of training, and then scored. These runs are shorter.
for fold in 0 1 2 3; do
    for recipe in plain mixed; do
        train --fold "$fold" --recipe "$recipe" --sizes 112,144
    done
    "$python" "$here/soup.py" "$data" "$out" all "$fold"
    "$python" "$here/mine.py" "$data" "$out" all "$fold"
done
for rows in all clean; do
    "$python" "$here/release.py" "$data" "$out" "$rows"
done
"$python" "$here/card.py" "$out" >"$out/CARD.md"
