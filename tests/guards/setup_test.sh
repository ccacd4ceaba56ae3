#!/usr/bin/env bash
# tools/setup.sh installs exactly what is missing: runs it with a dpkg-query and an apt-get of our own.
set -euo pipefail
cd "${BASH_SOURCE[0]%/*}/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/dpkg-query" <<'FAKE'
#!/usr/bin/env bash
for package in "${@:3}"; do
  [[ " $FAKE_MISSING " == *" $package "* ]] || printf 'installed %s\n' "$package"
done
FAKE
cat >"$folder/apt-get" <<'FAKE'
#!/usr/bin/env bash
printf '%s\n' "$*" >>"$FAKE_LOG"
[[ " $* " != *" ${FAKE_FAIL:-none} "* ]]
FAKE
cat >"$folder/id" <<'FAKE'
#!/usr/bin/env bash
printf '%s\n' "${FAKE_ID:-0}"
FAKE
cat >"$folder/sudo" <<'FAKE'
#!/usr/bin/env bash
[[ ${FAKE_SUDO:-no} == yes ]] || exit 1
[[ $1 == -n ]] && shift
"$@"
FAKE
chmod +x "$folder"/*

failures=0
# check WHY WANTED-STATUS WANTED-IN-LOG GROUPS...: the log is what apt-get was called with, one call a line.
check() {
  local why=$1 wanted_status=$2 wanted_log=$3 status=0
  shift 3
  : >"$folder/log"
  FAKE_LOG=$folder/log PATH=$folder:$PATH bash -euo pipefail -c \
    'source tools/setup.sh; boost_packages() { echo libboost-dev; echo libboost-test-dev; }; install_packages "$@"' \
    setup "$@" >"$folder/out" 2>"$folder/err" || status=$?
  if [[ $status != "$wanted_status" ]] ||
    { [[ -n $wanted_log ]] && ! grep -qE "$wanted_log" "$folder/log" "$folder/err"; }; then
    printf '%s: status %s, calls:\n' "$why" "$status"
    cat "$folder/log" "$folder/err"
    failures=1
  fi
  if [[ -s $folder/out ]]; then
    printf '%s: wrote to stdout\n' "$why"
    failures=1
  fi
}

export FAKE_MISSING='' FAKE_FAIL='' FAKE_ID=0 FAKE_SUDO=no
check 'nothing is missing' 0 '' build test
[[ ! -s $folder/log ]] || { echo 'nothing is missing, and yet apt-get ran'; failures=1; }
FAKE_MISSING='cmake libboost-test-dev'
check 'two are missing: both, and nothing else' 0 'install -y .* libboost-test-dev$|install -y .* cmake$' build
grep -qE 'cmake' "$folder/log" && grep -qE 'libboost-test-dev' "$folder/log" || failures=1
[[ $(grep -c update "$folder/log") == 1 ]] || { echo 'not one update'; failures=1; }
grep -q -- '--no-remove' "$folder/log" || { echo 'may remove packages'; failures=1; }
check 'it says what it installs' 0 'installing Debian packages: .*cmake' build
FAKE_MISSING='mypy'
check 'a test package is not installed for ./run' 0 '' build
[[ ! -s $folder/log ]] || { echo './run installs test packages'; failures=1; }
check 'but for ./test' 0 'install .* mypy$' build test
FAKE_MISSING='clang'
check 'development packages never' 0 '' build test
[[ ! -s $folder/log ]] || { echo 'installs development packages'; failures=1; }
FAKE_MISSING=cmake FAKE_FAIL=update
check 'no network for the lists: tries all the same' 0 'install .* cmake$' build
FAKE_FAIL=install
check 'what cannot be installed is named' 1 'could not install: cmake' build
FAKE_FAIL='' FAKE_ID=1000
check 'no root and no sudo: names what is missing' 1 'needs root: cmake' build
FAKE_SUDO=yes
check 'sudo is used' 0 'install .* cmake$' build
exit $failures
