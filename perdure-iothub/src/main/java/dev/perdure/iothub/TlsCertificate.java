package dev.perdure.iothub;

import java.nio.file.Path;

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
}
