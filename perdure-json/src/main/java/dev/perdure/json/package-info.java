/** Payloads as JSON, written and read with Jackson. */
@NullMarked
package dev.perdure.json;

import org.jspecify.annotations.NullMarked;
