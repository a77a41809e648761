# shellcheck shell=bash
# Makes the project's Python environments out of its lock files; ./run and ./test read it in.
#
#   make_environment ENVIRONMENT LOCK
#
# makes $HERE/ENVIRONMENT hold exactly the packages of $HERE/LOCK and this project itself (editable). When that is the
# case already, it costs a few hundredths of a second. Everything it says goes to stderr. docs/decisions/0001 says why.

say() { printf '%s\n' "$*" >&2; }

# What an environment depends on: the lock, what pyproject.toml says of the package (not the settings of the tools),
# the place of this folder, the machine. Two environments of the same fingerprint are the same.
fingerprint() {
  {
    printf '1\n%s\n' "$HERE"
    uname -sm
    awk '/^\[/ { keep = ($0 !~ /^\[+tool\./ || $0 ~ /^\[+tool\.hatch/) } keep' "$HERE/pyproject.toml"
    cat "$HERE/$1"
  } | if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}

# The stamp is written last, so an environment that was left half-made has none. An interpreter that went away or
# moved on to another version under the environment shows in the second half.
is_ready() {
  [ -f "$1/.stamp" ] && [ "$(cat "$1/.stamp")" = "$2" ] && "$1/bin/python" -ISc '
import os, sys
sys.exit(not os.path.isdir("%s/lib/python%d.%d/site-packages" % (sys.argv[1], *sys.version_info[:2])))' "$1" 2>/dev/null
}

is_new_enough() { "$1" -ISc 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# The Pythons to try, best first.
pythons() {
  local name
  if [ -n "${QAPLATFORM_PYTHON-}" ]; then
    if is_new_enough "$QAPLATFORM_PYTHON"; then
      printf '%s\n' "$QAPLATFORM_PYTHON"
    else
      say "QAPLATFORM_PYTHON=$QAPLATFORM_PYTHON is no Python of version 3.11 or later."
    fi
    return
  fi
  for name in python3 python3.13 python3.12 python3.11 python3.14 python /usr/bin/python3 /usr/local/bin/python3; do
    if is_new_enough "$name"; then printf '%s\n' "$name"; fi
  done
}

# Makes an empty environment with the first means this machine has, and says in $INSTALLER how to install into it.
create_environment() { # ENVIRONMENT-PATH
  local env=$1 found python
  found=$(pythons)
  while read -r python; do
    if [ -n "$python" ] && "$python" -Ic 'import ensurepip, venv' 2>/dev/null; then
      "$python" -m venv "$env" && INSTALLER=pip && return
    fi
  done <<<"$found"
  if command -v uv >/dev/null; then
    uv venv --quiet --no-project --allow-existing --python "${QAPLATFORM_PYTHON:->=3.11}" "$env" &&
      INSTALLER=uv && return
  fi
  while read -r python; do
    [ -n "$python" ] || continue
    if "$python" -Ic 'import virtualenv' 2>/dev/null; then
      "$python" -m virtualenv --quiet "$env" && INSTALLER=pip && return
    elif command -v virtualenv >/dev/null; then
      virtualenv --quiet --python "$python" "$env" && INSTALLER=pip && return
    elif "$python" -Ic 'import pip, venv' 2>/dev/null; then
      OUTER_PYTHON=$python
      "$python" -m venv --without-pip "$env" && INSTALLER=outer-pip && return
    fi
  done <<<"$found"
  return 1
}

# The last resort: Debian and its kin keep the venv module in a package of its own.
install_venv_package() {
  local run=(env DEBIAN_FRONTEND=noninteractive "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin")
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" != 0 ]; then
    { command -v sudo && sudo -n true; } >/dev/null 2>&1 || return 1
    run=(sudo -n "${run[@]}")
  fi
  say "This machine's Python cannot make environments: installing the package python3-venv with apt-get."
  "${run[@]}" apt-get update -qq 9>&- || say "(apt-get update failed; going on)"
  "${run[@]}" apt-get install -y -qq --no-install-recommends python3-venv 9>&- >/dev/null
}

say_the_way_out() {
  say "
There is no means here to make a Python environment. One of these helps, then call this again:
  - Debian, Ubuntu:  sudo apt-get install python3-venv        (Python 3.11 or later)
  - Fedora, macOS …: install Python 3.11 or later, which brings venv along
  - anywhere:        install uv (it fetches a Python itself where none is) or virtualenv
A Python that is not in PATH can be named: QAPLATFORM_PYTHON=/where/it/is/python3"
}

install_packages() { # ENVIRONMENT-PATH LOCK-PATH
  local python=$1/bin/python lock=$2
  # Only ready-made files with the locked hashes, nothing looked up; then the project itself, built by the hatchling
  # that was just installed.
  local locked="--no-deps --require-hashes --only-binary :all: -r" own="--no-deps --no-index --no-build-isolation -e"
  # shellcheck disable=SC2086 # the two lists are meant to be split
  case $INSTALLER in
    uv)
      uv pip install --quiet --python "$python" $locked "$lock" &&
        uv pip install --quiet --python "$python" $own "$HERE"
      ;;
    outer-pip)
      "$OUTER_PYTHON" -m pip --python "$python" install $PIP_MANNERS $locked "$lock" &&
        "$OUTER_PYTHON" -m pip --python "$python" install $PIP_MANNERS $own "$HERE"
      ;;
    pip)
      "$python" -m pip install $PIP_MANNERS $locked "$lock" && "$python" -m pip install $PIP_MANNERS $own "$HERE"
      ;;
  esac
}
# What is used is compiled when it is first used: compiling all of it beforehand would take half of the time.
PIP_MANNERS="--quiet --no-input --no-compile --disable-pip-version-check --no-warn-script-location --root-user-action=ignore"

