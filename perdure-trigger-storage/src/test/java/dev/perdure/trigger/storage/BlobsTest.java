package dev.perdure.trigger.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which blobs run functions, what they are called, and which are new. */
class BlobsTest {
  private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

  // ---- patterns -------------------------------------------------------------------------------

  @Test
  void aContainerAloneMatchesAllInIt() {
    BlobPattern pattern = BlobPattern.parse("files");

    assertThat(pattern.container()).isEqualTo("files");
    assertThat(pattern.prefix()).isEmpty();
    assertThat(pattern.match("a/b\nc")).contains(Map.of());
    assertThat(BlobPattern.parse("files/").match("x")).isPresent();
  }

  @Test
  void aNameInBracesTakesAsMuchAsItCanSlashesAmongIt() {
    BlobPattern pattern = BlobPattern.parse("files/in/{folder}/{file}.{ext}");

    assertThat(pattern.prefix()).isEqualTo("in/");
    assertThat(pattern.match("in/a/b/c.tar.gz"))
        .contains(Map.of("folder", "a/b", "file", "c.tar", "ext", "gz"));
    assertThat(pattern.match("in/a.txt")).isEmpty();
    assertThat(pattern.match("IN/a/b.c")).as("case counts").isEmpty();
    assertThat(pattern.match("x/in/a/b.c")).isEmpty();
  }

  @Test
  void aPatternWithoutNamesIsOneBlob() {
    BlobPattern pattern = BlobPattern.parse("files/a.b+c.txt");

    assertThat(pattern.prefix()).isEqualTo("a.b+c.txt");
    assertThat(pattern.match("a.b+c.txt")).contains(Map.of());
    assertThat(pattern.match("aXb+c.txt")).isEmpty();
  }

  @Test
  void doubledBracesAreMeantAsSuch() {
    BlobPattern pattern = BlobPattern.parse("files/{{20}}-{name}");

    assertThat(pattern.match("{20}-x")).contains(Map.of("name", "x"));
  }

