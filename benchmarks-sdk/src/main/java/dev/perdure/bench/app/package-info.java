/** An app for the functions host, written against the Azure libraries. */
@NullMarked
package dev.perdure.bench.app;

import org.jspecify.annotations.NullMarked;
