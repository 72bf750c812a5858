/** Where steps, activities and operations go for which a host has no function of its own. */
@NullMarked
package dev.perdure.engine.worker;

import org.jspecify.annotations.NullMarked;