# One at a time: who comes second waits, and finds the environment made. The lock is the kernel's and falls with the
# process that holds it, so nothing stale can be left. (flock(1) is not on every machine, Python is; without either
# there is nothing yet that two calls could do to each other.)
take_lock() { # LOCK-FILE
  local python
  exec 9>"$1"
  read -r python < <(pythons) || return 0
  "$python" -ISc '
import fcntl, sys
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("Another call is making the environment; waiting for it.", file=sys.stderr, flush=True)
    fcntl.flock(9, fcntl.LOCK_EX)
except OSError as error:
    print("(no file locks here: %s; going on without)" % error, file=sys.stderr)'
}

# Somebody's own environment of that name is put aside, not deleted. Ours goes in one step, so that a call killed here
# cannot leave half of it under a stamp.
clear_the_place() { # ENVIRONMENT-PATH
  if [ -e "$1" ] && [ ! -e "$1/.made-by-qaplatform" ] && ! rmdir "$1" 2>/dev/null; then
    say "$1 was not made by this project; it is now $1-put-aside-$$"
    mv "$1" "$1-put-aside-$$"
  elif [ -e "$1" ]; then
    mv "$1" "$HERE/.cache/old-$$"
  fi
  rm -rf "$HERE"/.cache/old-*
  mkdir "$1"
  touch "$1/.made-by-qaplatform"
}

make_environment() { # ENVIRONMENT LOCK
  local env=$HERE/$1 lock=$HERE/$2 mark started=$SECONDS
  mark=$(fingerprint "$2")
  is_ready "$env" "$mark" && return 0
  (
    set -e
    unset PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX VIRTUAL_ENV
    export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0
    # Where the machine has certificates of its own (a company's proxy), uv is to trust them, as pip can be told to.
    if [ -e /etc/ssl/certs/ca-certificates.crt ]; then export UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS-1}; fi
    if [ ! -w "$HERE" ]; then
      say "Cannot write to $HERE, where the environment $1 belongs; clone into a folder of your own."
      exit 1
    fi
    mkdir -p "$HERE/.cache"
    take_lock "$HERE/.cache/$1.flock"
    if is_ready "$env" "$mark"; then exit 0; fi
    say "Making the environment $1 from $2 (once; about a minute) …"
    clear_the_place "$env"
    if ! create_environment "$env"; then
      if ! install_venv_package || ! create_environment "$env"; then
        say_the_way_out
        exit 1
      fi
    fi
    if ! install_packages "$env" "$lock"; then
      say "
The packages of $2 could not be installed (see above). Usual reasons: no way to the package index (behind a proxy or
mirror, configure pip or uv for it); a Python or machine without ready-made packages (try another Python:
QAPLATFORM_PYTHON=python3.12). The next call begins afresh."
      exit 1
    fi
    printf '%s\n' "$mark" >"$env/.stamp.new"
    mv "$env/.stamp.new" "$env/.stamp"
    say "Made in $((SECONDS - started)) s."
  ) >&2
}
