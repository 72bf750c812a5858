/** Queries for inputs of functions, and rows that their outputs write. */
@NullMarked
package dev.perdure.trigger.sql.query;

import org.jspecify.annotations.NullMarked;
