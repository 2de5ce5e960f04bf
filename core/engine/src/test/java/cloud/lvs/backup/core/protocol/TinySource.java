package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.core.protocol.Operation.Effect;
import cloud.lvs.backup.core.protocol.Operation.Verdict;
import cloud.lvs.backup.spi.Adoptable;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A source of a few bytes, and of as many external things; what it does outside the sink passes the gate too. Its pattern
 * for legacy objects also matches what runs write.
 */
final class TinySource implements Source {
    static final String ITEM = "one";

    /** In what a source may differ. */
    enum Trait {
        TWO_ARTIFACTS,
        /** Makes something outside the sink for each artifact. */
        EXTERNAL,
        /** May take long between its steps. */
        SLOW
    }

    /** Is told before something outside the sink is freed. */
    @FunctionalInterface
    interface Discarding {
        void of(BackupReader backup) throws IOException, InterruptedException;
    }

    private final Set<Trait> traits;
    private final Externals externals;
    private final Gate gate;
    private final Discarding discarding;

    TinySource(Set<Trait> traits, Externals externals, Gate gate, Discarding discarding) {
        this.traits = traits;
        this.externals = externals;
        this.gate = gate;
        this.discarding = discarding;
    }

    private void step(Effect effect, String text, Runnable action) throws IOException, InterruptedException {
        Verdict verdict = gate.enter(new Operation(effect, "source: " + text));
        if (verdict == Verdict.CRASHES_BEFORE) {
            throw gate.die();
        }
        boolean happens =
                verdict != Verdict.FAILS && verdict != Verdict.IS_REFUSED && verdict != Verdict.IS_REFUSED_IN_PART;
        if (happens) {
            action.run();
        }
        if (verdict == Verdict.CRASHES_AFTER) {
            throw gate.die();
        }
        if (verdict != Verdict.PROCEEDS) {
            gate.saw("failure".hashCode());
            throw new BackupException(Kind.SOURCE, "source", "did not answer: " + text, "try again");
        }
    }

    private void pause(String where) throws IOException, InterruptedException {
        if (traits.contains(Trait.SLOW)) {
            step(Effect.PAUSES, "pause " + where, () -> {});
        }
    }

    @Override
    public List<Finding> preflight(RunContext run) throws IOException, InterruptedException {
        pause("in preflight");
        return List.of();
    }

    @Override
    public List<Item> inventory(RunContext run) throws IOException, InterruptedException {
        pause("in inventory");
        return List.of(Item.selected(ITEM, null));
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        pause("before capture");
        int count = traits.contains(Trait.TWO_ARTIFACTS) ? 2 : 1;
        for (int i = 0; i < count; i++) {
            if (traits.contains(Trait.EXTERNAL)) {
                String thing = "thing-" + run.run() + "-" + i;
                out.intend(new ExternalReference("thing", thing));
                step(Effect.WRITES, "make " + thing, () -> externals.make(thing));
            }
            int ordinal = i;
            out.write(
                    new Artifact(ITEM, "role-" + i, "tiny" + i, ".db", i, Sensitivity.ORDINARY, "> tiny" + i),
                    stream -> {
                        stream.write(("content " + ordinal + " of " + run.run()).getBytes(StandardCharsets.UTF_8));
                        try {
                            pause("in artifact " + ordinal);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                            throw (IOException) new java.io.InterruptedIOException("paused").initCause(e);
                        }
                        stream.write('.');
                        return Map.of();
                    });
        }
        pause("after capture");
        return new CaptureReport(List.of(ItemResult.done(ITEM, Map.of())), Map.of());
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        pause("in verify");
        return new Verification(List.of(Check.passed("tiny", "")));
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run) {
        throw new IllegalStateException("is not restored here");
    }

    @Override
    public List<Adoptable> adoptable(RunContext run) {
        return List.of(new Adoptable(
                "legacy job",
                List.of(new Adoptable.Member(
                        ITEM,
                        "role-0",
                        Pattern.compile("\\d{4}/\\d{2}/[a-z0-9]+-(?<timestamp>\\d{8}T\\d{6}Z).*"),
                        List.of(),
                        Adoptable.Presence.REQUIRED,
                        "> legacy"))));
    }

    @Override
    public void discard(BackupReader backup, RunContext run) throws IOException, InterruptedException {
        List<String> things = new ArrayList<>();
        backup.manifest().external().forEach(reference -> things.add(reference.reference()));
        discarding.of(backup);
        step(Effect.DELETES, "discard " + things, () -> things.forEach(externals::free));
    }

    @Override
    public void abandon(RunId dead, List<ExternalReference> intended, RunContext run)
            throws IOException, InterruptedException {
        step(
                Effect.DELETES,
                "abandon " + intended,
                () -> intended.forEach(reference -> externals.free(reference.reference())));
    }

    @Override
    public void close() {}
}
