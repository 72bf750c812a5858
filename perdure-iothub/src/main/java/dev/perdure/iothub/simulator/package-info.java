/** Devices that are not there: they connect and send as real ones do. */
@NullMarked
package dev.perdure.iothub.simulator;

import org.jspecify.annotations.NullMarked;
