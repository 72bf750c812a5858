/** The host of an app. */
@NullMarked
package dev.perdure.functions.host;

import org.jspecify.annotations.NullMarked;