  @ParameterizedTest
  @CsvSource({
    "{c}/x, name of the container",
    "Files/x, lower-case",
    "files/{a, not closed",
    "files/a}, without an opening one",
    "files/{}, without a name",
    "files/{a}{A}, the name 'A' twice",
    "ab/x, cannot be the name of a container",
  })
  void aPatternThatIsWrongIsRefused(String path, String message) {
    assertThatThrownBy(() -> BlobPattern.parse(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  // ---- paths ----------------------------------------------------------------------------------

  @Test
  void aPathIsAContainerAndAName() {
    assertThat(BlobPath.parse("files/a/b.txt")).isEqualTo(new BlobPath("files", "a/b.txt"));
    assertThat(BlobPath.parse("$web/index.html").container()).isEqualTo("$web");
    assertThat(BlobPath.parse("a-b/c").container()).isEqualTo("a-b");
    assertThat(BlobPath.parse("a".repeat(63) + "/c").container()).hasSize(63);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "files", "files/", "/a", "a/b", "UPPER/b", "a--b/c", "-ab/c", "ab/c"})
  void aPathThatNoBlobCanHaveIsRefused(String path) {
    assertThatThrownBy(() -> BlobPath.parse(path)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> BlobPath.parse("a".repeat(64) + "/b"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNameHasItsLimit() {
    assertThat(BlobPath.parse("files/" + "x".repeat(1_024)).name()).hasSize(1_024);
    assertThatThrownBy(() -> BlobPath.parse("files/" + "x".repeat(1_025)))
        .hasMessageContaining("1025 characters");
  }

  @Test
  void theReceiptOfABlobWithALongNameHasANameThatFits() {
    BlobPath blob = new BlobPath("files", "x".repeat(1_024));

    BlobPath receipt = BlobReceipts.path("host", "F", blob, "0x1");

    assertThat(receipt.name().length()).isLessThanOrEqualTo(1_024);
    assertThat(receipt)
        .isNotEqualTo(
            BlobReceipts.path("host", "F", new BlobPath("files", "y".repeat(1_024)), "0x1"));
    assertThat(BlobReceipts.path("host", "F", new BlobPath("files", "a/b"), "0x1"))
        .isEqualTo(new BlobPath("azure-webjobs-hosts", "blobreceipts/host/F/\"0x1\"/files/a/b"));
  }

  // ---- host ids -------------------------------------------------------------------------------

  private static String hostId(String... settings) {
    Map<String, String> map = new java.util.HashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      map.put(settings[i], settings[i + 1]);
    }
    return HostId.of(Settings.of(map));
  }

  @Test
  void theIdIsTheSettingElseTheSiteElseMadeOfTheDirectory() {
    String root = "/apps/one/My App";

    assertThat(
            hostId(
                "AzureFunctionsWebHost__hostid",
                "chosen-1",
                "WEBSITE_SITE_NAME",
                "site",
                "AzureWebJobsScriptRoot",
                root))
        .isEqualTo("chosen-1");
    assertThat(hostId("WEBSITE_SITE_NAME", "My.Site", "AzureWebJobsScriptRoot", root))
        .isEqualTo("my-site");
    assertThat(hostId("AzureWebJobsScriptRoot", root))
        .matches("my-app-[0-9a-f]{8}")
        .isEqualTo(hostId("AzureWebJobsScriptRoot", root + "/"))
        .isNotEqualTo(hostId("AzureWebJobsScriptRoot", "/apps/two/My App"));
    assertThat(hostId("AzureWebJobsScriptRoot", "/a/" + "long".repeat(20)))
        .hasSizeLessThanOrEqualTo(32);
    assertThat(hostId()).matches("app-[0-9a-f]{8}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Upper", "a--b", "-a", "a-", "a_b", "abcdefghijklmnopqrstuvwxyz0123456"})
  void aSettingThatIsNoIdIsRefused(String id) {
    assertThatThrownBy(() -> hostId("AzureFunctionsWebHost__hostid", id))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("AzureFunctionsWebHost__hostid");
  }

  // ---- what is new ----------------------------------------------------------------------------

  private static BlobInfo blob(String etag, Instant modified) {
    return new BlobInfo(etag, modified, "BlockBlob", 1, null, Map.of());
  }

  @Test
  void theFirstTimeEverythingIsNew() {
    BlobSweep sweep = new BlobSweep();
    sweep.page(NOON);

    assertThat(sweep.isDue("a", blob("1", Instant.EPOCH))).isTrue();
  }

  @Test
  void laterOnlyWhatWasWrittenSinceTheLastListWasBegunOrShortlyBefore() {
    BlobSweep sweep = new BlobSweep();
    sweep.page(NOON);
    sweep.page(NOON.plusSeconds(600));
    sweep.end();
    sweep.page(NOON.plusSeconds(700));

    assertThat(sweep.isDue("a", blob("1", NOON.minusSeconds(61)))).isFalse();
    assertThat(sweep.isDue("a", blob("1", NOON.minusSeconds(60)))).isTrue();
    assertThat(sweep.isDue("a", blob("1", NOON.plusSeconds(1)))).isTrue();
  }

  @Test
  void whatWasLookedAtIsNotLookedAtAgainUnlessItIsReplaced() {
    BlobSweep sweep = new BlobSweep();
    sweep.page(NOON);
    sweep.done("a", blob("1", NOON));
    sweep.end();
    sweep.page(NOON.plusSeconds(10));

    assertThat(sweep.isDue("a", blob("1", NOON))).isFalse();
    assertThat(sweep.isDue("a", blob("2", NOON))).isTrue();
    assertThat(sweep.isDue("b", blob("1", NOON))).isTrue();
  }

  @Test
  void whatIsPostponedIsLookedAtAgainOnceHoweverOldItIs() {
    BlobSweep sweep = new BlobSweep();
    BlobInfo old = blob("1", Instant.EPOCH);
    sweep.page(NOON);
    sweep.postpone("a", old);
    sweep.end();

    assertThat(sweep.isDue("a", old)).as("the list has gone on").isFalse();
    assertThat(sweep.postponed()).containsExactly(Map.entry("a", old));
    assertThat(sweep.postponed()).isEmpty();
  }

  @Test
  void aListThatWasBrokenOffDoesNotCount() {
    BlobSweep sweep = new BlobSweep();
    sweep.page(NOON);
    sweep.restart();
    sweep.page(NOON.plusSeconds(600));

    assertThat(sweep.isDue("a", blob("1", Instant.EPOCH))).isTrue();
    sweep.end();
    assertThat(sweep.isDue("a", blob("1", NOON))).isFalse();
  }
}
