#!/bin/sh
# Runs the Java example against a perdure server, building it first when needed.
#
#   ./run.sh [PORT [COUNT]]     the server's port (4001), and how many to start of each kind (5)
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P)
root=$(CDPATH= cd -- "$here/../../.." && pwd -P)
. "$root/scripts/find-jdk.sh"

jar=$here/target/perdure-example-sdk-client.jar
if [ ! -r "$jar" ] || [ -n "$(find "$here/pom.xml" "$here/src/main" -newer "$jar" -print | head -n 1)" ]; then
  jdk=$(find_jdk 21 javac) || {
    echo "run.sh: a JDK 21 or newer is needed to build, and none was found." >&2
    jdk_hint
    exit 1
  }
  command -v mvn >/dev/null 2>&1 || {
    echo "run.sh: Apache Maven 3.8 or newer is needed to build, and there is no mvn on the PATH." >&2
    exit 1
  }
  echo "run.sh: building (a first run may download dependencies)..." >&2
  (cd "$root" && maven_on "$jdk" && mvn -q -B -ntp -Dmaven.test.skip=true -Dspotless.skip=true \
    -Denforcer.skip=true -pl examples/sdk-clients/java package) >&2 </dev/null
fi
java_home=$(find_jdk 21) || {
  echo "run.sh: Java 21 or newer is needed, and none was found." >&2
  jdk_hint
  exit 1
}
# The SDK's version of gRPC makes newer JVMs warn.
options=--enable-native-access=ALL-UNNAMED
if [ "$(java_feature "$java_home")" -ge 24 ]; then
  options="$options --sun-misc-unsafe-memory-access=allow"
fi
# The SDK logs every lost connection; the example tells by itself.
# shellcheck disable=SC2086 -- a list of words
exec "$java_home/bin/java" $options -Djava.util.logging.config.file="$here/logging.properties" -jar "$jar" "$@"
