/** What the triggers of functions can take. */
@NullMarked
package dev.perdure.bench.triggers;

import org.jspecify.annotations.NullMarked;
