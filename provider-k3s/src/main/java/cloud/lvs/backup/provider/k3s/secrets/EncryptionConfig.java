package cloud.lvs.backup.provider.k3s.secrets;

import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An {@code EncryptionConfiguration} of the API server: with which keys it reads what is stored encrypted. Which key it
 * writes with, and for which resources, does not matter here. Secret; overwritten when closed.
 */
public final class EncryptionConfig implements AutoCloseable {
    private static final int MAX_BYTES = 1 << 20;

    private static final String KEYS = "SELECT provider.key, json_extract(each.value, '$.name'),"
            + " json_extract(each.value, '$.secret') FROM json_each(CAST(? AS TEXT), '$.resources') AS entry,"
            + " json_each(entry.value, '$.providers') AS list, json_each(list.value) AS provider,"
            + " json_each(provider.value, '$.keys') AS each";
    /** Resources of entries without {@code identity}: what is stored plain cannot be read there. */
    private static final String SEALED_RESOURCES = "SELECT resource.atom FROM"
            + " json_each(CAST(? AS TEXT), '$.resources') AS entry, json_each(entry.value, '$.resources') AS resource"
            + " WHERE NOT EXISTS (SELECT 1 FROM json_each(entry.value, '$.providers') AS list,"
            + " json_each(list.value) AS provider WHERE provider.key = 'identity')";

    /**
     * A key.
     *
     * @param provider as the configuration names it, e.g. {@code aescbc}
     * @param name may hold colons: k3s puts a time into it
     * @param secret the key itself
     */
    private record Key(String provider, String name, byte[] secret) {
        String label() {
            return provider + " " + name;
        }

        boolean equalTo(Key other) {
            return label().equals(other.label()) && Arrays.equals(secret, other.secret);
        }

        @Override
        public String toString() {
            return label();
        }
    }

    private final List<Key> keys;
    private final Set<String> sealedResources;

    private EncryptionConfig(List<Key> keys, Set<String> sealedResources) {
        this.keys = keys;
        this.sealedResources = sealedResources;
    }

    /** One that reads only what is stored plain, as the API server does without a configuration. */
    public static EncryptionConfig none() {
        return new EncryptionConfig(List.of(), Set.of());
    }

    /** The one that bootstrap data holds; {@link #none} if there is none that can be read. */
    public static EncryptionConfig heldBy(@Nullable BootstrapData data) {
        byte[] json = data == null ? null : data.files().get(DataDir.ENCRYPTION_CONFIG);
        if (json == null) {
            return none();
        }
        try {
            return parse(json);
        } catch (GeneralSecurityException e) {
            return none();
        } finally {
            Arrays.fill(json, (byte) 0);
        }
    }

    /**
     * Reads one.
     *
     * @throws GeneralSecurityException if it is none; the message does not repeat it
     */
    public static EncryptionConfig parse(byte[] json) throws GeneralSecurityException {
        List<Key> keys = new ArrayList<>();
        Set<String> sealedResources = new HashSet<>();
        // SQLite reads the JSON: it is at hand, and gives the keys as bytes, which can be overwritten.
        try (Connection connection = Sqlite.inMemory();
                PreparedStatement everyKey = connection.prepareStatement(KEYS);
                PreparedStatement everySealed = connection.prepareStatement(SEALED_RESOURCES)) {
            everyKey.setBytes(1, json);
            try (ResultSet rows = everyKey.executeQuery()) {
                while (rows.next()) {
                    keys.add(new Key(text(rows.getString(1)), text(rows.getString(2)), secret(rows.getBytes(3))));
                }
            }
            everySealed.setBytes(1, json);
            try (ResultSet rows = everySealed.executeQuery()) {
                while (rows.next()) {
                    sealedResources.add(text(rows.getString(1)));
                }
            }
        } catch (SQLException | IllegalArgumentException e) {
            // Not the cause's text: it may quote a key.
            throw new GeneralSecurityException("is not an encryption configuration in JSON");
        }
        return new EncryptionConfig(List.copyOf(keys), Set.copyOf(sealedResources));
    }

