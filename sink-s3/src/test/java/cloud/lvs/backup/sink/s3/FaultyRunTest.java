package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.doItAndHangUp;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.error;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.hangUp;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.refuse;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.resetAfter;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Call;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Reaction;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Outcome;
import java.io.IOException;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of runs and prunes on a store that goes wrong: exactly what is told, and that nothing is lost. */
@Tag("today")
@Timeout(300)
class FaultyRunTest {
    private static final String BUCKET = "bucket bucket at http://127.0.0.1:";

    private static Site prototype;
    private static Set<BackupId> before;
    private static Set<String> keysBefore;

    private Site site;

    @BeforeAll
    static void twoBackups() throws Exception {
        prototype = Site.withBackups(7, 3, 2);
        before = prototype.wholeBackups(prototype.job(Site.ALL));
        keysBefore = prototype.keys();
        assertThat(before).hasSize(2);
    }

    @AfterAll
    static void closePrototype() {
        prototype.close();
    }

    @BeforeEach
    void start() throws IOException {
        site = prototype.copy(8);
    }

    @AfterEach
    void close() {
        site.close();
    }

    /** A store that goes wrong, and what an operator reads of it. */
    private record Fault(
            String name, Consumer<ScriptedStore> script, String stage, Kind kind, String problem, String remedy) {
        @Override
        public String toString() {
            return name;
        }
    }

    // Runs that fail

    static Stream<Fault> faultsThatEndARun() {
        return Stream.of(
                new Fault(
                        "wrong access key id",
                        everything(refuse(403, "InvalidAccessKeyId")),
                        "lock",
                        Kind.CREDENTIALS,
                        "does not know the access key id: cannot list objects",
                        "check the access key id, and that it belongs to this store"),
                new Fault(
                        "wrong secret access key",
                        everything(refuse(403, "SignatureDoesNotMatch")),
                        "lock",
                        Kind.CREDENTIALS,
                        "finds that the secret access key does not fit the access key id: cannot list objects",
                        "check the secret access key for a cut or another key's"),
                new Fault(
                        "a key that may not list",
                        always(Operation.LIST, refuse(403, "AccessDenied")),
                        "lock",
                        Kind.CREDENTIALS,
                        "refuses access: cannot list objects",
                        "give the key permission to list the bucket: s3:ListBucket (Backblaze B2: listBuckets, listFiles)"),
                new Fault(
                        "a token that expires half way",
                        fromThe(2, Operation.PART, refuse(400, "ExpiredToken")),
                        "capture",
                        Kind.CREDENTIALS,
                        "does not accept the session token any more: cannot write part",
                        "renew the temporary credentials"),
                new Fault(
                        "clock skew that signing again does not mend",
                        everything(refuse(403, "RequestTimeTooSkewed")),
                        "lock",
                        Kind.SINK,
                        "has another time than this machine: cannot list objects",
                        "set the clock of this machine (NTP)"),
                new Fault(
                        "no bucket",
                        everything(refuse(404, "NoSuchBucket")),
                        "lock",
                        Kind.SINK,
                        "does not exist: cannot list objects",
                        "check bucket and endpoint, make the bucket, or set createBucket: true"),
                new Fault(
                        "another region, told by redirect",
                        everything(refuse(301, "PermanentRedirect")),
                        "lock",
                        Kind.SINK,
                        "is in another region or at another address: cannot list objects",
                        "set the sink's region and endpoint to those of the bucket"),
                new Fault(
                        "another region, told by signature",
                        everything(refuse(400, "AuthorizationHeaderMalformed")),
                        "lock",
                        Kind.SINK,
                        "is in another region or at another address: cannot list objects",
                        "set the sink's region and endpoint to those of the bucket"),
                new Fault(
                        "too busy throughout",
                        everything(refuse(503, "SlowDown")),
                        "lock",
                        Kind.SINK,
                        "kept failing: cannot list objects",
                        "look at the store's status and limits; run again later, or raise patience"),
                new Fault(
                        "too busy for parts",
                        always(Operation.PART, refuse(503, "SlowDown")),
                        "capture",
                        Kind.SINK,
                        "kept failing: cannot write part",
                        "look at the store's status and limits; run again later, or raise patience"),
                new Fault(
                        "parts that are reset half way",
                        always(Operation.PART, resetAfter(20_000)),
                        "capture",
                        Kind.SINK,
                        "the connection to it broke",
                        "look at the store and the network; then run again"),
                new Fault(
                        "no quota left",
                        fromThe(3, Operation.PART, refuse(403, "QuotaExceeded")),
                        "capture",
                        Kind.SINK,
                        "has used up its quota: cannot write part",
                        "raise the quota, or prune"),
                new Fault(
                        "a lifecycle rule that aborts uploads",
                        always(Operation.COMPLETE, refuse(404, "NoSuchUpload")),
                        "capture",
                        Kind.SINK,
                        "no longer knows this upload: someone discarded it",
                        "look for another process, or a lifecycle rule, that aborts uploads there; then run again"),
                new Fault(
                        "success with an error inside, every time",
                        always(Operation.COMPLETE, say(200, error("InternalError"))),
                        "capture",
                        Kind.SINK,
                        "kept failing: cannot complete object",
                        "look at the store's status and limits; run again later, or raise patience"),
                new Fault(
                        "a proxy that says yes to everything",
                        everything(say(200, "<html><body>Welcome</body></html>")),
                        "lock",
                        Kind.SINK,
                        "cannot be listed: it answers with something that is no listing",
                        "look at the store, and for a proxy in between"),
                new Fault(
                        "a listing that says it is cut but not how to go on",
                        always(
                                Operation.LIST,
                                say(200, "<ListBucketResult><IsTruncated>true</IsTruncated>" + "</ListBucketResult>")),
                        "lock",
                        Kind.SINK,
                        "cannot be listed: it answers with a page that is not the last and does not say how to go on",
                        "look at the store, and for a proxy in between"));
    }

