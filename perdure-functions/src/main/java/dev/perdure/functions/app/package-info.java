/** Where an app is, and its class loader. */
@NullMarked
package dev.perdure.functions.app;

import org.jspecify.annotations.NullMarked;
