/**
 * Four small programs that show what durable entities are good for; each has a package of its own.
 */
@NullMarked
package dev.perdure.examples.entities;

import org.jspecify.annotations.NullMarked;