    @ParameterizedTest
    @MethodSource("faultsThatEndARun")
    void aRunFailsSaysWhyAndLosesNothing(Fault fault) throws Exception {
        fault.script().accept(site.store);

        RunReport report = site.run(1);

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.retention()).as("retention").isNull();
        assertThat(report.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.kind()).isEqualTo(fault.kind());
            assertThat(failure.stage()).isEqualTo(fault.stage());
            assertThat(failure.target()).startsWith(BUCKET);
            assertThat(failure.problem()).startsWith(fault.problem());
            assertThat(failure.remedy()).isEqualTo(fault.remedy());
        });
        assertThat(report.toString()).doesNotContain(ScriptedStore.SECRET).doesNotContain(ScriptedStore.ID);
        site.store.mend();
        assertThat(site.keys()).containsAll(keysBefore);
        assertThat(site.wholeBackups(site.job(Site.ALL))).isEqualTo(before);
        assertTheNextRunSucceedsAndCleansUp();
    }

    private void assertTheNextRunSucceedsAndCleansUp() throws Exception {
        site.clock.advance(Site.LOCK_TTL.plusMinutes(1));
        RunReport next = site.run(Site.ALL);
        assertThat(next.outcome()).isEqualTo(Outcome.OK);
        site.clock.advance(Site.GRACE.plusHours(1));
        for (PruneReport report : site.engine().prune(site.job(1), Mode.EXECUTE)) {
            assertThat(report.leftovers()).isEmpty();
        }
        assertThat(site.wholeBackups(site.job(Site.ALL))).containsExactly(next.id());
        site.assertNothingIsOrphaned();
    }

    // Runs that succeed all the same

    static Stream<Fault> faultsThatARunSurvives() {
        return Stream.of(
                survived("a lost reply to the completion", once(Operation.COMPLETE, doItAndHangUp())),
                survived("a lost reply to the beginning of an upload", once(Operation.BEGIN, doItAndHangUp())),
                survived("lost replies to puts", store -> store.on(Operation.PUT, doItAndHangUp(), doItAndHangUp())),
                survived("a lost reply to a deletion", once(Operation.DELETE_MANY, doItAndHangUp())),
                survived("success with an error inside, once", once(Operation.COMPLETE, say(200, error("SlowDown")))),
                survived("a part that is reset once", once(Operation.PART, resetAfter(20_000))),
                survived("a store that is too busy now and then", store -> {
                    for (Operation operation : Operation.values()) {
                        store.on(operation, refuse(503, "SlowDown"));
                    }
                }),
                survived("a store that hangs up now and then", store -> {
                    for (Operation operation : Operation.values()) {
                        store.on(operation, hangUp());
                    }
                }),
                survived("a clock that is corrected", once(Operation.LIST, refuse(403, "RequestTimeTooSkewed"))),
                survived("a store without multi-delete", always(Operation.DELETE_MANY, refuse(501, "NotImplemented"))),
                survived(
                        "a store that lists no uploads",
                        always(Operation.LIST_UPLOADS, refuse(501, "NotImplemented"))));
    }

    private static Fault survived(String name, Consumer<ScriptedStore> script) {
        return new Fault(name, script, "", Kind.FAILED, "", "");
    }

    @ParameterizedTest
    @MethodSource("faultsThatARunSurvives")
    void aRunSucceedsAllTheSame(Fault fault) throws Exception {
        fault.script().accept(site.store);

        RunReport report = site.run(1);

        assertThat(report.failures()).isEmpty();
        assertThat(report.outcome()).isEqualTo(Outcome.OK);
        site.store.mend();
        assertThat(site.wholeBackups(site.job(Site.ALL))).containsExactly(report.id());
        site.assertForeignIsUntouched();
    }

    @Test
    void aStoreThatIgnoresConditionsRunsWithoutALockAndSaysSo() throws Exception {
        site.store.always(Operation.PUT, ScriptedStore.ignoring("If-None-Match"));

        RunReport report = site.run(1);

        assertThat(report.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(report.warnings())
                .containsExactly("sink main cannot lock; two runs at once would make two valid backups");
        site.store.mend();
        assertThat(site.wholeBackups(site.job(Site.ALL))).containsExactly(report.id());
    }

    // Deletions that are refused

    /** What a store says instead of deleting, and what is told of each object. */
    static Stream<Fault> refusedDeletions() {
        return Stream.of(
                refusal("a key that may only add", refuse(403, "AccessDenied"), "AccessDenied"),
                refusal("objects that are locked", forEachKey("AccessDenied", ".*"), "AccessDenied"),
                refusal("payload that is locked", forEachKey("AccessDenied", ".*/\\d{4}/\\d{2}/.*"), "AccessDenied"),
                refusal("a store that fails for one key", forEachKey("InternalError", ".*large-.*"), "InternalError"),
                refusal("a store that is silent about keys", say(200, "<DeleteResult/>"), "does not say"));
    }

    private static Fault refusal(String name, Reaction reaction, String reason) {
        return new Fault(
                name, always(Operation.DELETE_MANY, reaction), "retain", Kind.FAILED, reason, "the next prune");
    }

    @ParameterizedTest
    @MethodSource("refusedDeletions")
    void aBackupIsWholeAndWhatCouldNotBeDeletedIsNamed(Fault fault) throws Exception {
        fault.script().accept(site.store);

        RunReport report = site.run(1);

        assertThat(report.outcome()).isEqualTo(Outcome.OK);
        assertThat(report.failures()).isNotEmpty().allSatisfy(failure -> {
            assertThat(failure.kind()).isEqualTo(fault.kind());
            assertThat(failure.stage()).isEqualTo(fault.stage());
            assertThat(failure.remedy()).startsWith(fault.remedy());
        });
        assertThat(report.failures()).extracting(Failure::problem).anyMatch(text -> text.contains(fault.problem()));
        PruneReport retention = Objects.requireNonNull(report.retention());
        assertThat(retention.deleted()).isEmpty();
        assertThat(retention.leftovers().keySet())
                .as("the objects that are still there are named")
                .anySatisfy(left -> assertThat(site.keys()).contains("main/" + left));

        site.store.mend();
        assertThat(site.wholeBackups(site.job(Site.ALL))).contains(report.id());
        PruneReport resumed = site.engine().prune(site.job(1), Mode.EXECUTE).get(0);
        assertThat(resumed.leftovers()).isEmpty();
        assertThat(resumed.deleted()).containsExactlyInAnyOrderElementsOf(before);
        site.assertNothingIsOrphaned();
    }

    // Doubts about what is there

    /** A wrong answer to the listing that retention decides by. */
    private record Doubt(String name, Reaction reaction, Kind kind, String problem, String remedy) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Doubt> doubts() {
        String truncated = "<ListBucketResult><IsTruncated>true</IsTruncated>";
        String complete = "<ListBucketResult><IsTruncated>false</IsTruncated>";
        String key = "<Contents><Key>main/.lvs-backup/demo/a</Key><Size>1</Size>" + "<LastModified>" + Site.NOW
                + "</LastModified></Contents>";
        String end = "</ListBucketResult>";
        String untrue = "look at the store, and for a proxy in between";
        return Stream.of(
                new Doubt(
                        "a page without a way on",
                        say(200, truncated + key + end),
                        Kind.SINK,
                        "does not say how to go on",
                        untrue),
                new Doubt(
                        "pages in a circle",
                        say(200, truncated + "<NextContinuationToken>t</NextContinuationToken>" + key + end),
                        Kind.SINK,
                        "circle",
                        untrue),
                new Doubt(
                        "keys of another prefix",
                        say(200, complete + key.replace("main", "other") + end),
                        Kind.SINK,
                        "an object outside the prefix asked for",
                        untrue),
                new Doubt(
                        "the page of a proxy",
                        say(200, "<html><body>Welcome</body></html>"),
                        Kind.SINK,
                        "something that is no listing",
                        untrue),
                new Doubt("XML that is cut off", say(200, complete + "<Contents>"), Kind.SINK, "broken XML", untrue),
                new Doubt(
                        "XML that multiplies",
                        say(200, "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]>" + complete + "&b;" + end),
                        Kind.SINK,
                        "broken XML",
                        untrue),
                new Doubt(
                        "no answer",
                        hangUp(),
                        Kind.SINK,
                        "the connection to it broke",
                        "look at the store and the network"),
                new Doubt(
                        "a store that is too busy",
                        refuse(503, "SlowDown"),
                        Kind.SINK,
                        "kept failing",
                        "run again later"),
                new Doubt(
                        "a key that may not list any more",
                        refuse(403, "AccessDenied"),
                        Kind.CREDENTIALS,
                        "refuses access",
                        "give the key permission"));
    }

    @ParameterizedTest
    @MethodSource("doubts")
    void aPruneThatCannotSeeEverythingDeletesNothing(Doubt doubt) throws Exception {
        site.store.always(Operation.LIST, call -> {
            if (isOfTheCatalog(call)) {
                doubt.reaction().to(call);
            } else {
                call.properly();
            }
        });

        Throwable thrown = catchThrowable(() -> site.engine().prune(site.job(1), Mode.EXECUTE));

        assertThat(thrown).isInstanceOfSatisfying(BackupException.class, e -> {
            assertThat(e.kind()).isEqualTo(doubt.kind());
            assertThat(e.target()).startsWith(BUCKET);
            assertThat(e.problem()).contains(doubt.problem());
            assertThat(e.remedy()).contains(doubt.remedy()).isNotBlank();
        });
        site.store.mend();
        assertThat(site.keys()).isEqualTo(keysBefore);
        assertThat(site.wholeBackups(site.job(Site.ALL))).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("doubts")
    void aRunWhoseRetentionCannotSeeEverythingIsWholeAndDeletesNothing(Doubt doubt) throws Exception {
        site.store.always(Operation.LIST, call -> {
            boolean committed = site.store.objects.keySet().stream()
                            .filter(key -> key.contains("/committed-"))
                            .count()
                    > before.size();
            if (committed && isOfTheCatalog(call)) {
                doubt.reaction().to(call);
            } else {
                call.properly();
            }
        });

        RunReport report = site.run(1);

        assertThat(report.outcome()).isEqualTo(Outcome.OK);
        assertThat(report.retention()).isNull();
        assertThat(report.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.stage()).isEqualTo("retain");
            assertThat(failure.kind()).isEqualTo(doubt.kind());
            assertThat(failure.problem()).contains(doubt.problem());
        });
        site.store.mend();
        assertThat(site.keys()).containsAll(keysBefore);
        assertThat(site.wholeBackups(site.job(Site.ALL))).containsAll(before).contains(report.id());
    }

    private static boolean isOfTheCatalog(Call call) {
        return call.parameter("prefix").endsWith("/.lvs-backup/demo/");
    }

    // Vocabulary of the tests

    private static Consumer<ScriptedStore> everything(Reaction reaction) {
        return store -> store.everything(reaction);
    }

    private static Consumer<ScriptedStore> always(Operation operation, Reaction reaction) {
        return store -> store.always(operation, reaction);
    }

    private static Consumer<ScriptedStore> once(Operation operation, Reaction reaction) {
        return store -> store.on(operation, reaction);
    }

    /** From the n-th request of a kind on, everything is answered like this. */
    private static Consumer<ScriptedStore> fromThe(int nth, Operation operation, Reaction reaction) {
        return store -> {
            for (int n = 1; n < nth; n++) {
                store.on(operation, Call::properly);
            }
            store.on(operation, call -> {
                store.everything(reaction);
                reaction.to(call);
            });
        };
    }

    /** Deletes what is asked for except keys like this, and says so for each. */
    private static Reaction forEachKey(String code, String like) {
        return call -> {
            StringBuilder answer = new StringBuilder("<DeleteResult>");
            for (String key : call.deletedKeys()) {
                boolean refused = Pattern.matches(like, key);
                if (!refused) {
                    call.store().objects.remove(key);
                }
                answer.append(refused ? "<Error><Key>" : "<Deleted><Key>")
                        .append(key)
                        .append("</Key>")
                        .append(refused ? "<Code>" + code + "</Code></Error>" : "</Deleted>");
            }
            call.answer(200, answer + "</DeleteResult>");
        };
    }
}
