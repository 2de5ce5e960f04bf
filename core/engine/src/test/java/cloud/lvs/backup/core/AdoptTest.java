package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.pipeline.Sha256;
import cloud.lvs.backup.core.report.AdoptReport;
import cloud.lvs.backup.core.report.AdoptReport.Candidate;
import cloud.lvs.backup.core.report.AdoptReport.State;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.Sink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("today")
class AdoptTest {
    private final EngineFixture fixture = new EngineFixture();
    private final String old = fixture.legacy(2, "note", ".txt.gz");
    private final String oldKey = fixture.legacy(2, "key", ".gz");
    private final String older = fixture.legacy(3, "note", ".txt.gz");
    private final Job job = fixture.job(parts -> parts.retention(EngineFixture.keepLast(2)));

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    private AdoptReport adopt(Mode mode) throws Exception {
        return fixture.engine.adopt(job, mode);
    }

    @Test
    void whatAnotherToolStoredBecomesABackupWhereItLies() throws Exception {
        fixture.put(old, gzip("an old note"));
        fixture.put(oldKey, gzip("its key, a note too"));
        fixture.put(older, gzip("an older note"));

        AdoptReport report = adopt(Mode.EXECUTE);

        assertThat(report.candidates()).extracting(Candidate::state).containsExactly(State.ADOPTED, State.ADOPTED);
        assertThat(fixture.engine.list(job))
                .extracting(BackupSummary::outcome)
                .containsExactly(Outcome.ADOPTED, Outcome.ADOPTED);
        var latest = fixture.engine.resolve(job, "latest");
        assertThat(fixture.engine.show(job, latest).artifacts())
                .extracting(artifact -> artifact.key().value())
                .containsExactly(old, oldKey);
        assertThat(fixture.engine
                        .verify(job, latest, Level.CONTENT)
                        .verification()
                        .passed())
                .isTrue();
        assertThat(fixture.journal(latest)).noneMatch(name -> name.startsWith("intent"));
    }

    @Test
    void aDryRunTellsThePlanAndWritesNothing() throws Exception {
        fixture.put(old, gzip("an old note"));
        List<String> before = fixture.store.keys();

        assertThat(adopt(Mode.DRY_RUN).candidates())
                .singleElement()
                .extracting(Candidate::state)
                .isEqualTo(State.PLANNED);
        assertThat(fixture.store.keys()).isEqualTo(before);
    }

    @Test
    void whatIsAdoptedIsNotAdoptedAgainByThisJobOrAnother() throws Exception {
        fixture.put(old, gzip("an old note"));
        adopt(Mode.EXECUTE);
        Job other = Job.named("other", "notes", fixture.script::open, new NamedSink("main", fixture.store))
                .build();

        assertThat(adopt(Mode.EXECUTE).candidates())
                .singleElement()
                .extracting(Candidate::state)
                .isEqualTo(State.CLAIMED);
        assertThat(fixture.engine.adopt(other, Mode.EXECUTE).candidates())
                .singleElement()
                .extracting(Candidate::state)
                .isEqualTo(State.CLAIMED);
    }

    @Test
    void whatIsCutOrEmptyOrHoldsSomethingElseIsRefusedAndStays() throws Exception {
        byte[] whole = gzip("an old note");
        for (byte[] content :
                List.of(Arrays.copyOf(whole, whole.length - 3), new byte[0], gzip(""), gzip("not what it should be"))) {
            fixture.put(old, content.length == 0 ? new byte[] {} : content);

            assertThat(adopt(Mode.EXECUTE).candidates()).singleElement().satisfies(candidate -> {
                assertThat(candidate.state()).isEqualTo(State.REFUSED);
                assertThat(candidate.reason()).isNotBlank();
            });
            assertThat(fixture.engine.list(job)).isEmpty();
            assertThat(fixture.store.keys()).contains(old);
        }
    }

    @Test
    void anObjectThatCannotBeReadIsNamedAndTheOthersAreAdopted() throws Exception {
        String newer = fixture.legacy(1, "note", ".txt.gz");
        fixture.put(older, gzip("an older note"));
        fixture.put(old, gzip("an old note"));
        fixture.put(newer, gzip("a note"));
        Sink archiving = UnsoundStores.archiving(fixture.store, old::equals);

        List<Candidate> candidates = fixture.engine
                .adopt(fixture.job(archiving, parts -> parts), Mode.EXECUTE)
                .candidates();

        assertThat(candidates)
                .extracting(Candidate::state)
                .containsExactly(State.ADOPTED, State.REFUSED, State.ADOPTED);
        assertThat(candidates.get(1).reason()).contains(old, "is archived");
        assertThat(fixture.engine.list(job)).hasSize(2);
        assertThat(adopt(Mode.EXECUTE).candidates())
                .as("once it can be read")
                .extracting(Candidate::state)
                .containsExactly(State.CLAIMED, State.ADOPTED, State.CLAIMED);
    }

    @Test
    void aStoreThatAnswersNothingEndsTheAdoption() throws Exception {
        fixture.put(old, gzip("an old note"));
        // The lock is taken, the objects and the journal are listed.
        for (int listings = 0; listings < 12; listings++) {
            Job job = fixture.job(UnsoundStores.archiving(fixture.store, old::equals, listings), parts -> parts);
            try {
                assertThat(fixture.engine.adopt(job, Mode.EXECUTE).candidates())
                        .extracting(Candidate::state)
                        .containsExactly(State.REFUSED);
            } catch (BackupException e) {
                assertThat(e.problem()).isEqualTo("does not answer");
                fixture.clock.advance(Duration.ofDays(1));
            }
            assertThat(fixture.engine.list(this.job)).isEmpty();
        }
    }

