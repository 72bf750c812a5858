package dev.perdure.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Keeps the dependencies between our packages pointing the way the modules are meant to. */
class ArchitectureTest {

  private static final String API = "dev.perdure.api..";

  /** The store SPI alone; every implementation has a package of its own below it. */
  private static final String STORE = "dev.perdure.store";

  private static final String TESTKIT = "dev.perdure.store.testkit..";
  private static final String MEMORY = "dev.perdure.store.memory..";
  private static final String ROCKSDB = "dev.perdure.store.rocksdb..";
  private static final String JSON = "dev.perdure.json..";
  private static final String ENGINE = "dev.perdure.engine..";
  private static final String FACADE = "dev.perdure";
  private static final String TESTING = "dev.perdure.testing..";
  private static final String PROTOCOL = "dev.perdure.grpc.protocol..";
  private static final String GRPC = "dev.perdure.grpc..";
  private static final String HTTP = "dev.perdure.http..";
  private static final String METRICS = "dev.perdure.metrics..";
  private static final String SERVER = "dev.perdure.server..";
  private static final String FUNCTIONS = "dev.perdure.functions..";
  private static final String EVENT_HUBS = "dev.perdure.trigger.eventhubs..";
  private static final String STORAGE = "dev.perdure.trigger.storage..";
  private static final String SQL = "dev.perdure.trigger.sql..";
  private static final String IOT_HUB = "dev.perdure.iothub..";
  private static final String DATABASES = "dev.perdure.databases..";
  private static final String BENCH = "dev.perdure.bench..";
  private static final String CLI = "dev.perdure.cli..";

  private static JavaClasses ours;

  @BeforeAll
  static void importClasses() {
    ours =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.perdure");
  }

  static Stream<Arguments> allowedDependencies() {
    return Stream.of(
        rule(API),
        rule(STORE),
        rule(TESTKIT, STORE),
        rule(MEMORY, STORE),
        rule(ROCKSDB, STORE),
        rule(JSON, API),
        rule(ENGINE, API, STORE),
        rule(FACADE, API, STORE, MEMORY, ROCKSDB, JSON, ENGINE),
        rule(TESTING, API, STORE, MEMORY, JSON, ENGINE),
        rule(PROTOCOL),
        rule(GRPC, API, STORE, ROCKSDB, ENGINE),
        rule(HTTP, API, STORE, ENGINE),
        rule(METRICS, ENGINE, GRPC),
        rule(SERVER, API, STORE, ROCKSDB, JSON, ENGINE, GRPC, HTTP, METRICS),
        rule(FUNCTIONS, API, STORE, ROCKSDB, JSON, ENGINE, GRPC, HTTP, METRICS),
        rule(EVENT_HUBS, API, HTTP, FUNCTIONS),
        rule(STORAGE, API, HTTP, FUNCTIONS),
        rule(SQL, API, HTTP, FUNCTIONS),
        rule(IOT_HUB),
        rule(DATABASES),
        rule(
            BENCH,
            API,
            STORE,
            MEMORY,
            ROCKSDB,
            JSON,
            ENGINE,
            FACADE,
            GRPC,
            HTTP,
            SERVER,
            FUNCTIONS,
            EVENT_HUBS,
            SQL,
            IOT_HUB,
            DATABASES),
        rule(
            CLI,
            API,
            STORE,
            MEMORY,
            ROCKSDB,
            JSON,
            ENGINE,
            FACADE,
            BENCH,
            GRPC,
            HTTP,
            SERVER,
            FUNCTIONS,
            EVENT_HUBS,
            IOT_HUB));
  }

  @ParameterizedTest(name = "{0} may use {1}")
  @MethodSource("allowedDependencies")
  void packageUsesOnlyWhatItMay(String from, String[] allowed) {
    DescribedPredicate<JavaClass> permitted =
        JavaClass.Predicates.resideInAnyPackage(with(allowed, from))
            .or(JavaClass.Predicates.resideOutsideOfPackage("dev.perdure.."));
    ArchRule rule =
        classes()
            .that()
            .resideInAPackage(from)
            .should()
            .onlyDependOnClassesThat(permitted)
            // A package without classes yet breaks no rule.
            .allowEmptyShould(true);
    rule.check(ours);
  }

  @Test
  void facadePackageHoldsOnlyPerdure() {
    classes()
        .that()
        .resideInAPackage(FACADE)
        .and()
        .areTopLevelClasses()
        .should()
        .haveSimpleName("Perdure")
        .orShould()
        .haveSimpleName("package-info")
        .allowEmptyShould(true)
        .check(ours);
  }

  @Test
  void onlyTheServerKnowsOfGrpc() {
    classes()
        .that()
        .resideOutsideOfPackages(
            GRPC,
            "dev.perdure.bench.grpc..", // a worker of its own
            "dev.perdure.functions.client..") // in the app, with the app's version
        .should()
        .onlyDependOnClassesThat(JavaClass.Predicates.resideOutsideOfPackages("io.grpc.."))
        .check(ours);
  }

  @Test
  void onlyWorkersKnowOfTheirMessages() {
    classes()
        .that()
        .resideOutsideOfPackages(
            GRPC, "dev.perdure.bench.grpc..", "dev.perdure.functions.durable..")
        .should()
        .onlyDependOnClassesThat(
            JavaClass.Predicates.resideOutsideOfPackages("com.google.protobuf..", PROTOCOL))
        .check(ours);
  }

  @Test
  void everyClassIsInAPackageWithARule() {
    classes()
        .should()
        .resideInAnyPackage(
            API,
            STORE,
            TESTKIT,
            MEMORY,
            ROCKSDB,
            JSON,
            ENGINE,
            FACADE,
            TESTING,
            GRPC,
            HTTP,
            METRICS,
            SERVER,
            FUNCTIONS,
            EVENT_HUBS,
            STORAGE,
            SQL,
            IOT_HUB,
            DATABASES,
            BENCH,
            CLI)
        .check(ours);
  }

  @Test
  void classFilesAreReadable() {
    assertThat(ours.contain(Main.class)).isTrue();
    assertThat(ours.contain("dev.perdure.testing.TestHub")).isTrue();
    assertThat(ours.contain("dev.perdure.grpc.GrpcServer")).isTrue();
  }

  private static Arguments rule(String from, String... allowed) {
    return Arguments.of(from, allowed);
  }

  private static String[] with(String[] packages, String another) {
    return Stream.concat(Stream.of(packages), Stream.of(another)).toArray(String[]::new);
  }
}
