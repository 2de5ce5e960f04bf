package cloud.lvs.backup.runner.cli;

import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.doItAndHangUp;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.error;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.fallSilentAfter;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.hangUp;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.page;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.refuse;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.resetAfter;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.say;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.runner.cli.Terminal.Result;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Call;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Kept;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Reaction;
import cloud.lvs.backup.sink.s3.scripted.ServerIdentity;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a store that goes wrong comes to on the command line: how the program ends, the one line that it prints, and what
 * stands in the store afterwards. There are two backups before, of which retention keeps one.
 */
@Tag("today")
@Timeout(300)
class FaultyStoreTest {
    private static final Instant NOW = TestTime.now();
    private static final String JOURNAL = "main/.lvs-backup/notes/";
    private static final String FOREIGN = "main/2019/11/precious.txt";
    private static final String LONG = "requestTimeout: 20s";
    private static final Pattern FAILURE = Pattern.compile(
            "job notes: (lock|catalog|preflight|begin|capture|commit|copy|retain|prune|verify|list): .*");

    /** What a store answers, and how the line goes on behind its name. */
    enum Fault {
        WRONG_KEY_ID(
                refuse(403, "InvalidAccessKeyId"),
                "does not know the access key id: cannot ",
                "check the access key id, and that it belongs to this store"),
        WRONG_SECRET(
                refuse(403, "SignatureDoesNotMatch"),
                "finds that the secret access key does not fit the access key id: cannot ",
                "check the secret access key for a cut or another key's"),
        EXPIRED_TOKEN(
                refuse(400, "ExpiredToken"),
                "does not accept the session token any more: cannot ",
                "renew the temporary credentials"),
        FORBIDDEN(
                refuse(403, "AccessDenied"),
                "refuses access: cannot ",
                "give the key permission for that on this bucket, or use another key"),
        MAY_NOT_LIST(
                refuse(403, "AccessDenied"),
                "refuses access: cannot list objects below '",
                "give the key permission to list the bucket: s3:ListBucket (Backblaze B2: listBuckets, listFiles)"),
        ARCHIVED(
                refuse(403, "InvalidObjectState"),
                "keeps this in an archive, from which it cannot be read at once: cannot read object ",
                "archived: have the store restore it first, then run this again"),
        TOO_LARGE(
                refuse(413, ""),
                "does not take a request as large as this: cannot ",
                "a proxy limits the size of requests: raise its limit to more than 5MiB, the least that S3 takes for a"
                        + " part"),
        PARTS_OF_ONE_SIZE(
                refuse(400, "InvalidPart"),
                "does not put the parts of an upload together: cannot complete object ",
                "some stores, such as Cloudflare R2, want all parts but the last of one size: set equalParts: true"),
        CLOCK_SKEW(
                refuse(403, "RequestTimeTooSkewed"),
                "has another time than this machine: cannot ",
                "set the clock of this machine (NTP)"),
        NO_BUCKET(
                refuse(404, "NoSuchBucket"),
                "does not exist: cannot ",
                "check bucket and endpoint, make the bucket, or set createBucket: true"),
        REDIRECT(
                refuse(301, "PermanentRedirect"),
                "is in another region or at another address: cannot ",
                "set the sink's region and endpoint to those of the bucket"),
        WRONG_REGION(
                refuse(400, "AuthorizationHeaderMalformed"),
                "is in another region or at another address: cannot ",
                "set the sink's region and endpoint to those of the bucket"),
        SLOW_DOWN(
                refuse(503, "SlowDown"),
                "kept failing: cannot ",
                "look at the store's status and limits; run again later, or raise patience"),
        NO_QUOTA(refuse(403, "QuotaExceeded"), "has used up its quota: cannot ", "raise the quota, or prune"),
        ERROR_IN_SUCCESS(
                say(200, error("InternalError")),
                "kept failing: cannot ",
                "look at the store's status and limits; run again later, or raise patience"),
        RESET(
                resetAfter(1 << 20),
                "the connection to it broke in the middle of a large request, each time: cannot write part 1 of ",
                "most likely a proxy limits the size of requests: raise its limit to more than 5MiB, the least that S3"
                        + " takes for a part; else look at the network; then run again"),
        HANG_UP(hangUp(), "the connection to it broke (", "look at the store and the network; then run again"),
        SILENCE(
                call -> {
                    // Neither answered nor closed.
                },
                "it did not answer in time: cannot ",
                "look at the store and the network; on a slow line raise requestTimeout or lower partSize"),
        SILENCE_HALF_WAY(
                fallSilentAfter(10),
                "it did not answer in time: cannot ",
                "look at the store and the network; on a slow line raise requestTimeout or lower partSize"),
        NO_LISTING(
                say(200, "<html><body>Welcome</body></html>"),
                "cannot be listed: it answers with something that is no listing",
                "look at the store, and for a proxy in between"),
        PAGE_WITHOUT_TOKEN(
                say(200, page("<IsTruncated>true</IsTruncated>", JOURNAL + "a")),
                "cannot be listed: it answers with a page that is not the last and does not say how to go on",
                "look at the store, and for a proxy in between"),
        PAGES_IN_A_CIRCLE(
                say(
                        200,
                        page(
                                "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>",
                                JOURNAL + "a")),
                "cannot be listed: it answers with pages that go round in a circle",
                "look at the store, and for a proxy in between"),
        KEYS_OF_OTHERS(
                say(200, page("<IsTruncated>false</IsTruncated>", "other/.lvs-backup/notes/a")),
                "cannot be listed: it answers with an object outside the prefix asked for",
                "look at the store, and for a proxy in between"),
        CUT_XML(
                say(200, "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a"),
                "answers with broken XML: cannot ",
                "look at the store, and for a proxy in between"),
        HOSTILE_XML(
                say(
                        200,
                        "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b SYSTEM \"file:///etc/hostname\">]>"
                                + page("<IsTruncated>false</IsTruncated>", JOURNAL + "&a;&b;")),
                "answers with broken XML: cannot ",
                "look at the store, and for a proxy in between");

