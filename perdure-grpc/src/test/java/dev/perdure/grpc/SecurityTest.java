package dev.perdure.grpc;

import static dev.perdure.grpc.ServerFixture.OPTIONS;
import static dev.perdure.grpc.ServerFixture.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import dev.perdure.engine.Engine;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.GrpcServerOptions.Credentials;
import dev.perdure.grpc.GrpcServerOptions.Tls;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import dev.perdure.store.Store;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.testing.LivenessAudit;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets in, and where the server listens. */
class SecurityTest {
  private static final Credentials SECRETS =
      new Credentials(Set.of("token-1", "token-2"), Set.of("key-1"));

  @TempDir static Path directory;

  private static Certificates ofServer;
  private static Certificates ofClient;
  private static Certificates ofStranger;

  private final Store store = new MemoryStore(1);
  private final Engine engine = ServerFixture.engine(store, FunctionRegistry.builder().build());
  private GrpcServer server;

  @BeforeAll
  static void makeCertificates() throws Exception {
    ofServer = Certificates.make(directory, "server");
    ofClient = Certificates.make(directory, "client");
    ofStranger = Certificates.make(directory, "stranger");
  }

  @AfterEach
  void close() {
    if (server != null) {
      server.close();
    }
    try {
      LivenessAudit.check(engine.client());
    } finally {
      engine.close();
      store.close();
    }
  }

  private void start(GrpcServerOptions options) {
    server = GrpcServer.builder(Hubs.of("default", engine)).options(options).start();
  }

