package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.Fault;
import cloud.lvs.backup.contract.Fault.Effect;
import cloud.lvs.backup.contract.FaultPlan;
import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.contract.FaultySink.Operation;
import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.job.Signing;
import cloud.lvs.backup.core.pipeline.AgeEncryption;
import cloud.lvs.backup.core.pipeline.Compression;
import cloud.lvs.backup.core.pipeline.ManifestSigner;
import cloud.lvs.backup.core.pipeline.ManifestVerifier;
import cloud.lvs.backup.core.pipeline.Pipeline;
import cloud.lvs.backup.core.report.DiagnosisReport;
import cloud.lvs.backup.core.report.DiagnosisReport.Result;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Sink;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the doctor finds out about jobs and sinks, and that it leaves nothing behind. */
@Tag("today")
class DiagnosisTest {
    private static final String PROBES = ".lvs-backup-doctor/";
    // Made by age-keygen for this test.
    private static final String RECIPIENT = "age1lp8eqyqsa9tsmp63msurth58syhj6r9h4trcmumnrtpkxj3wpfesaau3m0";
    private static final String ITS_IDENTITY =
            "AGE-SECRET-KEY-1ZH0DZHQ8V09V3Q48KQJ6SYAWPQDAZYZ5ZUKTQQU26Y2CNHJT275QX8285U";
    private static final String OTHER_IDENTITY =
            "AGE-SECRET-KEY-1KALRLE96TQHXQPTCVUD7D6GD8VJ6XLU2UL87YXPAD3665C4AN7EQUZYLTN";

    private final EngineFixture fixture = new EngineFixture();

    @TempDir
    Path directory;

    private DiagnosisReport examine(Sink sink) throws InterruptedException {
        return fixture.engine.diagnose(new NamedSink("main", sink), Mode.EXECUTE);
    }

    private static List<String> told(DiagnosisReport diagnosis) {
        return diagnosis.results().stream()
                .map(result -> result.check().status() + " " + result.check().name())
                .toList();
    }

