/** What every store promises, as tests. */
@NullMarked
package dev.perdure.store.testkit;

import org.jspecify.annotations.NullMarked;
