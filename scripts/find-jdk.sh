# Sourced by ./perdure, scripts/format and .ci/run (POSIX sh).
#
#   find_jdk MIN [javac]   prints the home of the newest Java that is at least MIN, or fails.
#                          With "javac", only JDKs count, not runtimes without a compiler.
#   maven_on JDK           makes `mvn` run on that JDK.
#   jdk_hint               says how to get a JDK.

# Prints the feature version (21, 25, ...) of a Java home, or fails.
java_feature() {
  [ -x "$1/bin/java" ] || return 1
  _v=
  if [ -r "$1/release" ]; then
    _v=$(sed -n 's/^JAVA_VERSION="\{0,1\}\([^"]*\)"\{0,1\}.*/\1/p' "$1/release" | head -n 1)
  fi
  if [ -z "$_v" ]; then
    _v=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p' | head -n 1)
  fi
  case $_v in 1.*) _v=${_v#1.} ;; esac
  _v=${_v%%[!0-9]*}
  [ -n "$_v" ] && echo "$_v"
}

# Candidate homes, one per line; what the user chose comes first and wins ties.
java_homes() {
  for _h in "${PERDURE_JAVA_HOME:-}" "${JAVA_HOME:-}"; do
    if [ -n "$_h" ]; then printf '%s\n' "$_h"; fi
  done
  _j=$(command -v java 2>/dev/null) && {
    _j=$(readlink -f "$_j" 2>/dev/null || printf '%s\n' "$_j")
    printf '%s\n' "${_j%/bin/java}"
  }
  if [ -x /usr/libexec/java_home ]; then
    /usr/libexec/java_home 2>/dev/null
  fi
  for _h in /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/java* /opt/java*/* /opt/jdk* \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    if [ -x "$_h/bin/java" ]; then printf '%s\n' "$_h"; fi
  done
  return 0
}

find_jdk() {
  java_homes | {
    _best= _best_v=0
    while IFS= read -r _h; do
      [ "${2:-}" != javac ] || [ -x "$_h/bin/javac" ] || continue
      _v=$(java_feature "$_h") || continue
      if [ "$_v" -ge "$1" ] && [ "$_v" -gt "$_best_v" ]; then
        _best=$_h _best_v=$_v
      fi
    done
    [ -n "$_best" ] && printf '%s\n' "$_best"
  }
}

maven_on() {
  JAVA_HOME=$1
  # Without, Maven ends with escape sequences even where there is no terminal.
  MAVEN_OPTS="-Djansi.noreset=true ${MAVEN_OPTS:-}"
  export JAVA_HOME MAVEN_OPTS
  # Maven's own libraries still use Unsafe, and newer JVMs warn about it on every start.
  if [ "$(java_feature "$1")" -ge 24 ]; then
    MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow $MAVEN_OPTS"
  fi
}

jdk_hint() {
  cat >&2 <<'EOF'
Install one of these:
  Debian, Ubuntu:  sudo apt install openjdk-25-jdk     (or openjdk-21-jdk)
  Fedora:          sudo dnf install java-25-openjdk-devel   (or java-21-openjdk-devel)
  macOS:           brew install openjdk
  Any, by SDKMAN:  sdk install java 25-tem             (see https://sdkman.io)
or point PERDURE_JAVA_HOME at one that is already there.
EOF
}
