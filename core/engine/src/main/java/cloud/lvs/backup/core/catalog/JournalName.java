package cloud.lvs.backup.core.catalog;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.Shard;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The name of an object in the directory of a run; whatever has another name is not ours and is never touched. */
public sealed interface JournalName {
    /** As it stands in the key. */
    String text();

    /** The key of this object in the directory of {@code id}. */
    default ObjectKey keyIn(BackupId id) {
        return new ObjectKey(Journal.ROOT + id.job() + "/" + id.directory() + "/" + text());
    }

    /** Reads a name; empty if it is none of ours. */
    static Optional<JournalName> parse(String text) {
        for (Plain plain : Plain.values()) {
            if (plain.text().equals(text)) {
                return Optional.of(plain);
            }
        }
        Matcher committed = Committed.SHAPE.matcher(text);
        if (committed.matches()) {
            return Committed.read(committed);
        }
        Matcher intent = Intent.SHAPE.matcher(text);
        if (intent.matches()) {
            return Optional.of(new Intent(Integer.parseInt(intent.group(1))));
        }
        Matcher abandoned = Abandoned.SHAPE.matcher(text);
        if (abandoned.matches()) {
            return Optional.of(new Abandoned(abandoned.group(1)));
        }
        for (Level level : Level.values()) {
            Verified verified = new Verified(level);
            if (verified.text().equals(text)) {
                return Optional.of(verified);
            }
        }
        return Optional.empty();
    }

    /** The names without parts. */
    enum Plain implements JournalName {
        BEGUN("begun.json"),
        SUMS("SHA256SUMS"),
        SIGNATURE("signature.json"),
        DRILLED("drilled.json"),
        HELD("held.json"),
        DELETING("deleting.json");

        private final String text;

        Plain(String text) {
            this.text = text;
        }

        @Override
        public String text() {
            return text;
        }
    }

    /** {@code intent-3.json}: what is about to come into being. */
    record Intent(int number) implements JournalName {
        private static final Pattern SHAPE = Pattern.compile("intent-(\\d{1,9})\\.json");

        @Override
        public String text() {
            return "intent-" + number + ".json";
        }
    }

    /** {@code committed-OK.json}, {@code committed-PARTIAL-k7f3-2of8.json}: the manifest. */
    record Committed(Outcome outcome, @Nullable Shard shard) implements JournalName {
        private static final Pattern SHAPE =
                Pattern.compile("committed-([A-Z]+)(?:-([a-z0-9]{1,32})-(\\d{1,6})of(\\d{1,6}))?\\.json");

        static Optional<JournalName> read(Matcher matcher) {
            try {
                Outcome outcome = Outcome.valueOf(matcher.group(1));
                Shard shard = matcher.group(2) == null
                        ? null
                        : new Shard(
                                matcher.group(2),
                                Integer.parseInt(matcher.group(3)),
                                Integer.parseInt(matcher.group(4)));
                return Optional.of(new Committed(outcome, shard));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        @Override
        public String text() {
            String part = shard == null ? "" : "-" + shard.group() + "-" + shard.index() + "of" + shard.count();
            return "committed-" + outcome + part + ".json";
        }
    }

    /** {@code verified-checksum.json}: a verification that passed. */
    record Verified(Level level) implements JournalName {
        @Override
        public String text() {
            return "verified-" + level.name().toLowerCase(Locale.ROOT) + ".json";
        }
    }

    /** {@code abandoned-k7f3.json}: someone is about to delete this; every mark has its own name. */
    record Abandoned(String mark) implements JournalName {
        private static final Pattern SHAPE = Pattern.compile("abandoned-([a-z0-9]{1,32})\\.json");

        @Override
        public String text() {
            return "abandoned-" + mark + ".json";
        }
    }
}
