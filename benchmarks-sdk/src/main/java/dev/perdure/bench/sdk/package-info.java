/** Workers and clients of the published Java SDK, in a JVM of their own. */
@NullMarked
package dev.perdure.bench.sdk;

import org.jspecify.annotations.NullMarked;
