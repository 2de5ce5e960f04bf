package cloud.lvs.backup.provider.k3s.kine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fills a data directory with a datastore of a given size whose objects are as large, as often changed and as
 * compressible as those of a small cluster. The same size and seed give the same rows.
 *
 * <p>The shares and sizes are an assumption, not a survey.
 */
public final class RealisticKine {
    private static final int BATCH = 500;
    private static final int COMPACT_EVERY = 4000;
    private static final int KEPT_REVISIONS = 1000;
    private static final int CHANGING = 400;
    private static final int PIECE = 200;
    private static final double FRESH = 0.15;
    private static final int VOCABULARY = 4000;
    private static final int TEMPLATES = 1500;
    /** About what kind and name of an object take. */
    private static final int ENVELOPE = 100;

    private static final String JSON_END = "\"}";
    private static final byte[] ALPHABET = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private static final List<Kind> KINDS = List.of(
            new Kind("events", "", 42, 900, .35, 0.3, 0.55),
            new Kind("pods", "", 10, 7000, .35, 6, 0.30),
            new Kind("replicasets", "", 8, 3500, .35, 2, 0),
            new Kind("configmaps", "", 7, 1800, 1.3, 0.5, 0),
            new Kind("secrets", "", 6, 1200, .9, 0.2, 0),
            new Kind("longhorn.io/volumes", "longhorn.io/v1beta2 Volume", 6, 4200, .3, 25, 0),
            new Kind("endpointslices", "", 4, 1300, .3, 8, 0),
            new Kind("serviceaccounts", "", 4, 350, .2, 0.2, 0),
            new Kind("clusterroles", "", 3, 1500, .8, 0.1, 0),
            new Kind("secrets", "helm", 3, 45000, .7, 0, 0),
            new Kind(
                    "apiextensions.k8s.io/customresourcedefinitions",
                    "apiextensions.k8s.io/v1beta1 CustomResourceDefinition",
                    2,
                    30000,
                    .9,
                    0.3,
                    0),
            new Kind("deployments", "", 2, 4500, .35, 4, 0),
            new Kind("leases", "", 2, 420, .15, 60, 0),
            new Kind("minions", "", 1, 14000, .3, 40, 0));

    private static final Set<String> OF_THE_CLUSTER =
            Set.of("clusterroles", "minions", "apiextensions.k8s.io/customresourcedefinitions");

    private final KineDatabase kine;
    private final Random random;
    private final List<String> vocabulary = new ArrayList<>();
    private final List<byte[]> templates = new ArrayList<>();
    private final List<Changing> changing = new ArrayList<>();
    private long inserted;
    private long named;

    private RealisticKine(KineDatabase kine, long seed) {
        this.kine = kine;
        this.random = new Random(seed);
        for (int i = 0; i < VOCABULARY; i++) {
            vocabulary.add(newWord());
        }
        for (int i = 0; i < TEMPLATES; i++) {
            templates.add(template());
        }
    }

    /** What was made. */
    public record Summary(Path dataDir, long databaseBytes, long maxId) {}

    /** Arguments: data directory, size in bytes, seed. */
    public static void main(String[] arguments) throws Exception {
        System.out.println(fill(Path.of(arguments[0]), Long.parseLong(arguments[1]), Long.parseLong(arguments[2])));
    }

