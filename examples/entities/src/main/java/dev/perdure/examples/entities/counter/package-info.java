/** The smallest entity: a number that anybody may add to. */
@NullMarked
package dev.perdure.examples.entities.counter;

import org.jspecify.annotations.NullMarked;
