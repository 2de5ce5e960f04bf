package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.TestObjects.key;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.refuse;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import cloud.lvs.backup.sink.s3.bucket.ObjectDeletion;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.DeleteReport;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A versioned bucket, and a key that may not see or delete its versions; or a store that answers oddly about them. */
class VersionsOutOfReachTest {
    private static final String HIDDEN = "<DeleteResult><Deleted><Key>a</Key><DeleteMarker>true</DeleteMarker>"
            + "<DeleteMarkerVersionId>m1</DeleteMarkerVersionId></Deleted></DeleteResult>";
    private static final String ONE_VERSION =
            "<ListVersionsResult><IsTruncated>false</IsTruncated><Version><Key>a</Key>"
                    + "<VersionId>v1</VersionId><IsLatest>true</IsLatest></Version></ListVersionsResult>";

    private ScriptedStore store;
    private S3Sink sink;

    @BeforeEach
    void keepVersions() throws Exception {
        store = new ScriptedStore();
        store.on(
                Operation.VERSIONING,
                say(200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"));
        sink = TestSinks.in(store);
    }

    @AfterEach
    void close() {
        sink.close();
        store.close();
    }

    @Test
    void whoMayNotListVersionsHidesTheObjectAndSaysThatItTakesSpace() throws Exception {
        store.on(Operation.LIST_VERSIONS, refuse(403, "AccessDenied"));
        store.on(Operation.DELETE_MANY, say(200, HIDDEN));

        assertThat(warnings()).singleElement(STRING).contains("still takes space", "s3:DeleteObjectVersion");
    }

    @Test
    void whoMayNotDeleteVersionsHidesTheObjectAndSaysThatItTakesSpace() throws Exception {
        store.on(Operation.LIST_VERSIONS, say(200, ONE_VERSION));
        store.on(Operation.DELETE_MANY, refuse(403, "AccessDenied"), say(200, HIDDEN));
        store.on(Operation.HEAD, say(403, ""));

        assertThat(warnings()).singleElement(STRING).contains("still takes space", "s3:DeleteObjectVersion");
    }

    @Test
    void whoMayNotAskForVersioningIsToldWhenAnObjectWasOnlyHidden() throws Exception {
        store.close();
        store = new ScriptedStore();
        store.on(Operation.VERSIONING, refuse(403, "AccessDenied"));
        store.on(Operation.LIST_VERSIONS, refuse(403, "AccessDenied"));
        store.on(Operation.DELETE_MANY, say(200, HIDDEN));
        sink.close();
        sink = TestSinks.in(store);

        assertThat(warnings()).singleElement(STRING).contains("still takes space", "s3:DeleteObjectVersion");
    }

    @Test
    void whoMayDeleteNothingIsRefused() throws Exception {
        store.on(Operation.LIST_VERSIONS, say(200, ONE_VERSION));
        store.always(Operation.DELETE_MANY, refuse(403, "AccessDenied"));
        store.on(Operation.HEAD, say(403, ""));

        DeleteReport report = sink.delete(List.of(key("a")));

        assertThat(report.refused()).containsOnlyKeys(key("a"));
        assertThat(report.refused().get(key("a"))).contains("AccessDenied");
    }

    @Test
    void aListingThatCannotBeTrueDeletesNothing() {
        store.on(Operation.LIST_VERSIONS, say(200, "<html>Welcome to the proxy</html>"));

        assertThat(catchThrowableOfType(BackupException.class, () -> sink.delete(List.of(key("a")))))
                .hasMessageContaining("cannot list versions");
        assertThat(store.count(Operation.DELETE_MANY)).isZero();
    }

    @Test
    void pagesThatGoRoundInACircleAreAnError() {
        store.always(
                Operation.LIST_VERSIONS,
                say(
                        200,
                        "<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>"
                                + "<NextVersionIdMarker>v1</NextVersionIdMarker></ListVersionsResult>"));

        assertThat(catchThrowableOfType(BackupException.class, () -> sink.delete(List.of(key("a")))))
                .hasMessageContaining("circle");
    }

    private List<String> warnings() throws Exception {
        try (CapturedLog log = new CapturedLog(ObjectDeletion.class)) {
            assertThat(sink.delete(List.of(key("a"))).isComplete()).isTrue();
            return log.lines();
        }
    }
}
