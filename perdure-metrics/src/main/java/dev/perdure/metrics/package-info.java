/**
 * The figures of hubs, for whatever serves them. Here alone a metrics library is used, and it is
 * not loaded before somebody asks for figures.
 */
@NullMarked
package dev.perdure.metrics;

import org.jspecify.annotations.NullMarked;
