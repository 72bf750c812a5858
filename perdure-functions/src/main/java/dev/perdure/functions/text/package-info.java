/** Reads what people write into files: JSON with comments, spans of time, misspelt names. */
@NullMarked
package dev.perdure.functions.text;

import org.jspecify.annotations.NullMarked;
