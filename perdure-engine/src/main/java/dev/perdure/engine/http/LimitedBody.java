package dev.perdure.engine.http;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The body of an answer, read up to a limit; what is longer is not read to its end. */
final class LimitedBody {
  private static final Pattern CHARSET =
      Pattern.compile("charset\\s*=\\s*\"?([^\\s;\"]+)", Pattern.CASE_INSENSITIVE);

  private final byte[] bytes;
  private final boolean tooLong;

  private LimitedBody(byte[] bytes, boolean tooLong) {
    this.bytes = bytes;
    this.tooLong = tooLong;
  }

  boolean isTooLong() {
    return tooLong;
  }

  /** The text, in the character set that the content type names; null if there is none. */
  @Nullable String text(@Nullable String contentType) {
    return bytes.length == 0 ? null : new String(bytes, charset(contentType));
  }

  private static Charset charset(@Nullable String contentType) {
    Matcher matcher = CHARSET.matcher(contentType == null ? "" : contentType);
    try {
      return matcher.find() ? Charset.forName(matcher.group(1)) : StandardCharsets.UTF_8;
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      return StandardCharsets.UTF_8;
    }
  }

  static HttpResponse.BodySubscriber<LimitedBody> subscriber(int bytesMax) {
    return new Subscriber(bytesMax);
  }

  private static final class Subscriber implements HttpResponse.BodySubscriber<LimitedBody> {
    private final int bytesMax;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final CompletableFuture<LimitedBody> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    private Subscriber(int bytesMax) {
      this.bytesMax = bytesMax;
    }

    @Override
    public CompletionStage<LimitedBody> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription from) {
      subscription = from;
      from.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        if (buffer.remaining() > bytesMax - received.size()) {
          stop();
          return;
        }
        byte[] chunk = new byte[buffer.remaining()];
        buffer.get(chunk);
        received.writeBytes(chunk);
      }
    }

    private void stop() {
      if (subscription != null) {
        subscription.cancel();
      }
      body.complete(new LimitedBody(new byte[0], true));
    }

    @Override
    public void onError(Throwable error) {
      body.completeExceptionally(error);
    }

    @Override
    public void onComplete() {
      body.complete(new LimitedBody(received.toByteArray(), false));
    }
  }
}
