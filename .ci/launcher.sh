#!/bin/sh
# Tapewatch @VERSION@ in one file: this script, the program, and the Deno that runs it.
# On its first start it unpacks itself into a folder that only its user can open, then it
# becomes Deno running the program. Nothing else is done here.
set -eu
runtime_name=@RUNTIME_NAME@ runtime_size=@RUNTIME_SIZE@ packed_size=@PACKED_SIZE@
runtime_hash=@RUNTIME_HASH@
# What the runtime is started with; nothing where it is not in pieces (.ci/lean/runtime.ts).
loader=@LOADER@
program_name=@PROGRAM_NAME@ program_size=@PROGRAM_SIZE@
program_hash=@PROGRAM_HASH@
# What Deno loads: a module that has the program evaluated (asScript in .ci/compile.ts).
starter_text='await (0, eval)(Deno.readTextFileSync(`${import.meta.dirname}/@PROGRAM_NAME@`));'
self=$0
old_umask=$(umask)
umask 077

# The data folder is the one place where files stay open to the program: it must be known
# before the start, so DATA_DIR is read here as lib/dotenv.ts and lib/config.ts read it. A line
# break or tab that is written as \n, \r or \t is not: such a folder is shut.
data=${DATA_DIR:-}
if [ -z "${DATA_DIR+set}" ] && [ -r .env ]; then
  # Notepad puts a mark before the first line, and sed prints no end for a last line without one.
  data=$({ cat .env; echo; } | sed -nE -e "1s/^$(printf '\357\273\277')//" \
    -e 's/^[[:space:]]*(export[[:space:]]+)?DATA_DIR[[:space:]]*=[[:space:]]*//p' | tail -n 1 |
    sed -E -e "s/^'([^']*)'.*/\1/" -e t -e 's/^"(([^"\\]|\\.)*)".*/\1/' -e 't escaped' \
      -e 's/(^|[[:space:]])#.*//' -e b -e ': escaped' -e 's/\\(.)/\1/g')
fi
case $data in [[:space:]]* | *[[:space:]])
  data=$(printf '%s\n' "$data" | sed -E 's/^[[:space:]]+//; s/[[:space:]]+$//') ;;
esac
data=${data:-./data}

# Whether the file $1 has $2 bytes.
has_size() { [ -f "$1" ] && [ "$(wc -c <"$1")" -eq "$2" ]; }

# Whether the file $1 has the SHA-256 $2; taken on trust where there is no tool to tell.
has_hash() {
  if command -v sha256sum >/dev/null; then found=$(sha256sum <"$1")
  elif command -v shasum >/dev/null; then found=$(shasum -a 256 <"$1")
  else return 0; fi
  [ "${found%% *}" = "$2" ]
}

# Whether the file $1 has $2 bytes and the SHA-256 $3; one that has not is removed.
is_sound() { has_size "$1" "$2" && has_hash "$1" "$3" || { rm -f "$1"; return 1; }; }

# Moves the file $1 to $2 at once, so that nobody ever runs half a file.
place() { chmod 700 "$1" && mv -f "$1" "$2"; }

# What is half unpacked goes with this script, unless it is killed outright.
part=
trap 'rm -f "$part"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# A link to the loader: by its name a list of processes calls what runs tapewatch.
has_link() {
  [ -z "$loader" ] || [ -x "$link" ] || ln -s "$loader" "$link" 2>/dev/null || [ -x "$link" ]
}

start() { ${exec-} ${loader:+"$link"} "$runtime" "$@"; }

# Whether what was unpacked is what was packed, as far as a start has time to tell: a hash of
# the runtime would take half a second.
has_runtime() {
  has_size "$runtime" "$runtime_size" && has_link && start --version >/dev/null 2>&1
}
has_program() {
  has_size "$program" "$program_size" || return 1
  [ "$(cat "$starter" 2>/dev/null)" = "$starter_text" ] || return 1
  ! command -v sha256sum >/dev/null || has_hash "$program" "$program_hash"
}

# Removes what starts that were killed left in the folder $1; a fresh one may be under way.
sweep() {
  for left in "$1"/part.*; do
    [ ! -f "$left" ] || find "$left" -mmin +60 -exec rm -f {} \; 2>/dev/null || true
  done
}

# Unpacks into the folder $1 what does not stand there yet; nobody else may write to it.
unpack() {
  mkdir -p "${1%/*}" 2>/dev/null || return 1
  mkdir -m 700 "$1" 2>/dev/null || true
  [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return 1
  # An S is inherited from a folder with a group of its own, and opens nothing.
  case $(ls -ld "$1") in drwx--[-S]---*) ;; *) return 1 ;; esac
  runtime=$1/$runtime_name link=$1/tapewatch part=$1/part.$$ fresh=
  program=$1/$program_name starter=$1/$program_name.js
  export DENO_DIR="$1/cache"
  sweep "$1"
  # Written page by page: Linux keeps what is written at once in one piece, and maps the whole
  # piece where a part of it is used. By the megabyte Deno would be 14 MB larger in memory.
  has_runtime || {
    fresh=yes
    tail -c "$packed_size" "$self" 2>/dev/null | gzip -dc 2>/dev/null |
      dd bs=4k of="$part" 2>/dev/null
    is_sound "$part" "$runtime_size" "$runtime_hash" && place "$part" "$runtime" &&
      has_link || return 1
  }
  has_program || {
    fresh=yes
    tail -c $((packed_size + program_size)) "$self" 2>/dev/null | head -c "$program_size" >"$part"
    is_sound "$part" "$program_size" "$program_hash" && place "$part" "$program" || return 1
    printf '%s\n' "$starter_text" >"$part" && place "$part" "$starter" || return 1
  }
  [ -n "$fresh" ] || return 0
  # Whether programs may run here.
  fault=$(run / / version 2>&1 >/dev/null) && return
  fault="$fault (if it ran before, remove $1)"
  rm -f "$runtime" "$program" "$starter"
  return 1
}

# Runs the program; $1 and $2 are what may be read and written.
run() {
  read=$1 write=$2
  shift 2
  start run @FLAGS@ --allow-read="$read" --allow-write="$write" "$starter" "$@"
}

# glibc gives back what is freed only at the end of its heap, or where it was mapped alone: so
# what is 8 KB or more is mapped alone, 4 MB less than with what it does by itself, and the heap
# grows by no more than is asked for, 1 MB less after 72 h were fetched.
export DENO_NO_UPDATE_CHECK=1 MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-8192}"
export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-32768}"
export MALLOC_TOP_PAD_="${MALLOC_TOP_PAD_:-0}"
unset DENO_V8_FLAGS NODE_OPTIONS
fault=
for base in "${XDG_CACHE_HOME:-}" "${HOME:+$HOME/.cache}" "${TMPDIR:-}" /tmp "$data"; do
  [ -n "$base" ] && unpack "$base/tapewatch-$(id -u)" || continue
  # Deno's list has no way to write a comma: such a folder is shut, and the program says so.
  case $data in *,*) files=/ ;; *) files=/,$data ;; esac
  umask "$old_umask"
  exec=exec
  run "$files" "$files,@NOTIFY@" "$@"
done
echo "Cannot unpack: no folder to write to and run from; set XDG_CACHE_HOME to one, with" \
  "$((runtime_size / 1000000 + 10)) MB free" >&2
for tool in cat dd gzip head ln ls tail wc; do
  command -v "$tool" >/dev/null || echo "There is no $tool on PATH, which this needs" >&2
done
[ -z "$fault" ] || echo "Where it could be unpacked it did not run: $fault" >&2
exit 2
