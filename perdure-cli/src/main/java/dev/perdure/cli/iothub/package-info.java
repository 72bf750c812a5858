/** {@code perdure iothub}: a local IoT hub, its devices, and what they send. */
@NullMarked
package dev.perdure.cli.iothub;

import org.jspecify.annotations.NullMarked;
