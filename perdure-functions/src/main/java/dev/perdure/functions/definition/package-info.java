/** What an app consists of, read from its files or its classes. */
@NullMarked
package dev.perdure.functions.definition;

import org.jspecify.annotations.NullMarked;
