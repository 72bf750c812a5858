/** Changes of a table of MariaDB or MySQL, from the binary log. */
@NullMarked
package dev.perdure.trigger.sql.mariadb;

import org.jspecify.annotations.NullMarked;
