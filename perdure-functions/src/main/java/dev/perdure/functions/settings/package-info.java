/** The settings of an app and of the host. */
@NullMarked
package dev.perdure.functions.settings;

import org.jspecify.annotations.NullMarked;
