/** A shopping cart whose state is a record; checking out starts an orchestration. */
@NullMarked
package dev.perdure.examples.entities.cart;

import org.jspecify.annotations.NullMarked;
