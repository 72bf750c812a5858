/** Who the devices are, and how they and others prove who they are. */
@NullMarked
package dev.perdure.iothub.device;

import org.jspecify.annotations.NullMarked;
