/** Which database a connection string means, and how tables are named. */
@NullMarked
package dev.perdure.trigger.sql.connect;

import org.jspecify.annotations.NullMarked;
