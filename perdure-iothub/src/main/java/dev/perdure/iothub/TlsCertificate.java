package dev.perdure.iothub;

import io.vertx.core.net.JksOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The certificate that devices see when they connect with TLS. */
public sealed interface TlsCertificate {
  /**
   * In PEM files.
   *
   * @param certificate with its chain
   * @param key PKCS #8 or PKCS #1, not encrypted
   */
  record Pem(Path certificate, Path key) implements TlsCertificate {}

  /**
   * In a key store.
   *
   * @param file PKCS #12 if its name ends in .p12 or .pfx, else JKS
   * @param password a secret
   */
  record KeyStore(Path file, String password) implements TlsCertificate {
    /** Without the password. */
    @Override
    public String toString() {
      return "KeyStore[%s]".formatted(file);
    }
  }

  /** As the network library wants it. */
  private static KeyCertOptions options(TlsCertificate certificate) {
    return switch (certificate) {
      case Pem(Path chain, Path key) ->
          new PemKeyCertOptions()
              .addCertPath(existing(chain).toString())
              .addKeyPath(existing(key).toString());
      case KeyStore(Path file, String password) -> {
        String name = existing(file).toString().toLowerCase(Locale.ROOT);
        yield name.endsWith(".p12") || name.endsWith(".pfx")
            ? new PfxOptions().setPath(file.toString()).setPassword(password)
            : new JksOptions().setPath(file.toString()).setPassword(password);
      }
    };
  }

  private static Path existing(Path file) {
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException(
          "The file %s for TLS cannot be read. Check its name and permissions.".formatted(file));
    }
    return file.toAbsolutePath();
  }

  /** What there is to say to the network library; throws if a file is missing. */
  static KeyCertOptions toOptions(TlsCertificate certificate) {
    return options(certificate);
  }
}