    @Test
    void aBackupThatLacksARequiredMemberIsRefused() throws Exception {
        fixture.put(oldKey, gzip("a key"));

        assertThat(adopt(Mode.EXECUTE).candidates())
                .singleElement()
                .satisfies(candidate -> assertThat(candidate.reason()).isEqualTo("lacks note"));
    }

    @Test
    void thePlanSaysWhatABackupWouldGoWithout() throws Exception {
        fixture.put(old, gzip("an old note"));
        Instant later = fixture.clock.instant().minus(Duration.ofDays(2)).plusSeconds(7);
        String laterKey = fixture.legacy(later, "key", ".gz");
        fixture.put(laterKey, gzip("its key, some seconds later"));
        fixture.put(older, gzip("an older note"));

        List<Candidate> plan = adopt(Mode.DRY_RUN).candidates();

        assertThat(plan).extracting(Candidate::state).containsExactly(State.PLANNED, State.PLANNED, State.REFUSED);
        assertThat(plan)
                .extracting(Candidate::reason)
                .containsExactly(
                        "without key",
                        "without key (" + laterKey + " is of another second)",
                        "lacks note (" + old + " is of another second)");
        assertThat(adopt(Mode.EXECUTE).candidates())
                .extracting(Candidate::reason)
                .first()
                .isEqualTo("without key");
    }

    @Test
    void thePlanNamesWhatOnlyLooksLikeAPart() throws Exception {
        String plain = oldKey.replace(".gz", "");
        String again = old.replaceFirst("/\\d\\d/", "/99/");
        String never = old.replaceFirst("\\d{8}T", "20261132T");
        fixture.put(old, gzip("an old note"));
        fixture.put(again, gzip("an old note, moved"));
        fixture.put(never, gzip("a note of no day"));
        fixture.put(plain, gzip("a key"));
        fixture.put("2026/11/another", gzip("nothing of this job"));
        fixture.run(job);

        assertThat(adopt(Mode.DRY_RUN).leftOut())
                .extracting(left -> left.key().value(), AdoptReport.LeftOut::reason)
                .containsExactlyInAnyOrder(
                        tuple(again, old + " is of the same second and comes first"),
                        tuple(never, "there is no such time as 20261132T" + old.replaceAll(".*T|\\.txt.*", "")),
                        tuple(plain, "it is not compressed"));
    }

    @Test
    void aBackupOfOursIsNeverTakenForAForeignOne() throws Exception {
        fixture.run(job);

        assertThat(adopt(Mode.EXECUTE).candidates()).isEmpty();
    }

    @Test
    void whatIsAdoptedCountsForRetentionAndIsPruned() throws Exception {
        fixture.put(old, gzip("an old note"));
        fixture.put(older, gzip("an older note"));
        adopt(Mode.EXECUTE);

        fixture.run(job);

        assertThat(fixture.store.keys()).contains(old).doesNotContain(older);
        assertThat(fixture.engine.list(job))
                .extracting(BackupSummary::outcome)
                .containsExactly(Outcome.OK, Outcome.ADOPTED);
    }

    @Test
    void aSweepNeverTakesALegacyObject() throws Exception {
        fixture.put(old, gzip("not what it should be"));
        adopt(Mode.EXECUTE);
        fixture.clock.advance(Duration.ofDays(30));

        PruneReport report = fixture.engine.prune(job, Mode.EXECUTE).get(0);

        assertThat(report.swept()).hasSize(1);
        assertThat(fixture.store.keys())
                .filteredOn(key -> !key.contains("/lock/"))
                .containsExactly(old);
    }

    @Test
    void anAlteredManifestOfAnAdoptedBackupDeletesNothingElse() throws Exception {
        fixture.put(old, gzip("an old note"));
        fixture.put(older, gzip("an older note"));
        adopt(Mode.EXECUTE);
        String victim = fixture.legacy(1, "note", ".txt.gz");
        fixture.put(victim, gzip("somebody else's note"));
        String manifest = fixture.store.keys().stream()
                .filter(key -> key.contains(older.replaceAll(".*note-|\\.txt.*", ""))
                        && key.endsWith("committed-ADOPTED.json"))
                .findFirst()
                .orElseThrow();
        byte[] before = fixture.bytes(manifest);
        byte[] after = new String(before, StandardCharsets.UTF_8)
                .replace("\"" + older + "\"", "\"" + victim + "\"")
                .getBytes(StandardCharsets.UTF_8);
        fixture.put(manifest, after);
        String sums = manifest.replace("committed-ADOPTED.json", "SHA256SUMS");
        fixture.put(
                sums,
                new String(fixture.bytes(sums), StandardCharsets.UTF_8)
                        .replace(Sha256.hexOf(before), Sha256.hexOf(after))
                        .getBytes(StandardCharsets.UTF_8));

        RunReport report = fixture.run(job);

        assertThat(fixture.store.keys()).contains(victim, older);
        assertThat(report.failures())
                .anySatisfy(failure -> assertThat(failure.problem()).contains(victim, "does not belong to it"));
    }

    /** A calendar that knew such days would make another backup's object of it, which no prune could delete. */
    @org.junit.jupiter.params.ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(
            strings = {"20260230T030000Z", "20260431T030000Z", "20270229T030000Z", "20261120T240000Z"})
    void aDayThatNoCalendarHasIsNotAdopted(String timestamp) throws Exception {
        fixture.put("2026/02/note-" + timestamp + ".txt.gz", gzip("an old note"));

        assertThat(adopt(Mode.EXECUTE).candidates()).isEmpty();
        assertThat(fixture.engine.list(job)).isEmpty();
    }
}
