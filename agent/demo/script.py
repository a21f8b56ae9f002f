"""The program that stands for Android's commands on a virtual phone: it looks answers up and runs none of them."""

WORD_ENDS = "\x1f"
RECORD_ENDS = "\x1e"

COMMANDS = (
    "am", "appops", "bmgr", "cmd", "content", "device_config", "dpm", "dumpsys", "getprop", "ime", "input",
    "locksettings", "logcat", "pm", "screencap", "service", "setprop", "settings", "sm", "svc", "wm",
)  # fmt: skip
"""Android's own commands which a shell on a phone finds; the rest is toybox."""

ANSWER = r"""#!/system/bin/sh
# Answers like one of Android's commands, named as this is called. What was recorded is compared and printed, no more.
set -f
word_ends=$'\x1f' record_ends=$'\x1e'
name=${0##*/}
if [[ $name = dumpsys && $1 = -[tT] ]]; then shift; shift; fi
key=$name
for word; do key+=$word_ends$word; done
print -rn -- "$key$record_ends" >/android/asked

recorded() {
	while IFS=' ' read -r number code && IFS= read -r seen; do
		[[ $seen = "$1" ]] && return 0
	done </android/index
	return 1
}
absent() {
	case $name in
	dumpsys) print -ru2 -- "Can't find service: $1"; exit 0 ;;
	cmd) print -ru2 -- "cmd: Can't find service: $1"; exit 20 ;;
	*) print -ru2 -- "/system/bin/sh: $name: inaccessible or not found"; exit 127 ;;
	esac
}
half() {
	recorded "$key" || return
	size=$(stat -c %s "/android/answers/$number.out")
	head -c $((size / 2)) "/android/answers/$number.out"
}
listed() { # $1: recorded list, $2: what a line starts with, $3: what it ends with
	recorded "$1" || return 1
	while IFS= read -r line; do
		if [[ $line = "$2"* ]]; then
			line=${line#"$2"}
			print -r -- "${line%"$3"}"
			return 0
		fi
	done <"/android/answers/$number.out"
	return 1
}

while IFS= read -r kind && IFS= read -r start; do
	[[ $key = "$start" || $key = "$start$word_ends"* ]] || continue
	case $kind in
	denied)
		print -ru2 -- "java.lang.SecurityException: Shell does not have permission to access user 0"
		print -ru2 -- $'\tat android.os.Parcel.createExceptionOrNull(Parcel.java)'
		exit 0 ;;
	timed_out)
		half
		print -r -- ""
		print -r -- "*** SERVICE '$1' DUMP TIMEOUT (10000ms) EXPIRED ***"
		exit 0 ;;
	hanging) exec sleep 2147483647 ;;
	missing) absent "$1" ;;
	flooding) exec yes "[ro.flood.number]: [0123456789012345678901234567890123456789]" ;;
	garbled) exec cat /android/noise ;;
	esac
done </android/faults

if recorded "$key"; then
	cat "/android/answers/$number.out"
	[[ -s /android/answers/$number.err ]] && cat "/android/answers/$number.err" >&2
	exit "$code"
fi

uri='' columns='' where='' data='' folder='' line='' path=''
options() {
	while [[ $# -gt 1 ]]; do
		case $1 in
		--uri) uri=$2 ;;
		--projection) columns=$2 ;;
		--where) where=$2 ;;
		--method) where=$2 ;;
		--arg) path=$2 ;;
		-d) data=$2 ;;
		esac
		shift; shift
	done
}
by_path() { # sets $folder and $line to the row of the file in $path
	for folder in images video audio; do
		folder=/android/pictures/$folder
		line=$(grep -nxF -e "_data=$path" $folder/_data) && line=${line%%:*} && return 0
	done
	return 1
}
by_number() { # likewise, and $path, for the row with the id in $1
	for folder in images video audio; do
		folder=/android/pictures/$folder
		line=$(($1 - $(cat $folder/before)))
		((line > 0)) || continue
		path=$(sed -n "${line}p" $folder/_data)
		[[ $path = _data=* ]] && path=${path#_data=} && return 0
	done
	return 1
}
swap() { # $1 with each $2 made $3, in $path
	path=''
	set -- "$@" "$1"
	while [[ $4 = *"$2"* ]]; do
		path+=${4%%"$2"*}$3
		set -- "$1" "$2" "$3" "${4#*"$2"}"
	done
	path+=$4
}
forget() { # the row stays as a mark, so that the others keep their ids
	set +f
	for one in $folder/*; do
		[[ $one = */@(columns|before) ]] || sed -i "${line}s/.*/-/" "$one"
	done
	set -f
}
looked_for() { # a scan of a file which is gone takes its row away
	[[ ! -e $path ]] && by_path && forget
}
pictures() {
	case $uri in
	content://media/external/@(images|video|audio)/media)
		uri=${uri#content://media/external/}
		folder=/android/pictures/${uri%/media} ;;
	content://media/external/file)
		path=${where#"_data='"}
		swap "${path%"'"}" "''" ""
		[[ $path = *"'"* ]] && { print -ru2 -- "android.database.sqlite.SQLiteException: syntax error"; exit 0; }
		path=${where#"_data='"}
		swap "${path%"'"}" "''" "'"
		by_path || { print -r -- "No result found."; exit 0; }
		where=this ;;
	content://media/external/file/+([0-9]))
		by_number ${uri##*/} || { print -r -- "No result found."; exit 0; }
		where=this ;;
	*) print -ru2 -- "Error while accessing provider:${uri#content://}"; exit 0 ;;
	esac
	columns=${columns:-$(cat $folder/columns)}
	set -A files
	IFS=:
	for one in $columns; do
		if [[ $one = */* || ! -f $folder/$one ]]; then
			print -ru2 -- "Error while accessing provider:media"
			print -ru2 -- "java.lang.IllegalArgumentException: Invalid column $one"
			exit 0
		fi
		files+=("$folder/$one")
	done
	most=2147483647
	case $where in
	'') skip=0 ;;
	this) skip=$((line - 1)) most=1 ;;
	'_id>'+([0-9])) skip=$((${where#'_id>'} - $(cat $folder/before))) ;;
	*) print -ru2 -- "Error while accessing provider:media"; exit 0 ;;
	esac
	((skip > 0)) || skip=0
	rows=$(paste -d "$word_ends" "${files[@]}" | tail -n "+$((skip + 1))" | head -n $most | grep -av '^-' |
		nl -b a -v 0 -w 1 -s ' ' | sed -e 's/^/Row: /' -e "s/$word_ends/, /g")
	print -r -- "${rows:-No result found.}"
}

case $name in
getprop)
	[[ $# -eq 0 ]] && exit 0
	listed getprop "[$1]: [" "]" || print -r -- "$2" ;;
settings)
	act=$1
	shift
	if [[ $1 = --user ]]; then shift; shift; fi
	case $act in
	get) listed "settings${word_ends}list$word_ends$1" "$2=" "" || print -r -- null ;;
	list) ;;
	*) print -ru2 -- "This virtual phone keeps its settings."; exit 1 ;;
	esac ;;
dumpsys)
	[[ $1 = package && -n $2 ]] && { print -r -- "Unable to find package: $2"; exit 0; }
	absent "$1" ;;
cmd) absent "$1" ;;
appops) print -r -- "No operations." ;;
sm) ;;
content)
	act=$1
	shift
	options "$@"
	case $act in
	query) pictures ;;
	call) [[ $uri$where = content://mediascan_file ]] && looked_for; print -r -- "Result: Bundle[{}]" ;;
	delete)
		keep=${uri#*'?'}
		uri=${uri%'?'*}
		if [[ $uri = content://media/external/file/+([0-9]) ]] && by_number ${uri##*/}; then
			[[ $keep = deletedata=false ]] || rm -f -- "$path"
			forget
		fi ;;
	*) print -ru2 -- "[ERROR] Unsupported operation: $act"; exit 1 ;;
	esac ;;
am)
	shift
	options "$@"
	[[ $data = file://* ]] || { print -r -- "Unknown command: $1"; exit 255; }
	data=${data#file://}
	swap "${data%%[?#]*}" %3F '?'
	swap "$path" %23 '#'
	swap "$path" %25 %
	looked_for
	print -r -- "Broadcast completed: result=0" ;;
*) print -r -- "Unknown command: $1"; exit 255 ;;
esac
"""
"""Reads /android/index, two lines a row: number and exit code, then the command; and /android/faults, likewise."""
