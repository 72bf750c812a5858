/** Durable functions of apps. */
@NullMarked
package dev.perdure.functions.durable;

import org.jspecify.annotations.NullMarked;
