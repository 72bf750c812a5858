package dev.perdure.functions.client;

import io.grpc.ForwardingChannelBuilder;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.util.function.Supplier;

/** Builds the shared channel, or one of its own if somebody wants anything special of it. */
final class SharedChannelBuilder extends ForwardingChannelBuilder<SharedChannelBuilder> {
  private final ManagedChannelBuilder<?> real;
  private final Supplier<ManagedChannel> shared;
  private boolean plaintext;
  private boolean special;

  SharedChannelBuilder(ManagedChannelBuilder<?> real, Supplier<ManagedChannel> shared) {
    this.real = real;
    this.shared = shared;
  }

  @Override
  protected ManagedChannelBuilder<?> delegate() {
    special = true;
    return real;
  }

  @Override
  public SharedChannelBuilder usePlaintext() {
    ManagedChannelBuilder<?> unused = real.usePlaintext();
    plaintext = true;
    return this;
  }

  @Override
  public ManagedChannel build() {
    return plaintext && !special ? shared.get() : real.build();
  }
}
