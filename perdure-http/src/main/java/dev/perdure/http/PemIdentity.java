package dev.perdure.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** The identity of a server that is in files in PEM format. */
public final class PemIdentity {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----(.*?)-----END PRIVATE KEY-----", Pattern.DOTALL);
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private PemIdentity() {}

  /**
   * Reads an identity.
   *
   * @param certificate the server's certificate, with those that lead to a root after it
   * @param key its private key, PKCS #8, not encrypted
   * @throws IOException if a file cannot be read or holds something else, or the key is not that of
   *     the certificate; the message says which
   */
  public static SSLContext read(Path certificate, Path key) throws IOException {
    try {
      Certificate[] chain;
      try (InputStream in = Files.newInputStream(certificate)) {
        chain =
            CertificateFactory.getInstance("X.509")
                .generateCertificates(in)
                .toArray(Certificate[]::new);
      }
      if (chain.length == 0) {
        throw new IOException("The file %s holds no certificate.".formatted(certificate));
      }
      PrivateKey privateKey = privateKey(key);
      if (!isPair(chain[0].getPublicKey(), privateKey)) {
        throw new IOException(
            "The private key in %s is not that of the (first) certificate in %s."
                .formatted(key, certificate));
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      char[] none = new char[0];
      store.setKeyEntry("server", privateKey, none, chain);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, none);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "%s and %s are no certificate with its private key: %s"
              .formatted(certificate, key, e.getMessage()),
          e);
    }
  }

  /** Whether what one key signs is what the other one verifies. */
  private static boolean isPair(PublicKey publicKey, PrivateKey privateKey)
      throws GeneralSecurityException {
    if (!publicKey.getAlgorithm().equals(privateKey.getAlgorithm())) {
      return false;
    }
    Signature signature =
        Signature.getInstance(
            switch (privateKey.getAlgorithm()) {
              case "RSA" -> "SHA256withRSA";
              case "EC" -> "SHA256withECDSA";
              default -> privateKey.getAlgorithm();
            });
    byte[] text = "whose?".getBytes(StandardCharsets.US_ASCII);
    signature.initSign(privateKey);
    signature.update(text);
    byte[] signed = signature.sign();
    signature.initVerify(publicKey);
    signature.update(text);
    try {
      return signature.verify(signed);
    } catch (SignatureException e) {
      return false; // of another length or curve
    }
  }

  private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    Matcher matcher = KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    if (!matcher.find()) {
      throw new IOException(
          "The file %s holds no private key in PEM format (PKCS #8, not encrypted)."
              .formatted(file));
    }
    PKCS8EncodedKeySpec spec;
    try {
      spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(matcher.group(1)));
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "The private key in %s is damaged: %s.".formatted(file, e.getMessage()), e);
    }
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        // it is a key of another kind
      }
    }
    throw new IOException(
        "The private key in %s is of a kind that is not known. Use RSA, EC or EdDSA."
            .formatted(file));
  }
}
