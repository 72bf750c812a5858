/** Perdure embedded in a Java program. */
@NullMarked
package dev.perdure;

import org.jspecify.annotations.NullMarked;