  private void hello(ChannelCredentials credentials, String header, String value) {
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress("localhost", server.port(), credentials).build();
    try {
      Metadata headers = new Metadata();
      if (header != null) {
        headers.put(Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER), value);
      }
      TaskHubSidecarServiceGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .withDeadlineAfter(30, TimeUnit.SECONDS)
          .hello(Empty.getDefaultInstance());
    } finally {
      channel.shutdownNow();
    }
  }

  private void plain(String header, String value) {
    hello(InsecureChannelCredentials.create(), header, value);
  }

  // ---- secrets ------------------------------------------------------------------------------

  @Test
  void withoutCredentialsEverybodyMayCall() {
    start(OPTIONS);
    plain(null, null);
    plain("authorization", "Bearer whatever");
  }

  @Test
  void tokensAndKeys() {
    start(OPTIONS.withCredentials(SECRETS));
    plain("authorization", "Bearer token-1");
    plain("authorization", "bearer token-2");
    plain("x-api-key", "key-1");
    assertFails(Code.UNAUTHENTICATED, "x-api-key", () -> plain(null, null));
    assertFails(Code.UNAUTHENTICATED, "", () -> plain("authorization", "Bearer token-3"));
    assertFails(Code.UNAUTHENTICATED, "", () -> plain("authorization", "Bearer "));
    assertFails(Code.UNAUTHENTICATED, "", () -> plain("authorization", "token-1"));
    assertFails(Code.UNAUTHENTICATED, "", () -> plain("authorization", "Bearer key-1"));
    assertFails(Code.UNAUTHENTICATED, "", () -> plain("x-api-key", "token-1"));
  }

  @Test
  void secretsAreNotShown() {
    assertThat(OPTIONS.withCredentials(SECRETS).toString())
        .contains("2 bearer tokens")
        .doesNotContain("token-1")
        .doesNotContain("key-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Credentials(Set.of(" "), Set.of()))
        .withMessageContaining("empty");
  }

  // ---- TLS ----------------------------------------------------------------------------------

  private static TlsChannelCredentials.Builder trustingServer() throws Exception {
    return TlsChannelCredentials.newBuilder().trustManager(ofServer.certificate().toFile());
  }

  @Test
  void tls() throws Exception {
    start(OPTIONS.withTls(new Tls(ofServer.certificate(), ofServer.key(), null)));
    hello(trustingServer().build(), null, null);
    assertFails(Code.UNAVAILABLE, "", () -> plain(null, null));
    assertFails(
        Code.UNAVAILABLE,
        "",
        () ->
            hello(
                TlsChannelCredentials.newBuilder()
                    .trustManager(ofStranger.certificate().toFile())
                    .build(),
                null,
                null));
  }

  @Test
  void clientsWithCertificates() throws Exception {
    start(OPTIONS.withTls(new Tls(ofServer.certificate(), ofServer.key(), ofClient.certificate())));
    hello(
        trustingServer()
            .keyManager(ofClient.certificate().toFile(), ofClient.key().toFile())
            .build(),
        null,
        null);
    assertFails(Code.UNAVAILABLE, "", () -> hello(trustingServer().build(), null, null));
    assertFails(
        Code.UNAVAILABLE,
        "",
        () ->
            hello(
                trustingServer()
                    .keyManager(ofStranger.certificate().toFile(), ofStranger.key().toFile())
                    .build(),
                null,
                null));
  }

  @Test
  void uselessFilesAreReported() throws Exception {
    Path nonsense = Files.writeString(directory.resolve("nonsense"), "nonsense");
    assertThatThrownBy(
            () -> start(OPTIONS.withTls(new Tls(ofServer.certificate(), nonsense, null))))
        .isInstanceOf(ServerStartException.class)
        .hasMessageContaining("PD-3003")
        .hasMessageContaining("PKCS #8");
    assertThatThrownBy(
            () ->
                start(OPTIONS.withTls(new Tls(directory.resolve("absent"), ofServer.key(), null))))
        .hasMessageContaining("PD-3003");
  }

  // ---- where it listens ---------------------------------------------------------------------

  private void assertRefused(GrpcServerOptions options, String... because) {
    assertThatThrownBy(() -> start(options))
        .isInstanceOf(ServerStartException.class)
        .hasMessageContaining("PD-3001")
        .hasMessageContaining("0.0.0.0")
        .hasMessageContainingAll(because);
  }

  @Test
  void othersAreLetInOnlyWithProtection() {
    GrpcServerOptions everywhere = OPTIONS.withHost("0.0.0.0");
    Tls tls = new Tls(ofServer.certificate(), ofServer.key(), null);
    assertRefused(everywhere, "without TLS", "without authentication");
    assertRefused(everywhere.withTls(tls), "without authentication");
    assertRefused(everywhere.withCredentials(SECRETS), "without TLS");
    assertRefused(everywhere.withPlaintextAllowed(), "without authentication");
    assertRefused(everywhere.withUnauthenticatedAllowed(), "without TLS");
  }

  @Test
  void othersAreLetInWithProtection() throws Exception {
    GrpcServerOptions everywhere = OPTIONS.withHost("0.0.0.0");
    start(
        everywhere
            .withTls(new Tls(ofServer.certificate(), ofServer.key(), null))
            .withCredentials(SECRETS));
    hello(trustingServer().build(), "x-api-key", "key-1");
    server.close();
    start(
        everywhere.withTls(
            new Tls(ofServer.certificate(), ofServer.key(), ofClient.certificate())));
    server.close();
    start(everywhere.withPlaintextAllowed().withUnauthenticatedAllowed());
    plain(null, null);
  }

  @Test
  void severalPorts() {
    start(OPTIONS.withPorts(0, 0));
    assertThat(server.ports()).hasSize(2).doesNotContain(0).doesNotHaveDuplicates();
  }

  @Test
  void anAddressThatIsTakenOrUnknownIsReported() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThatThrownBy(() -> start(OPTIONS.withPorts(taken.getLocalPort())))
          .isInstanceOf(ServerStartException.class)
          .hasMessageContaining("PD-3002")
          .hasMessageContaining("" + taken.getLocalPort());
    }
    assertThatThrownBy(() -> start(OPTIONS.withHost("no such host")))
        .hasMessageContaining("PD-3002");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OPTIONS.withPorts(70_000))
        .withMessageContaining("ports");
  }

  @Test
  void messagesAreLimited() {
    start(OPTIONS.withInboundBytesMax(1 << 16));
    ManagedChannel channel = ServerFixture.channel(server.port());
    try {
      assertFails(
          Code.RESOURCE_EXHAUSTED,
          "",
          () ->
              TaskHubSidecarServiceGrpc.newBlockingStub(channel)
                  .withDeadlineAfter(30, TimeUnit.SECONDS)
                  .startInstance(ServerFixture.create("x", "x".repeat(100_000)).build()));
    } finally {
      channel.shutdownNow();
    }
  }
}
