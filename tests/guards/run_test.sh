#!/usr/bin/env bash
# ./run builds when it must and only then: a copy of it in a small tree, with a cmake of our own that writes down its
# calls and makes a slwmi that prints its arguments.
set -euo pipefail
cd "${BASH_SOURCE[0]%/*}/../.."
source_root=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tree=$folder/tree
mkdir -p "$folder/bin" "$tree/tools" "$tree/cmake" "$folder/elsewhere"
for part in base schema registry query provider policy world bindings; do
  mkdir -p "$tree/$part"
  : >"$tree/$part/a.cpp"
done
: >"$tree/CMakeLists.txt"
: >"$tree/CMakePresets.json"
cp "$source_root/run" "$tree/run"
cp "$source_root/tools/setup.sh" "$source_root/tools/debian-packages.txt" "$tree/tools/"

cat >"$folder/bin/cmake" <<'FAKE'
#!/usr/bin/env bash
printf '%s\n' "$*" >>"$FAKE_LOG"
echo 'the compiler talks'
[[ $1 == --build ]] || exit 0
[[ ${FAKE_BROKEN:-no} == no ]] || exit 1
mkdir -p build/dev/tools
printf '#!/usr/bin/env bash\nprintf "<%%s>" "$PWD" "$@"\nexit ${FAKE_STATUS:-0}\n' >build/dev/tools/slwmi
chmod +x build/dev/tools/slwmi
FAKE
cat >"$folder/bin/dpkg-query" <<'FAKE'
#!/usr/bin/env bash
for package in "${@:3}"; do printf 'installed %s\n' "$package"; done
FAKE
chmod +x "$folder"/bin/*
export PATH=$folder/bin:$PATH FAKE_LOG=$folder/log
failures=0

# check WHY WANTED-STATUS WANTED-STDOUT BUILDS(yes|no) ARGS...
check() {
  local why=$1 wanted_status=$2 wanted_out=$3 builds=$4 status=0 out built=no
  shift 4
  : >"$FAKE_LOG"
  out=$(cd "$folder/elsewhere" && "$tree/run" "$@" 2>"$folder/err") || status=$?
  [[ ! -s $FAKE_LOG ]] || built=yes
  if [[ $status != "$wanted_status" || $out != "$wanted_out" || $built != "$builds" ]]; then
    printf '%s: status %s, built %s, stdout %s\n' "$why" "$status" "$built" "$out"
    cat "$folder/err"
    failures=1
  fi
}

python=$folder/bin/my-python
printf '#!/usr/bin/env bash\nprintf "<%%s>" "$PYTHONPATH" "$PWD" "$@"\n' >"$python"
chmod +x "$python"
elsewhere=$folder/elsewhere

FAKE_BROKEN=yes check 'a broken build is no start' 1 '' yes query
check 'the first start builds, and its talk is not data' 0 "<$elsewhere><query><a b><*>" yes query 'a b' '*'
check 'the second only starts' 0 "<$elsewhere><query>" no query
check 'no argument is the tour' 0 "<$tree><tour>" no
FAKE_STATUS=3 check 'the status is the one of slwmi' 3 "<$elsewhere><policy>" no policy
touch "$tree/query/a.cpp"
check 'a changed source builds' 0 "<$elsewhere><get>" yes get
check 'once' 0 "<$elsewhere><get>" no get
rm "$tree/query/a.cpp"
check 'a removed source builds' 0 "<$elsewhere><get>" yes get
touch "$tree/tools/setup.sh"
FAKE_BROKEN=yes check 'a change that does not build is no start' 1 '' yes get
check 'and is built the next time' 0 "<$elsewhere><get>" yes get
mkdir -p "$tree/bindings/__pycache__"
check 'a folder of byte code is like a new file' 0 "<$elsewhere><get>" yes get
: >"$tree/bindings/__pycache__/a.pyc"
check 'its contents are not' 0 "<$elsewhere><get>" no get
SLWMI_PYTHON=$python check 'another interpreter builds again' 0 \
  "<$tree/build/dev/python><$elsewhere><my script.py><x>" yes python 'my script.py' x
SLWMI_PYTHON=$python PYTHONPATH=/mine check 'and keeps the path that is there' 0 \
  "<$tree/build/dev/python:/mine><$elsewhere><s.py>" no python s.py
exit $failures