        private final Reaction reaction;
        private final String cause;
        private final String remedy;

        Fault(Reaction reaction, String cause, String remedy) {
            this.reaction = reaction;
            this.cause = cause;
            this.remedy = remedy;
        }
    }

    /** Which requests a fault strikes. */
    enum Strike {
        EVERYTHING {
            @Override
            void with(Reaction fault, ScriptedStore store) {
                store.everything(fault);
            }
        },
        /** Of objects that are no journal. */
        PAYLOAD_PUTS {
            @Override
            void with(Reaction fault, ScriptedStore store) {
                each(Operation.PUT, call -> !call.key().contains("/.lvs-backup/"), fault, store);
            }
        },
        PARTS {
            @Override
            void with(Reaction fault, ScriptedStore store) {
                store.always(Operation.PART, fault);
            }
        },
        ALL_FROM_THE_SECOND_PART {
            @Override
            void with(Reaction fault, ScriptedStore store) {
                store.on(Operation.PART, Call::properly, call -> {
                    store.everything(fault);
                    fault.to(call);
                });
            }
        },
        COMPLETIONS {
            @Override
            void with(Reaction fault, ScriptedStore store) {
                store.always(Operation.COMPLETE, fault);
            }
        },
        /** Of the whole journal. */
        LISTINGS {
            @Override
            void with(Reaction fault, ScriptedStore store) {
                each(Operation.LIST, FaultyStoreTest::isOfTheCatalog, fault, store);
            }
        },
        /** The same, but only from the commit of a further backup on: retention decides by them. */
        LISTINGS_AFTER_THE_COMMIT {
            @Override
            void with(Reaction fault, ScriptedStore store) {
                long before = committed(store.objects.keySet());
                each(
                        Operation.LIST,
                        call -> isOfTheCatalog(call) && committed(store.objects.keySet()) > before,
                        fault,
                        store);
            }
        },
        READS {
            @Override
            void with(Reaction fault, ScriptedStore store) {
                store.always(Operation.GET, fault);
            }
        };

        abstract void with(Reaction fault, ScriptedStore store);

        private static void each(Operation operation, Predicate<Call> which, Reaction fault, ScriptedStore store) {
            store.always(operation, call -> {
                if (which.test(call)) {
                    fault.to(call);
                } else {
                    call.properly();
                }
            });
        }
    }

    /** What stands in the store besides what stood there before, all of which does. */
    enum Left {
        NOTHING,
        /** Of a run that could not clean up: named by its journal, and no backup. Its lock expires. */
        REMAINS,
        /** Whole. */
        A_BACKUP
    }

