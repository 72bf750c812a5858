/**
 * What user code imports: contexts, tasks, annotations, the client and the values they exchange.
 *
 * <p>The package has no dependency but nullness annotations. Whatever runs functions (the embedded
 * engine, a functions host, a server for remote workers) implements these types.
 */
@NullMarked
package dev.perdure.api;

import org.jspecify.annotations.NullMarked;