    private static Result result(DiagnosisReport diagnosis, String name) {
        return diagnosis.results().stream()
                .filter(result -> result.check().name().equals(name))
                .filter(result -> result.check().status() != Check.Status.PASSED)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " in " + diagnosis));
    }

    private void assertNothingIsLeft() {
        assertThat(fixture.store.keys()).noneMatch(key -> key.startsWith(PROBES));
        assertThat(fixture.store.unfinished()).isEmpty();
    }

    // Sinks

    @Test
    void triesOnASinkWhatBackupsAskOfIt() throws Exception {
        DiagnosisReport diagnosis = examine(fixture.store);

        assertThat(diagnosis.subject()).isEqualTo("sink main");
        assertThat(told(diagnosis))
                .containsExactly(
                        "PASSED write",
                        "PASSED stat",
                        "PASSED read",
                        "PASSED clock",
                        "PASSED list",
                        "PASSED replace",
                        "PASSED abort",
                        "PASSED create-if-absent",
                        "PASSED delete");
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @CsvSource({
        "CREATE,           FAIL_BEFORE, 1, write",
        "COMMIT,           FAIL_BEFORE, 1, write",
        "COMMIT,           FAIL_AFTER,  1, write",
        "COMMIT,           PRETEND,     1, write",
        "CREATE,           CUT_AT,      1, write",
        "CREATE,           FLIP_AT,     1, write",
        "OPEN,             FLIP_AT,     1, write",
        "STAT,             FAIL_BEFORE, 1, write",
        "LIST,             FAIL_AT,     1, list",
        "LIST,             FAIL_BEFORE, 1, list",
        "COMMIT,           PRETEND,     2, replace",
        "OPEN,             FLIP_AT,     2, replace",
        "CREATE_IF_ABSENT, FAIL_BEFORE, 1, create-if-absent",
        "CREATE_IF_ABSENT, PRETEND,     2, create-if-absent",
        "OPEN,             FLIP_AT,     3, create-if-absent",
        "DELETE_KEY,       PRETEND,     1, delete",
        "DELETE,           FAIL_BEFORE, 1, delete"
    })
    void failsWhereAStoreDoesNotKeepItsWord(Operation operation, Effect effect, int nth, String check)
            throws Exception {
        var sink = new FaultySink(fixture.store, FaultPlan.of(new Fault(operation, "", nth, effect, 0)));

        Result failed = result(examine(sink), check);

        assertThat(failed.check().status()).isEqualTo(Check.Status.FAILED);
        assertThat(failed.kind()).isEqualTo(Kind.SINK);
        assertThat(failed.remedy()).isNotBlank();
        if (effect != Effect.PRETEND || operation != Operation.DELETE_KEY) {
            assertNothingIsLeft();
        }
    }

    @Test
    void failsWhereAStoreListsWhatIsNotThereOrNotWhatIs() throws Exception {
        var forgetful = new FaultySink(fixture.store, (call, phase) -> {
            if (call.operation() == Operation.LIST) {
                fixture.store.keys().forEach(fixture.store::removeForeign);
            }
        });

        assertThat(result(examine(forgetful), "list").check().detail()).contains("shows []");
    }

    @Test
    void warnsOfAStoreThatCannotCreateConditionally() throws Exception {
        DiagnosisReport diagnosis = examine(new InMemorySink(fixture.clock, InMemorySink.Trait.NO_CONDITIONAL_CREATE));

        assertThat(result(diagnosis, "create-if-absent").check().status()).isEqualTo(Check.Status.WARNED);
        assertThat(told(diagnosis)).contains("PASSED delete");
    }

    @Test
    void saysNothingOfLeftoversWhereNothingCouldBeWritten() throws Exception {
        var missing = new FaultySink(
                fixture.store,
                FaultPlan.of(
                        Fault.failBefore(Operation.CREATE, 1),
                        new Fault(Operation.DELETE_KEY, "", 0, Effect.REFUSE, 0)));

        assertThat(told(examine(missing))).containsExactly("FAILED write");
    }

    @Test
    void warnsOfAStoreThatRefusesDeletionAndSaysWhatIsLeft() throws Exception {
        var refusing = new RefusingSink(fixture.store, key -> true);

        Result delete = result(examine(refusing), "delete");

        assertThat(delete.check().status()).isEqualTo(Check.Status.WARNED);
        assertThat(delete.check().detail()).contains(fixture.store.keys()).contains("AccessDenied");
        assertThat(refusing.requests).containsEntry("delete", 1);
    }

    @ParameterizedTest
    @CsvSource({"PT-75S, 74 s behind", "PT90S, 90 s ahead"})
    void warnsOfClocksThatDisagree(Duration skew, String told) throws Exception {
        TestClock theirs = new TestClock(fixture.clock.instant().plus(skew));

        assertThat(result(examine(new InMemorySink(theirs)), "clock").check())
                .isEqualTo(Check.warned("clock", "the store's clock is " + told));
    }

    @Test
    void addsWhatTheSinkFindsOutAboutItself() throws Exception {
        List<Check> own = List.of(Check.passed("ranges", "are served"), Check.failed("versions", "are not kept"));
        Sink outspoken = (Sink) Proxy.newProxyInstance(
                Sink.class.getClassLoader(),
                new Class<?>[] {Sink.class},
                (proxy, method, arguments) ->
                        method.getName().equals("diagnose") ? own : method.invoke(fixture.store, arguments));

        DiagnosisReport diagnosis = examine(outspoken);

        assertThat(told(diagnosis)).endsWith("PASSED delete", "PASSED ranges", "FAILED versions");
        assertThat(result(diagnosis, "versions").kind()).isEqualTo(Kind.SINK);
    }

    @ParameterizedTest
    @CsvSource({
        "clock,            PASSED, PASSED, as the sink compares them",
        "clock,            WARNED, WARNED, as the sink compares them",
        "create-if-absent, FAILED, FAILED, as the sink compares them",
    })
    void tellsOneThingOnceAndTheWorseOfTwo(String name, Check.Status own, Check.Status told, String detail)
            throws Exception {
        Sink outspoken = (Sink) Proxy.newProxyInstance(
                Sink.class.getClassLoader(),
                new Class<?>[] {Sink.class},
                (proxy, method, arguments) -> method.getName().equals("diagnose")
                        ? List.of(new Check(name, own, detail))
                        : method.invoke(fixture.store, arguments));

        DiagnosisReport diagnosis = examine(outspoken);

        assertThat(diagnosis.results())
                .extracting(result -> result.check().name())
                .doesNotHaveDuplicates();
        assertThat(diagnosis.results()).extracting(Result::check).contains(new Check(name, told, detail));
    }

    @Test
    void keepsItsOwnFindingWhereTheSinkFindsLess() throws Exception {
        var store = new InMemorySink(new TestClock(fixture.clock.instant().plusSeconds(90)));
        Sink outspoken = (Sink) Proxy.newProxyInstance(
                Sink.class.getClassLoader(),
                new Class<?>[] {Sink.class},
                (proxy, method, arguments) -> method.getName().equals("diagnose")
                        ? List.of(Check.passed("clock", "is right"))
                        : method.invoke(store, arguments));

        assertThat(result(examine(outspoken), "clock").check())
                .isEqualTo(Check.warned("clock", "the store's clock is 90 s ahead"));
    }

    @Test
    void leavesNothingWhereverItIsInterrupted() throws Exception {
        int calls = countCalls();
        for (int stop = 1; stop <= calls; stop++) {
            int last = stop;
            AtomicInteger seen = new AtomicInteger();
            var sink = new FaultySink(fixture.store, (call, phase) -> {
                if (phase == FaultySink.Phase.AFTER && seen.incrementAndGet() == last) {
                    throw new InterruptedException("asked to stop");
                }
            });
            try {
                examine(sink);
            } catch (InterruptedException e) {
                Thread.interrupted();
            }
            assertNothingIsLeft();
        }
        assertThat(calls).isGreaterThan(15);
    }

    private int countCalls() throws InterruptedException {
        var counting = new FaultySink(fixture.store, (call, phase) -> {});
        examine(counting);
        return counting.calls().size();
    }

    @Test
    void aDryRunOnlyReads() throws Exception {
        var sink = new FaultySink(fixture.store, FaultPlan.of());

        DiagnosisReport diagnosis = fixture.engine.diagnose(new NamedSink("main", sink), Mode.DRY_RUN);

        assertThat(told(diagnosis)).containsExactly("PASSED list");
        assertThat(sink.calls()).extracting(FaultySink.Call::operation).containsOnly(Operation.LIST);
    }

    @Test
    void whatAKilledDoctorLeftIsNeitherABackupNorSwept() throws Exception {
        Job job = fixture.job();
        fixture.runOnce(job);
        fixture.store.putForeign(PROBES + "abcdefghij/probe", new byte[] {1});
        fixture.clock.advance(Duration.ofDays(30));

        fixture.engine.prune(job, Mode.EXECUTE);

        assertThat(fixture.engine.list(job)).hasSize(1);
        assertThat(fixture.store.keys()).contains(PROBES + "abcdefghij/probe");
    }

    // Jobs

    @Test
    void findsAHealthyJob() throws Exception {
        Job job = fixture.job();
        fixture.runOnce(job);

        DiagnosisReport diagnosis = fixture.engine.diagnose(job);

        assertThat(diagnosis.subject()).isEqualTo("job notes");
        assertThat(told(diagnosis))
                .containsExactly(
                        "PASSED preflight",
                        "PASSED item a",
                        "PASSED item b",
                        "PASSED pipeline",
                        "WARNED encryption",
                        "PASSED catalog");
        assertThat(fixture.payload()).hasSize(2);
    }

    @Test
    void tellsWhatOtherProgramsDoForTheSameDataAlsoWhereARunCouldNotSucceed() throws Exception {
        fixture.script.findings.add(new Finding(Finding.Severity.ERROR, "database b", "is locked", "GRANT SELECT …"));
        fixture.script.audit.add(
                new Finding(Finding.Severity.WARNING, "recurring job weekly", "takes no volume", "label a volume"));

        DiagnosisReport diagnosis = fixture.engine.diagnose(fixture.job());

        assertThat(told(diagnosis)).startsWith("FAILED preflight", "WARNED audit", "PASSED pipeline");
        assertThat(diagnosis.results().get(1).remedy()).isEqualTo("label a volume");
    }

    @Test
    void tellsEveryFindingOfThePreflightWithItsRemedy() throws Exception {
        fixture.script.findings.add(
                new Finding(Finding.Severity.WARNING, "role backup", "bypasses no row security", "ALTER ROLE …"));
        fixture.script.findings.add(new Finding(Finding.Severity.ERROR, "database b", "is locked", "GRANT SELECT …"));

        DiagnosisReport diagnosis = fixture.engine.diagnose(fixture.job());

        assertThat(told(diagnosis)).startsWith("WARNED preflight", "FAILED preflight", "PASSED pipeline");
        assertThat(diagnosis.results().get(1).remedy()).isEqualTo("GRANT SELECT …");
        assertThat(diagnosis.results().get(1).kind()).isEqualTo(Kind.SOURCE);
    }

    @Test
    void tellsWhatASourceCannotReachAndWhatItLeavesOut() throws Exception {
        fixture.script.furtherItems.add(Item.excluded("c", "by configuration"));
        fixture.script.furtherItems.add(Item.unreachable("d", "no CONNECT"));

        DiagnosisReport diagnosis = fixture.engine.diagnose(fixture.job());

        assertThat(told(diagnosis)).contains("PASSED item c", "FAILED item d");
        assertThat(result(diagnosis, "item d").check().detail()).contains("no CONNECT");
    }

    @Test
    void failsWhenThereIsNothingToBackUp() throws Exception {
        fixture.script.notes.clear();

        assertThat(result(fixture.engine.diagnose(fixture.job()), "inventory").kind())
                .isEqualTo(Kind.EMPTY);
    }

    @Test
    void doesWithoutIdentityWhereNothingIsRead() throws Exception {
        DiagnosisReport diagnosis = fixture.engine.diagnose(encrypting(null));

        assertThat(told(diagnosis)).contains("PASSED pipeline");
    }

    @Test
    void aMachineThatOnlyMakesBackupsNeedsNoIdentityFile() throws Exception {
        Path identity = directory.resolve("elsewhere.txt");

        DiagnosisReport diagnosis = fixture.engine.diagnose(encrypting(identity));

        assertThat(diagnosis.results())
                .extracting(Result::check)
                .contains(Check.passed(
                        "pipeline",
                        "zstd, age; the identity file " + identity
                                + " is not on this machine, so content is verified and restored elsewhere"));
        assertThat(diagnosis.results()).noneMatch(Result::hasFailed);
    }

    @Test
    void warnsOfAnUnencryptedJobUnlessItIsMeant() throws Exception {
        Job unsaid = fixture.job();
        Job meant = fixture.job(parts -> parts.pipeline(Pipeline.unencryptedOnPurpose(Compression.DEFAULT, null)));

        assertThat(told(fixture.engine.diagnose(unsaid))).contains("WARNED encryption");
        assertThat(told(fixture.engine.diagnose(meant))).contains("PASSED encryption");
        assertThat(told(fixture.engine.diagnose(encrypting(null)))).doesNotContain("PASSED encryption");
    }

    @Test
    void decryptsWithTheIdentityThatIsConfigured() throws Exception {
        Path identity = Files.writeString(directory.resolve("identity"), ITS_IDENTITY + "\n");

        assertThat(fixture.engine.diagnose(encrypting(identity)).results())
                .extracting(Result::check)
                .contains(Check.passed("pipeline", "zstd, age; the identity file decrypts it"));
    }

    @Test
    void failsWhenTheIdentityDoesNotFitTheRecipients() throws Exception {
        Path identity = Files.writeString(directory.resolve("identity"), OTHER_IDENTITY + "\n");

        for (Path useless : List.of(identity, Files.createDirectory(directory.resolve("none")))) {
            Result pipeline = result(fixture.engine.diagnose(encrypting(useless)), "pipeline");
            assertThat(pipeline.kind()).isEqualTo(Kind.CREDENTIALS);
            assertThat(pipeline.toString()).doesNotContain("AGE-SECRET");
        }
    }

    private Job encrypting(@Nullable Path identity) {
        return fixture.job(parts ->
                parts.pipeline(new Pipeline(Compression.DEFAULT, new AgeEncryption(List.of(RECIPIENT)), identity)));
    }

    @Test
    void failsWhenOurSignatureWouldNotBeTrusted() throws Exception {
        KeyPair ours = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair theirs = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        var signer =
                new ManifestSigner(pem("ours", "PRIVATE KEY", ours.getPrivate().getEncoded()));
        Path ourPublic = pem("ours.pub", "PUBLIC KEY", ours.getPublic().getEncoded());
        Path theirPublic = pem("theirs.pub", "PUBLIC KEY", theirs.getPublic().getEncoded());

        Job trusted = fixture.job(
                parts -> parts.signing(new Signing(signer, new ManifestVerifier(List.of(theirPublic, ourPublic)))));
        Job refused =
                fixture.job(parts -> parts.signing(new Signing(signer, new ManifestVerifier(List.of(theirPublic)))));
        Job unreadable = fixture.job(
                parts -> parts.signing(new Signing(null, new ManifestVerifier(List.of(directory.resolve("none"))))));

        assertThat(told(fixture.engine.diagnose(trusted))).contains("PASSED signing");
        assertThat(result(fixture.engine.diagnose(refused), "signing").kind()).isEqualTo(Kind.CREDENTIALS);
        assertThat(result(fixture.engine.diagnose(unreadable), "signing").kind())
                .isEqualTo(Kind.CREDENTIALS);
    }

    private Path pem(String name, String type, byte[] key) throws Exception {
        String text = Base64.getMimeEncoder().encodeToString(key);
        return Files.writeString(
                directory.resolve(name), "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n");
    }

    @Test
    void warnsOfASinkThatHoldsNoBackupYet() throws Exception {
        assertThat(result(fixture.engine.diagnose(fixture.job()), "catalog")
                        .check()
                        .status())
                .isEqualTo(Check.Status.WARNED);
    }

    @Test
    void tellsAllThatIsWrongAtOnce() throws Exception {
        fixture.script.findings.add(new Finding(Finding.Severity.ERROR, "notes", "are gone", "bring them back"));
        Sink down = new FaultySink(fixture.store, FaultPlan.of(Fault.failBefore(Operation.LIST, 0)));

        DiagnosisReport diagnosis = fixture.engine.diagnose(fixture.job(down, parts -> parts));

        assertThat(told(diagnosis))
                .containsExactly("FAILED preflight", "PASSED pipeline", "WARNED encryption", "FAILED catalog");
        assertThat(result(diagnosis, "catalog").kind()).isEqualTo(Kind.SINK);
    }
}