    @TempDir
    static Path directory = Path.of("");

    private static Terminal terminal;
    private static ServerIdentity identity;
    private static ScriptedStore prototype;

    private ScriptedStore store;
    private Map<String, Kept> before = Map.of();

    @BeforeAll
    static void twoBackups() throws Exception {
        identity = ServerIdentity.make(directory, "store", "ip:127.0.0.1");
        terminal = new Terminal(directory);
        prototype = new ScriptedStore(clock());
        configure(prototype, 2, LONG);
        for (int daysAgo : List.of(3, 2)) {
            terminal.now.set(NOW.minus(Duration.ofDays(daysAgo)));
            assertThat(terminal.run("run").code()).isZero();
        }
        prototype.keep(FOREIGN, new byte[] {7});
    }

    @AfterAll
    static void closePrototype() {
        prototype.close();
    }

    @BeforeEach
    void open() throws IOException {
        terminal.now.set(NOW);
        store = new ScriptedStore(clock()).with(prototype);
        before = new TreeMap<>(store.objects);
        configure(store, 1, LONG);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        Files.deleteIfExists(terminal.notes.resolve("film"));
    }

    @Test
    void aStoreThatGoesRight() throws Exception {
        assertThat(execute("prune").code()).isZero();
        assertThat(ids()).hasSize(1);
        assertThat(execute("run").code()).isZero();
        assertThat(ids()).hasSize(1);
        assertThat(store.condemned).containsAll(backupsOf(before.keySet()));
        assertNothingIsOrphaned();
    }

