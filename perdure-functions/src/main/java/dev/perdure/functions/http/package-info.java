/** Functions that answer HTTP requests. */
@NullMarked
package dev.perdure.functions.http;

import org.jspecify.annotations.NullMarked;
