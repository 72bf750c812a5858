package dev.perdure.iothub;

import io.vertx.core.net.JksOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Certificates as the network library wants to be told of them. */
final class TlsFiles {
  private TlsFiles() {}

  /**
   * Names the files of a certificate, which are read when listening starts.
   *
   * @throws IotHubException if one cannot be read
   */
  static KeyCertOptions options(TlsCertificate certificate) {
    return switch (certificate) {
      case TlsCertificate.Pem(Path chain, Path key) ->
          new PemKeyCertOptions().addCertPath(readable(chain)).addKeyPath(readable(key));
      case TlsCertificate.KeyStore(Path file, String password) -> {
        String path = readable(file);
        String name = path.toLowerCase(Locale.ROOT);
        yield name.endsWith(".p12") || name.endsWith(".pfx")
            ? new PfxOptions().setPath(path).setPassword(password)
            : new JksOptions().setPath(path).setPassword(password);
      }
    };
  }

  private static String readable(Path file) {
    if (!Files.isReadable(file)) {
      throw new IotHubException(
          "The file %s for TLS cannot be read. Check its name and permissions.".formatted(file),
          null);
    }
    return file.toAbsolutePath().toString();
  }
}