    @ParameterizedTest(name = "{0} at {1}: {2} ends with {3}")
    @CsvSource(delimiter = '|', textBlock = """
            # fault              | at                        | command | exit | stage   | left
            # Credentials
              WRONG_KEY_ID       | EVERYTHING                | run     | 12   | lock    | NOTHING
              WRONG_KEY_ID       | EVERYTHING                | prune   | 12   | prune   | NOTHING
              WRONG_KEY_ID       | EVERYTHING                | list    | 12   | list    | NOTHING
              WRONG_SECRET       | EVERYTHING                | run     | 12   | lock    | NOTHING
              WRONG_SECRET       | EVERYTHING                | prune   | 12   | prune   | NOTHING
              EXPIRED_TOKEN      | EVERYTHING                | run     | 12   | lock    | NOTHING
              EXPIRED_TOKEN      | EVERYTHING                | prune   | 12   | prune   | NOTHING
              EXPIRED_TOKEN      | ALL_FROM_THE_SECOND_PART  | run     | 12   | capture | REMAINS
              EXPIRED_TOKEN      | LISTINGS_AFTER_THE_COMMIT | run     | 3    | retain  | A_BACKUP
              MAY_NOT_LIST       | LISTINGS                  | run     | 12   | catalog | NOTHING
              MAY_NOT_LIST       | LISTINGS                  | prune   | 12   | prune   | NOTHING
              MAY_NOT_LIST       | LISTINGS                  | list    | 12   | list    | NOTHING
              MAY_NOT_LIST       | LISTINGS_AFTER_THE_COMMIT | run     | 3    | retain  | A_BACKUP
              FORBIDDEN          | PAYLOAD_PUTS              | run     | 12   | capture | NOTHING
              FORBIDDEN          | READS                     | verify  | 12   | verify  | NOTHING
            # Of another kind than most stores
              TOO_LARGE          | PARTS                     | run     | 10   | capture | NOTHING
              TOO_LARGE          | PAYLOAD_PUTS              | run     | 10   | capture | NOTHING
              PARTS_OF_ONE_SIZE  | COMPLETIONS               | run     | 10   | capture | NOTHING
              ARCHIVED           | READS                     | verify  | 10   | verify  | NOTHING
            # Another place, another time
              CLOCK_SKEW         | EVERYTHING                | run     | 10   | lock    | NOTHING
              CLOCK_SKEW         | EVERYTHING                | prune   | 10   | prune   | NOTHING
              NO_BUCKET          | EVERYTHING                | run     | 10   | lock    | NOTHING
              NO_BUCKET          | EVERYTHING                | prune   | 10   | prune   | NOTHING
              NO_BUCKET          | EVERYTHING                | list    | 10   | list    | NOTHING
              REDIRECT           | EVERYTHING                | run     | 10   | lock    | NOTHING
              REDIRECT           | EVERYTHING                | prune   | 10   | prune   | NOTHING
              WRONG_REGION       | EVERYTHING                | run     | 10   | lock    | NOTHING
              WRONG_REGION       | EVERYTHING                | prune   | 10   | prune   | NOTHING
            # Too busy, too slow, not there
              SLOW_DOWN          | EVERYTHING                | run     | 10   | lock    | NOTHING
              SLOW_DOWN          | EVERYTHING                | prune   | 10   | prune   | NOTHING
              SLOW_DOWN          | PARTS                     | run     | 10   | capture | NOTHING
              SLOW_DOWN          | ALL_FROM_THE_SECOND_PART  | run     | 10   | capture | REMAINS
              SLOW_DOWN          | LISTINGS_AFTER_THE_COMMIT | run     | 3    | retain  | A_BACKUP
              RESET              | PARTS                     | run     | 10   | capture | NOTHING
              HANG_UP            | EVERYTHING                | run     | 10   | lock    | NOTHING
              HANG_UP            | LISTINGS_AFTER_THE_COMMIT | run     | 3    | retain  | A_BACKUP
              HANG_UP            | LISTINGS                  | prune   | 10   | prune   | NOTHING
              SILENCE            | EVERYTHING                | run     | 10   | lock    | NOTHING
              SILENCE            | PAYLOAD_PUTS              | run     | 10   | capture | NOTHING
              SILENCE            | LISTINGS                  | prune   | 10   | prune   | NOTHING
              SILENCE_HALF_WAY   | READS                     | verify  | 10   | verify  | NOTHING
              NO_QUOTA           | ALL_FROM_THE_SECOND_PART  | run     | 10   | capture | REMAINS
            # Not the truth
              ERROR_IN_SUCCESS   | COMPLETIONS               | run     | 10   | capture | NOTHING
              ERROR_IN_SUCCESS   | LISTINGS                  | run     | 10   | catalog | NOTHING
              ERROR_IN_SUCCESS   | LISTINGS                  | prune   | 10   | prune   | NOTHING
              ERROR_IN_SUCCESS   | LISTINGS_AFTER_THE_COMMIT | run     | 3    | retain  | A_BACKUP
              NO_LISTING         | EVERYTHING                | run     | 10   | lock    | NOTHING
              NO_LISTING         | LISTINGS                  | prune   | 10   | prune   | NOTHING
              PAGE_WITHOUT_TOKEN | LISTINGS                  | run     | 10   | catalog | NOTHING
              PAGE_WITHOUT_TOKEN | LISTINGS                  | prune   | 10   | prune   | NOTHING
              PAGE_WITHOUT_TOKEN | LISTINGS_AFTER_THE_COMMIT | run     | 3    | retain  | A_BACKUP
              PAGES_IN_A_CIRCLE  | LISTINGS                  | run     | 10   | catalog | NOTHING
              PAGES_IN_A_CIRCLE  | LISTINGS                  | prune   | 10   | prune   | NOTHING
              PAGES_IN_A_CIRCLE  | LISTINGS_AFTER_THE_COMMIT | run     | 3    | retain  | A_BACKUP
              KEYS_OF_OTHERS     | LISTINGS                  | prune   | 10   | prune   | NOTHING
              KEYS_OF_OTHERS     | LISTINGS_AFTER_THE_COMMIT | run     | 3    | retain  | A_BACKUP
              CUT_XML            | LISTINGS                  | prune   | 10   | prune   | NOTHING
              CUT_XML            | LISTINGS_AFTER_THE_COMMIT | run     | 3    | retain  | A_BACKUP
              HOSTILE_XML        | LISTINGS                  | prune   | 10   | prune   | NOTHING
              HOSTILE_XML        | LISTINGS_AFTER_THE_COMMIT | run     | 3    | retain  | A_BACKUP
            """)
    void aFaultEndsACommand(Fault fault, Strike at, String command, int exit, String stage, Left left)
            throws Exception {
        if (Set.of(Strike.PARTS, Strike.ALL_FROM_THE_SECOND_PART, Strike.COMPLETIONS)
                .contains(at)) {
            addAFilm();
        }
        if (Set.of(Fault.SILENCE, Fault.SILENCE_HALF_WAY).contains(fault)) {
            configure(store, 1, "requestTimeout: 3s");
        }
        at.with(fault.reaction, store);

        Result result = execute(command);

        assertThat(result.code()).as(result.err()).isEqualTo(exit);
        assertThat(failures(result))
                .singleElement()
                .asString()
                .startsWith("job notes: " + stage + ": bucket bucket at " + store.endpoint() + ": " + fault.cause)
                .endsWith(" (" + fault.remedy + ")");
        assertNothingIsGivenAway(result);
        store.mend();
        assertWhatStoodThereStands();
        assertThat(store.condemned).doesNotContainAnyElementsOf(backupsOf(before.keySet()));
        assertLeft(left);
    }