    /**
     * Makes {@code server/db/state.db} and {@code server/token} below {@code dataDir}, closed and checkpointed.
     *
     * @param targetBytes the size of the database file; reached within about 3 MB
     */
    public static Summary fill(Path dataDir, long targetBytes, long seed) throws IOException, SQLException {
        long maxId;
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            // Nothing else reads it yet, so that neither a log nor a sync is needed while it grows.
            kine.execute("PRAGMA journal_mode=OFF");
            kine.execute("PRAGMA synchronous=OFF");
            kine.execute("PRAGMA cache_size=-65536");
            new RealisticKine(kine, seed).grow(targetBytes);
            maxId = kine.maxId();
        }
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.checkpoint();
        }
        return new Summary(dataDir, Files.size(KineDatabase.file(dataDir)), maxId);
    }

    private void grow(long targetBytes) throws SQLException {
        long lastCompaction = 0;
        do {
            kine.execute("BEGIN IMMEDIATE");
            for (int i = 0; i < BATCH; i++) {
                step();
            }
            kine.execute("COMMIT");
            inserted += BATCH;
            if (inserted - lastCompaction >= COMPACT_EVERY) {
                kine.compact(kine.maxId() - KEPT_REVISIONS);
                lastCompaction = inserted;
            }
        } while (4096 * kine.number("PRAGMA page_count") < targetBytes);
        // Leaves free pages behind, as kine's last compaction does.
        if (inserted > COMPACT_EVERY) {
            kine.compact(Math.max(lastCompaction, kine.maxId() - 2 * KEPT_REVISIONS));
        }
    }

    private void step() throws SQLException {
        if (changing.size() < CHANGING) {
            create();
            return;
        }
        int index = random.nextInt(changing.size());
        Changing object = changing.get(index);
        if (object.updates > 0) {
            object.updates--;
            change(object);
            object.revision = kine.insert(
                    object.name, false, false, object.created, object.revision, object.value, object.previous());
            object.remember();
            return;
        }
        changing.set(index, changing.get(changing.size() - 1));
        changing.remove(changing.size() - 1);
        if (random.nextDouble() < object.kind.deleted) {
            kine.insert(object.name, false, true, object.created, object.revision, null, object.previous());
        } else {
            create();
        }
    }

    private void create() throws SQLException {
        int share = random.nextInt(100);
        Kind kind = KINDS.get(0);
        for (Kind candidate : KINDS) {
            kind = candidate;
            share -= candidate.share;
            if (share < 0) {
                break;
            }
        }
        String name = "/registry/" + kind.resource
                + (OF_THE_CLUSTER.contains(kind.resource) ? "/" : "/namespace-" + named % 12 + "/")
                + (kind.form.equals("helm") ? "sh.helm.release.v1." : "object-") + named++;
        byte[] content = content(kind);
        byte[] value = kind.isJson() ? json(kind, name, content) : StoredValue.at(name, content);
        long id = kine.insert(name, true, false, 0, 0, value, null);
        Changing object = new Changing(kind, name, id, value, content.length);
        object.updates = (int) Math.round(-kind.updates * Math.log(1 - random.nextDouble()));
        changing.add(object);
    }

    private byte[] content(Kind kind) {
        int size =
                (int) Math.min(900_000, Math.max(120, kind.medianBytes * Math.exp(kind.sigma * random.nextGaussian())));
        if (kind.form.equals("helm")) {
            byte[] packed = new byte[size * 9 / 16];
            random.nextBytes(packed);
            byte[] once = Base64.getEncoder().encode(packed);
            return Base64.getEncoder().encode(once);
        }
        byte[] template = templates.get(random.nextInt(templates.size()));
        ByteBuffer content = ByteBuffer.allocate(size - ENVELOPE);
        int offset = random.nextInt(template.length);
        while (content.hasRemaining()) {
            int fresh = Math.min((int) (PIECE * FRESH), content.remaining());
            content.put(freshText(fresh));
            int known =
                    Math.min(Math.min(PIECE - (int) (PIECE * FRESH), content.remaining()), template.length - offset);
            content.put(template, offset, known);
            offset = (offset + known) % template.length;
        }
        return content.array();
    }

    private static byte[] json(Kind kind, String name, byte[] content) {
        String[] type = kind.form.split(" ");
        String[] parts = name.split("/");
        String text = new String(content, StandardCharsets.US_ASCII).replace('\n', ' ');
        return ("{\"apiVersion\":\"" + type[0] + "\",\"kind\":\"" + type[1] + "\",\"metadata\":{\"name\":\""
                        + parts[parts.length - 1] + "\""
                        + (OF_THE_CLUSTER.contains(kind.resource)
                                ? ""
                                : ",\"namespace\":\"" + parts[parts.length - 2] + "\"")
                        + "},\"text\":\"" + text + JSON_END)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Some of its content, which stands at its end. */
    private void change(Changing object) {
        int end = object.value.length - (object.kind.isJson() ? JSON_END.length() : 0);
        int start = end - object.contentBytes;
        for (int i = 0; i < 3; i++) {
            int at = start + random.nextInt(Math.max(1, object.contentBytes - 12));
            for (int j = at; j < Math.min(at + 12, end); j++) {
                object.value[j] = ALPHABET[random.nextInt(ALPHABET.length)];
            }
        }
    }

    /** Text that was not there before, made of words that were: an annotation, a message, an argument; and of numbers. */
    private byte[] freshText(int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append(random.nextInt(5) == 0 ? Integer.toHexString(random.nextInt()) : word())
                    .append(random.nextInt(4) == 0 ? '/' : ' ');
        }
        return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
    }

    /** A few words are everywhere and most are rare, as in any text. */
    private String word() {
        return vocabulary.get((int) (VOCABULARY * Math.pow(random.nextDouble(), 2.5)));
    }

    private String newWord() {
        String syllables = "adbacodeenfiguhoinjoketolemonaopopquresitutiveworkxyza";
        StringBuilder word = new StringBuilder();
        for (int i = 1 + random.nextInt(5); i >= 0; i--) {
            int at = random.nextInt(syllables.length() - 3);
            word.append(syllables, at, at + 2 + random.nextInt(2));
        }
        return word.toString();
    }

    /** Text like that of a workload: keys and values, line by line. */
    private byte[] template() {
        StringBuilder text = new StringBuilder();
        while (text.length() < 4000) {
            text.append("  ".repeat(1 + random.nextInt(4))).append(word()).append(": ");
            text.append(random.nextInt(8) == 0 ? Long.toString(random.nextLong() >>> 1, 36) : word());
            text.append('\n');
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** A sort of object: {@code share} of 100 creations, a log-normal size, the mean number of updates. */
    private record Kind(
            String resource, String form, int share, int medianBytes, double sigma, double updates, double deleted) {
        /** Whether its form is a type, and not empty or a sort of Secret. */
        boolean isJson() {
            return form.contains(" ");
        }
    }

    private static final class Changing {
        private final Kind kind;
        private final String name;
        private final long created;
        private final byte[] value;
        private final int contentBytes;
        private byte @Nullable [] previous;
        private long revision;
        private int updates;

        Changing(Kind kind, String name, long created, byte[] value, int contentBytes) {
            this.kind = kind;
            this.name = name;
            this.created = created;
            this.revision = created;
            this.value = value;
            this.contentBytes = contentBytes;
            remember();
        }

        byte[] previous() {
            return previous == null ? value : previous;
        }

        void remember() {
            previous = value.clone();
        }
    }
}
