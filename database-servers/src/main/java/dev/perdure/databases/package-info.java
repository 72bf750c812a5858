/** Database servers that are installed on this machine, started apart from any other. */
@NullMarked
package dev.perdure.databases;

import org.jspecify.annotations.NullMarked;
