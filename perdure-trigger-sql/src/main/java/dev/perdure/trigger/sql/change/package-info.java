/** Changes of rows, and how they get to a function. */
@NullMarked
package dev.perdure.trigger.sql.change;

import org.jspecify.annotations.NullMarked;
