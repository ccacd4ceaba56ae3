# Sourced by run, test and .ci/run: installs the Debian packages that are missing, configures and builds. Everything
# it says goes to stderr. Expects `set -euo pipefail` and the repository as the current folder.

export DEBIAN_FRONTEND=noninteractive
SLWMI_PYTHON=${SLWMI_PYTHON:-/usr/bin/python3}
slwmi_build=build/dev

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Packages of the given groups in tools/debian-packages.txt.
packages_of() {
  local group package rest wanted
  while read -r group package rest; do
    for wanted in "$@"; do
      [[ $group == "$wanted" ]] && printf '%s\n' "$package"
    done
  done <tools/debian-packages.txt
  return 0
}

# A Boost that is here already, of another version or from elsewhere, must stay: Debian's development packages of two
# versions exclude each other. Prints the packages that stand for libboost-dev and libboost-test-dev on this machine.
boost_packages() {
  local header version library
  for header in /usr/local/include/boost/version.hpp /usr/include/boost/version.hpp; do
    [[ -f $header ]] || continue
    version=$(sed -n 's/^#define BOOST_LIB_VERSION "\([0-9]*\)_\([0-9]*\).*/\1.\2/p' "$header")
    [[ ${version%%.*} -gt 1 || ${version#*.} -ge 74 ]] || continue
    for library in "${header%/include/*}"/lib/{,*/}libboost_unit_test_framework*; do
      [[ -e $library ]] && return 0
    done
    if [[ $header == /usr/include/* ]]; then
      printf '%s\n' "libboost${version}-dev" "libboost-test${version}-dev"
      return 0
    fi
  done
  printf '%s\n' libboost-dev libboost-test-dev
}

# Prints those of the given packages that are not installed.
missing_of() {
  local installed package
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    [[ $'\n'$installed$'\n' == *$'\n'"installed $package"$'\n'* ]] || printf '%s\n' "$package"
  done
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo -n env DEBIAN_FRONTEND=noninteractive "$@"; fi
}

# Installs what is missing of the given groups. Never removes a package.
install_packages() {
  local -a wanted missing
  mapfile -t wanted < <(packages_of "$@" | grep -v '^libboost'; boost_packages)
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian; going on with what is here. Needed: ${wanted[*]}"
    return 0
  fi
  mapfile -t missing < <(missing_of "${wanted[@]}")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if [[ $(id -u) -ne 0 ]] && ! sudo -n true 2>/dev/null; then
    die "these packages are missing, and installing them needs root: ${missing[*]}"
  fi
  say "installing Debian packages: ${missing[*]}"
  as_root apt-get -o DPkg::Lock::Timeout=300 update -qq </dev/null >&2 ||
    say "apt-get update failed; trying with the package lists that are here"
  as_root apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-remove --no-install-recommends \
    "${missing[@]}" </dev/null >&2 || die "apt-get could not install: ${missing[*]}"
}

# Configures the preset $1 and builds the targets that follow.
configure_and_build() {
  local preset=$1
  shift
  cmake --preset "$preset" -DPython_EXECUTABLE="$SLWMI_PYTHON" >&2
  cmake --build --preset "$preset" --target "$@" >&2
}
