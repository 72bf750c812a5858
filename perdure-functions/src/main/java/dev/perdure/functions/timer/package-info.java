/** Functions that run by the clock. */
@NullMarked
package dev.perdure.functions.timer;

import org.jspecify.annotations.NullMarked;
