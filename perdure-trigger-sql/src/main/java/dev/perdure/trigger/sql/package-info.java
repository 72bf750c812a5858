/** Functions that run when rows change, and functions that read and write rows. */
@NullMarked
package dev.perdure.trigger.sql;

import org.jspecify.annotations.NullMarked;
