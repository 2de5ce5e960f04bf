package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.decoding.KubernetesSchema;
import cloud.lvs.backup.provider.k3s.decoding.LiveRows;
import cloud.lvs.backup.provider.k3s.decoding.StoredObject;
import cloud.lvs.backup.provider.k3s.decoding.UndecodableValueException;
import cloud.lvs.backup.provider.k3s.decoding.ValueDecoder;
import cloud.lvs.backup.provider.k3s.secrets.EncryptionConfig;
import cloud.lvs.backup.provider.k3s.secrets.TokenPairing;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.RunContext;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The proof that every live value in a copy is an object: a list fails in the API server as soon as one of them is none. */
public final class ObjectChecks {
    private static final String NAME = "objects";
    private static final String HEALTH = LiveRows.ROOT + "health";

    private final KubernetesSchema schema = KubernetesSchema.load();
    private final RunContext run;
    private long decoded;
    private long newer;
    private long damaged;
    private long unknown;
    private String firstDamaged = "";
    private String firstUnknown = "";

    private ObjectChecks(RunContext run) {
        this.run = run;
    }

    /** Decodes each; of those that cannot be decrypted, {@code SecretsProof} tells. */
    public static List<Check> of(Path copy, @Nullable TokenPairing pairing, RunContext run)
            throws IOException, InterruptedException {
        ObjectChecks checks = new ObjectChecks(run);
        try (Connection connection = Sqlite.immutable(copy);
                EncryptionConfig keys = EncryptionConfig.heldBy(pairing == null ? null : pairing.data())) {
            ValueDecoder decoder = new ValueDecoder(checks.schema, keys);
            new LiveRows(connection).values(LiveRows.ROOT, value -> checks.look(value, decoder));
        } catch (SQLException e) {
            return List.of(Check.failed(NAME, "SQLite cannot read them: " + e.getMessage()));
        }
        return checks.told();
    }

    private void look(LiveRows.Value value, ValueDecoder decoder) throws IOException, InterruptedException {
        run.checkpoint();
        if (value.key().equals(HEALTH)) {
            return;
        }
        try {
            StoredObject object = decoder.decode(value.key(), value.require(), value.id());
            decoded++;
            newer += object.unknown().count() > 0 ? 1 : 0;
        } catch (UndecodableValueException e) {
            String told = value.key().replaceAll("\\p{Cntrl}", "\uFFFD") + ", " + e.getMessage();
            switch (e.reason()) {
                case DAMAGED -> {
                    damaged++;
                    firstDamaged = damaged == 1 ? told : firstDamaged;
                }
                case NO_SCHEMA -> {
                    unknown++;
                    firstUnknown = unknown == 1 ? told : firstUnknown;
                }
                case ENCRYPTED -> {}
            }
        }
    }

    private List<Check> told() {
        List<Check> checks = new ArrayList<>();
        if (damaged > 0) {
            checks.add(Check.failed(NAME, values(damaged) + " cannot be decoded; the first, " + firstDamaged));
        }
        if (unknown > 0) {
            checks.add(Check.warned(
                    NAME, values(unknown) + " cannot be decoded here, and may be whole; the first, " + firstUnknown));
        }
        if (decoded == 0) {
            checks.add(Check.warned(NAME, "no live value was decoded"));
        } else if (damaged == 0) {
            checks.add(Check.passed(
                    NAME,
                    values(decoded)
                            + (decoded == 1 ? " decodes" : " decode")
                            + (newer == 0
                                    ? ""
                                    : "; " + newer + " with fields that Kubernetes " + schema.version()
                                            + " does not know")));
        }
        return checks;
    }

    private static String values(long count) {
        return count + (count == 1 ? " live value" : " live values");
    }
}
