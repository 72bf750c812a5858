/** What the engine recorded of an orchestration, as the protocol tells it. */
@NullMarked
package dev.perdure.grpc.history;

import org.jspecify.annotations.NullMarked;
