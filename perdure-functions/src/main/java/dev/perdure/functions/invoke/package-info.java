/** Runs functions: parameters, results, retries. */
@NullMarked
package dev.perdure.functions.invoke;

import org.jspecify.annotations.NullMarked;