    @ParameterizedTest
    @CsvSource({"run, lock", "prune, prune", "list, list"})
    void aStoreWhoseCertificateNobodyVouchesForIsSentNothing(String command, String stage) throws Exception {
        store.close();
        store = ScriptedStore.over(identity.tls(), clock()).with(prototype);
        configure(store, 1, LONG);

        Result result = execute(command);

        assertThat(result.code()).isEqualTo(10);
        assertThat(failures(result))
                .singleElement()
                .asString()
                .startsWith("job notes: " + stage + ": bucket bucket at " + store.endpoint()
                        + ": no trusted TLS connection to it can be made: cannot ")
                .endsWith(" (check that the endpoint speaks https and its certificate names that host; set"
                        + " caCertificate if it has an authority of its own)");
        assertThat(store.seen).isEmpty();
        assertNothingIsGivenAway(result);

        assertWhatStoodThereStands();
        assertLeft(Left.NOTHING);
        configure(store, 1, "caCertificate: " + identity.certificate());
        assertTheNextRunSucceedsAndCleansUp();
    }

    /** The manifest has been sent, so it may be there: nothing of this run is removed by it. */
    @Test
    void aRunThatIsNotToldOfItsCommitFailsAndLeavesAWholeBackup() throws Exception {
        store.always(Operation.PUT, call -> {
            if (call.key().contains("/committed-")) {
                store.everything(hangUp());
                doItAndHangUp().to(call);
            } else {
                call.properly();
            }
        });

        Result result = execute("run");

        assertThat(result.code()).isEqualTo(10);
        assertThat(failures(result))
                .singleElement()
                .asString()
                .startsWith(
                        "job notes: commit: bucket bucket at " + store.endpoint() + ": the connection to it broke (")
                .endsWith(" (look at the store and the network; then run again)");
        store.mend();
        assertThat(store.condemned).noneMatch(key -> !key.contains("/lock/"));
        assertWhatStoodThereStands();
        assertThat(ids()).hasSize(3);
        assertThat(execute("verify").code()).isZero();
        assertTheNextRunSucceedsAndCleansUp();
    }

    // Faults that are overcome

    enum Overcome {
        LOST_REPLY(doItAndHangUp()),
        SLOW_DOWN(refuse(503, "SlowDown")),
        RESET(resetAfter(1 << 20)),
        HANG_UP(hangUp()),
        CLOCK_SKEW(refuse(403, "RequestTimeTooSkewed")),
        ERROR_IN_SUCCESS(say(200, error("InternalError"))),
        NOT_IMPLEMENTED(refuse(501, "NotImplemented"));

        private final Reaction reaction;

        Overcome(Reaction reaction) {
            this.reaction = reaction;
        }
    }

    @ParameterizedTest(name = "{0} once at {1}: {2} succeeds")
    @CsvSource(delimiter = '|', textBlock = """
              LOST_REPLY       | PUT          | run
              LOST_REPLY       | COMPLETE     | run
              LOST_REPLY       | DELETE_MANY  | run
              SLOW_DOWN        | LIST         | run
              SLOW_DOWN        | PART         | run
              RESET            | PART         | run
              HANG_UP          | PUT          | run
              CLOCK_SKEW       | LIST         | run
              ERROR_IN_SUCCESS | COMPLETE     | run
              NOT_IMPLEMENTED  | LIST_UPLOADS | run
              NOT_IMPLEMENTED  | DELETE_MANY  | prune
            """)
    void aFaultIsOvercome(Overcome fault, Operation at, String command) throws Exception {
        if (Set.of(Operation.PART, Operation.COMPLETE).contains(at)) {
            addAFilm();
        }
        store.on(at, fault.reaction);

        Result result = execute(command);

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(failures(result)).isEmpty();
        assertThat(ids()).as("what retention keeps").hasSize(1);
        assertNothingIsOrphaned();
    }

