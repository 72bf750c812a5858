/** Changes of a table of PostgreSQL, by logical decoding. */
@NullMarked
package dev.perdure.trigger.sql.postgres;

import org.jspecify.annotations.NullMarked;
