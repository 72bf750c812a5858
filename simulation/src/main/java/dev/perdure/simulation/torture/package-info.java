/** Real hosts on a real disk, killed again and again. */
@NullMarked
package dev.perdure.simulation.torture;

import org.jspecify.annotations.NullMarked;