    /** The one that a server has on disk; empty if there is no file that could be it, or it may not be read. */
    static Optional<EncryptionConfig> onDisk(DataDir dir) throws GeneralSecurityException {
        Path file = dir.encryptionConfig();
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !Files.isReadable(file)) {
            return Optional.empty();
        }
        byte[] json;
        try (InputStream in = Files.newInputStream(file)) {
            json = in.readNBytes(MAX_BYTES);
        } catch (IOException e) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(json));
        } finally {
            Arrays.fill(json, (byte) 0);
        }
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static byte[] secret(byte @Nullable [] base64) {
        if (base64 == null) {
            return new byte[0];
        }
        try {
            return Base64.getDecoder().decode(base64);
        } finally {
            Arrays.fill(base64, (byte) 0);
        }
    }

    /** What trying to read a value came to. */
    enum Reading {
        READ,
        /** Stored plain, and that is allowed. */
        READ_PLAIN,
        /** No key of that name and provider. */
        NO_KEY,
        /** Another key of that name, or damage. */
        NOT_OPENED,
        CUT_SHORT,
        /** Stored plain, where this configuration demands that it is encrypted. */
        PLAIN_REFUSED,
        /** By a key management service. */
        OUTSIDE,
        UNKNOWN_PROVIDER
    }

    /**
     * A value that was looked at.
     *
     * @param key provider and name of the key, e.g. {@code aescbc aescbckey}; {@code identity} if it is stored plain
     * @param plain what it decrypts to, or null; to be overwritten by the caller
     */
    public record Opened(Reading reading, String key, byte @Nullable [] plain) {
        boolean isRead() {
            return reading == Reading.READ || reading == Reading.READ_PLAIN;
        }
    }

    /**
     * Tries to read a value as the API server would: by every key of its name, one after the other.
     *
     * @param objectKey e.g. {@code /registry/secrets/default/x}
     */
    public Opened open(String objectKey, byte[] value) {
        Optional<EncryptedValue> parsed = EncryptedValue.parse(value);
        if (parsed.isEmpty()) {
            boolean refused = sealedResources.contains(EncryptedValue.resourceOf(objectKey));
            return new Opened(refused ? Reading.PLAIN_REFUSED : Reading.READ_PLAIN, "identity", null);
        }
        EncryptedValue sealed = parsed.get();
        if (sealed.provider().equals("kms")) {
            return new Opened(Reading.OUTSIDE, "kms " + sealed.likelyName(), null);
        }
        Optional<EncryptionProvider> provider = EncryptionProvider.named(sealed.provider());
        if (provider.isEmpty() || !sealed.version().equals("v1")) {
            return new Opened(Reading.UNKNOWN_PROVIDER, sealed.provider() + " " + sealed.likelyName(), null);
        }
        Opened best = new Opened(Reading.NO_KEY, sealed.provider() + " " + sealed.likelyName(), null);
        for (Key key : keys) {
            if (key.provider().equals(sealed.provider()) && sealed.isNamed(key.name())) {
                Opened tried = open(provider.get(), key, objectKey, sealed.after(key.name()));
                if (tried.reading() == Reading.READ) {
                    return tried;
                }
                best = tried;
            }
        }
        return best;
    }

    /**
     * The plain bytes of a value: itself if it is stored plain, whether or not that is allowed, else what it decrypts to, for the
     * caller to overwrite.
     *
     * @throws GeneralSecurityException if it cannot be read; the message continues "the object …"
     */
    public byte[] read(String objectKey, byte[] value) throws GeneralSecurityException {
        Opened opened = open(objectKey, value);
        String key = opened.key();
        return switch (opened.reading()) {
            case READ_PLAIN, PLAIN_REFUSED -> value;
            case READ -> Objects.requireNonNull(opened.plain());
            case NO_KEY ->
                throw new GeneralSecurityException(
                        "is encrypted with the key " + key + ", which the backup's bootstrap data does not give");
            case NOT_OPENED ->
                throw new GeneralSecurityException(
                        "is not opened by the key " + key + ": it is another key, or damage");
            case CUT_SHORT ->
                throw new GeneralSecurityException("is cut short, so that the key " + key + " does not read it");
            case OUTSIDE ->
                throw new GeneralSecurityException(
                        "can only be read with a key management service outside the cluster (" + key + ")");
            case UNKNOWN_PROVIDER ->
                throw new GeneralSecurityException("is encrypted in a way that is not known here (" + key + ")");
        };
    }

    private static Opened open(EncryptionProvider provider, Key key, String objectKey, byte[] sealed) {
        if (!provider.isWhole(sealed.length)) {
            return new Opened(Reading.CUT_SHORT, key.label(), null);
        }
        if (!provider.takes(key.secret().length)) {
            return new Opened(Reading.NOT_OPENED, key.label(), null);
        }
        try {
            byte[] plain = provider.open(key.secret(), sealed, objectKey.getBytes(StandardCharsets.UTF_8));
            if (EncryptedValue.isStoredObject(plain)) {
                return new Opened(Reading.READ, key.label(), plain);
            }
            Arrays.fill(plain, (byte) 0);
        } catch (GeneralSecurityException e) {
            // What went wrong says nothing: a wrong key and damage look alike.
        }
        return new Opened(Reading.NOT_OPENED, key.label(), null);
    }

    /** Whether it has the keys of another one, in the same order, and demands encryption of the same resources. */
    boolean readsAs(EncryptionConfig other) {
        return sealedResources.equals(other.sealedResources)
                && keys.toString().equals(other.keys.toString())
                && lacking(other).isEmpty();
    }

    /** The keys of another one that this one lacks, e.g. {@code aescbc aescbckey}. */
    Set<String> lacking(EncryptionConfig other) {
        Set<String> lacking = new TreeSet<>();
        for (Key key : other.keys) {
            if (keys.stream().noneMatch(key::equalTo)) {
                lacking.add(key.label());
            }
        }
        return lacking;
    }

    @Override
    public void close() {
        keys.forEach(key -> Arrays.fill(key.secret(), (byte) 0));
    }

    @Override
    public String toString() {
        return "encryption configuration " + keys;
    }
}