    // Deletions that are refused

    /** What a store says instead of deleting, and what is told of each object that is still there. */
    enum Refusal {
        MAY_NOT_DELETE(refuse(403, "AccessDenied"), "the store refuses to delete it (AccessDenied)"),
        ALL_LOCKED(forEachKey(".*", "AccessDenied"), "the store refuses to delete it (AccessDenied)"),
        PAYLOAD_LOCKED(forEachKey("main/\\d{4}/.*", "AccessDenied"), "the store refuses to delete it (AccessDenied)"),
        ONE_FAILS(
                forEachKey("main/\\d{4}/.*/milk-.*", "InternalError"),
                "the store refuses to delete it (InternalError)"),
        SILENT_ON_KEYS(say(200, "<DeleteResult/>"), "the store does not say what became of it"),
        NO_STORE(say(200, "<html><body>Welcome</body></html>"), "the store does not say what became of it");

        private final Reaction reaction;
        private final String reason;

        Refusal(Reaction reaction, String reason) {
            this.reaction = reaction;
            this.reason = reason;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRunNamesWhatItCouldNotDeleteAndIsWhole(Refusal refusal) throws Exception {
        store.always(Operation.DELETE_MANY, refusal.reaction);

        Result result = execute("run");

        assertThat(result.code()).as(result.err()).isEqualTo(3);
        assertThat(failures(result))
                .anySatisfy(line -> assertThat(line)
                        .matches("job notes: retain: sink s3: could not delete \\S+( and \\d+ more)?: "
                                + Pattern.quote(refusal.reason)
                                + " \\(the next prune tries again; where the store refuses,"
                                + " use another key for retention\\)"));
        assertThat(failures(result)).allSatisfy(line -> assertThat(line).startsWith("job notes: retain: "));
        assertThat(failures(result))
                .filteredOn(line -> line.contains(refusal.reason))
                .hasSize(1);
        assertNamedAndStillThere(result, refusal);
        assertThat(ids()).as("the new one is whole").isNotEmpty();
        assertThat(execute("verify").code()).isZero();
        assertTheNextRunSucceedsAndCleansUp();
    }

    @ParameterizedTest
    @EnumSource
    void aPruneNamesWhatItCouldNotDelete(Refusal refusal) throws Exception {
        store.always(Operation.DELETE_MANY, refusal.reaction);

        Result result = execute("prune");

        assertThat(result.code()).as(result.err()).isEqualTo(3);
        assertThat(failures(result))
                .anySatisfy(line -> assertThat(line)
                        .matches("job notes: prune: sink s3: could not delete \\S+( and \\d+ more)?: "
                                + Pattern.quote(refusal.reason)
                                + " \\(the next prune tries again; where the store refuses,"
                                + " use another key for retention\\)"));
        assertNamedAndStillThere(result, refusal);
        assertTheNextRunSucceedsAndCleansUp();
    }

    /** What was to be deleted counts as deleted from then on, and the next prune goes on with it. */
    @ParameterizedTest
    @CsvSource({
        "SLOW_DOWN, run, 3, retain",
        "SLOW_DOWN, prune, 10, prune",
        "HANG_UP, run, 3, retain",
        "HANG_UP, prune, 10, prune",
        "WRONG_KEY_ID, run, 3, retain",
        "WRONG_KEY_ID, prune, 12, prune",
        "ERROR_IN_SUCCESS, run, 3, retain",
        "ERROR_IN_SUCCESS, prune, 10, prune"
    })
    void aDeletionThatIsNotAnsweredEndsRetention(Fault fault, String command, int exit, String stage) throws Exception {
        store.always(Operation.DELETE_MANY, fault.reaction);

        Result result = execute(command);

        assertThat(result.code()).as(result.err()).isEqualTo(exit);
        assertThat(failures(result))
                .singleElement()
                .asString()
                .startsWith("job notes: " + stage + ": bucket bucket at " + store.endpoint() + ": " + fault.cause)
                .endsWith(" (" + fault.remedy + ")");
        assertNothingIsGivenAway(result);
        store.mend();
        assertWhatStoodThereStands();
        assertThat(ids()).hasSize(command.equals("run") ? 2 : 1);
        assertThat(execute("verify").code()).isZero();
        assertTheNextRunSucceedsAndCleansUp();
    }

    /** In a bucket that keeps versions, as every one with Object Lock does, the store tells until when. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            run   | job notes: warning: sink s3:        | the first run or prune after that deletes it
            prune | job notes: prune: sink s3:          | the first prune after that deletes it
            """)
    void whatIsLockedIsNoFailure(String command, String beginning, String end) throws Exception {
        String until = NOW.plus(Duration.ofDays(2)).toString();
        store.always(
                Operation.VERSIONING,
                say(200, "<VersioningConfiguration><Status>Enabled</Status>" + "</VersioningConfiguration>"));
        store.always(Operation.DELETE_MANY, forEachKey("main/\\d{4}/.*", "AccessDenied"));
        store.always(Operation.HEAD, call -> {
            call.exchange().getResponseHeaders().set("x-amz-object-lock-mode", "COMPLIANCE");
            call.exchange().getResponseHeaders().set("x-amz-object-lock-retain-until-date", until);
            call.properly();
        });

        Result result = execute(command);

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err().lines().filter(line -> line.contains("locked until")))
                .as("two objects of each backup that retention drops")
                .hasSize(command.equals("run") ? 4 : 2)
                .allSatisfy(line -> assertThat(line)
                        .matches(Pattern.quote(beginning) + " \\d{4}/\\d{2}/\\S+ is locked until " + until
                                + " \\(COMPLIANCE\\); " + Pattern.quote(end)));
        store.mend();
        assertWhatStoodThereStands();
        assertTheNextRunSucceedsAndCleansUp();
    }

    private void assertNamedAndStillThere(Result result, Refusal refusal) {
        assertNothingIsGivenAway(result);
        store.mend();
        Pattern named = Pattern.compile("could not delete (\\S+)(?: and \\d+ more)?: " + Pattern.quote(refusal.reason));
        assertThat(failures(result).stream()
                        .flatMap(line -> named.matcher(line).results())
                        .map(match -> "main/" + match.group(1)))
                .isNotEmpty()
                .allMatch(store.objects::containsKey);
        assertThat(store.objects)
                .as("the payload of a backup goes before what names it")
                .satisfies(objects -> before.keySet().stream()
                        .filter(key ->
                                key.matches("main/\\d{4}/.*") && !key.equals(FOREIGN) && objects.containsKey(key))
                        .forEach(key -> assertThat(objects.keySet())
                                .anyMatch(journal -> journal.startsWith(JOURNAL) && journal.contains(runOf(key)))));
        assertThat(store.objects).containsKey(FOREIGN);
    }

    // Vocabulary of the tests

    private static Clock clock() {
        return ((InstantSource) terminal.now::get).withZone(ZoneOffset.UTC);
    }

    /** @param setting of the sink, besides where it is */
    private static void configure(ScriptedStore store, int keepLast, String setting) {
        Terminal.write(terminal.config, """
                version: 1
                sources:
                  mine: {type: notes, directory: %s}
                sinks:
                  s3:
                    type: s3
                    bucket: %s
                    prefix: main
                    endpoint: %s
                    allowPlainHttp: true
                    accessKeyId: %s
                    secretAccessKey: %s
                    partSize: 5MiB
                    patience: 20ms
                    %s
                jobs:
                  notes: {source: mine, sink: s3, retention: {keepLast: %d}}
                """.formatted(
                        terminal.notes,
                        ScriptedStore.BUCKET,
                        store.endpoint(),
                        ScriptedStore.ID,
                        ScriptedStore.SECRET,
                        setting,
                        keepLast));
    }

    /** Too large for one part. */
    private static void addAFilm() throws IOException {
        byte[] film = new byte[6 << 20];
        new Random(1).nextBytes(film);
        Files.write(terminal.notes.resolve("film"), film);
    }

    private static Result execute(String command) {
        return switch (command) {
            case "prune" -> terminal.run("prune", "--yes");
            case "verify" -> terminal.run("verify", "latest");
            default -> terminal.run(command);
        };
    }

    private static List<String> failures(Result result) {
        return result.err().lines().filter(FAILURE.asMatchPredicate()).toList();
    }

    private static List<String> ids() throws IOException {
        JsonNode listed =
                new ObjectMapper().readTree(terminal.run("list", "-o", "json").out());
        return listed.findValuesAsText("id");
    }

    private static boolean isOfTheCatalog(Call call) {
        return call.parameter("prefix").equals(JOURNAL);
    }

    private static long committed(Set<String> keys) {
        return keys.stream().filter(key -> key.contains("/committed-")).count();
    }

    /** Without locks and what is not ours. */
    private static Set<String> backupsOf(Set<String> keys) {
        Set<String> ours = new TreeSet<>(keys);
        ours.removeIf(key -> key.equals(FOREIGN) || key.contains("/lock/"));
        return ours;
    }

    private static void assertNothingIsGivenAway(Result result) {
        assertThat(result.out() + result.err())
                .doesNotContain(ScriptedStore.ID, ScriptedStore.SECRET)
                .doesNotContain("\tat ");
    }

    private void assertWhatStoodThereStands() {
        before.forEach((key, kept) -> {
            if (!key.contains("/lock/")) {
                assertThat(store.objects).containsKey(key);
                assertThat(store.bytes(key)).as(key).isEqualTo(kept.bytes());
            }
        });
    }

    /** When nothing is left, what comes next is what {@link #aStoreThatGoesRight} shows. */
    private void assertLeft(Left left) throws IOException {
        assertThat(isLocked()).as("locked").isEqualTo(left == Left.REMAINS);
        Set<String> added = backupsOf(store.objects.keySet());
        added.removeAll(before.keySet());
        if (left == Left.NOTHING) {
            assertThat(added).isEmpty();
            assertThat(store.uploads).isEmpty();
            return;
        }
        if (left == Left.A_BACKUP) {
            assertThat(ids()).hasSize(3);
            assertThat(execute("verify").code()).isZero();
        } else {
            assertThat(ids()).hasSize(2);
            assertThat(added).anyMatch(key -> key.endsWith("/begun.json"));
        }
        assertTheNextRunSucceedsAndCleansUp();
    }

    /** Whether the newest number says so. */
    private boolean isLocked() {
        return store.objects.keySet().stream()
                .filter(key -> key.startsWith(JOURNAL + "lock/"))
                .max(Comparator.naturalOrder())
                .map(key -> new String(store.bytes(key), StandardCharsets.UTF_8).contains("HELD"))
                .orElse(false);
    }

    /** Unaided, two days later: that is the grace period of dead runs. */
    private void assertTheNextRunSucceedsAndCleansUp() throws IOException {
        terminal.now.set(NOW.plus(Duration.ofHours(49)));
        Files.deleteIfExists(terminal.notes.resolve("film"));
        Result next = execute("run");
        assertThat(next.code()).as(next.err()).isZero();
        assertNothingIsOrphaned();
    }

    /** There is one backup, and no object of ours besides. */
    private void assertNothingIsOrphaned() {
        assertThat(backupsOf(store.objects.keySet()).stream()
                        .map(FaultyStoreTest::runOf)
                        .distinct())
                .hasSize(1);
        assertThat(committed(store.objects.keySet())).isEqualTo(1);
        assertThat(store.uploads).isEmpty();
        assertThat(store.bytes(FOREIGN)).containsExactly(7);
        assertThat(isLocked()).isFalse();
    }

    private static String runOf(String keyOrId) {
        return Pattern.compile("Z-([a-z0-9]{10})")
                .matcher(keyOrId)
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
    }

    /** Deletes what is asked for except keys like this, and says so for each; a version is named if one was. */
    private static Reaction forEachKey(String like, String code) {
        return call -> {
            String version = new String(call.body(), StandardCharsets.UTF_8).contains("<VersionId>")
                    ? "<VersionId>null</VersionId>"
                    : "";
            StringBuilder answer = new StringBuilder("<DeleteResult>");
            for (String key : call.deletedKeys()) {
                boolean refused = key.matches(like);
                if (!refused) {
                    call.store().objects.remove(key);
                }
                answer.append(refused ? "<Error><Key>" : "<Deleted><Key>")
                        .append(key)
                        .append("</Key>")
                        .append(version)
                        .append(refused ? "<Code>" + code + "</Code></Error>" : "</Deleted>");
            }
            call.answer(200, answer + "</DeleteResult>");
        };
    }
}
