package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the bytes of an artifact between source and sink: compressed, then encrypted; and the way back. Immutable
 * and thread-safe; the streams it makes are used from one thread each and hold less than 1 MiB of heap per worker.
 *
 * <p>The codecs are {@code zstd}, {@code gzip} and {@code age}. How to read an object is told by the codec list in its
 * manifest, not by this configuration, which may have changed since.
 */
public final class Pipeline {
    private static final String ZSTD = "zstd";
    private static final String GZIP = "gzip";
    private static final String AGE = "age";

    private final Compression compression;
    private final @Nullable AgeEncryption encryption;
    private final @Nullable Path identityFile;
    private final Plain plain;

    /** Why nothing is encrypted where nothing is. */
    private enum Plain {
        UNSAID,
        ON_PURPOSE
    }

    /**
     * @param compression what makes it smaller
     * @param encryption to whom it is encrypted, or null to store it unencrypted
     * @param identityFile the age identity file (lines {@code AGE-SECRET-KEY-1...}, comments {@code #}) that opens
     *     encrypted objects, or null where none are read; touched only when something is decrypted, with or without
     *     {@code encryption}
     */
    public Pipeline(Compression compression, @Nullable AgeEncryption encryption, @Nullable Path identityFile) {
        this(compression, encryption, identityFile, Plain.UNSAID);
    }

    private Pipeline(
            Compression compression, @Nullable AgeEncryption encryption, @Nullable Path identityFile, Plain plain) {
        this.compression = compression;
        this.encryption = encryption;
        this.identityFile = identityFile;
        this.plain = plain;
    }

    /** Compresses and does not encrypt. */
    public Pipeline(Compression compression) {
        this(compression, null, null);
    }

    /** {@link Compression#DEFAULT}, not encrypted. */
    public Pipeline() {
        this(Compression.DEFAULT);
    }

    /**
     * Compresses and does not encrypt, and whoever asks for it knows: a run that stores secrets so notes it and does not warn.
     *
     * @param identityFile as in {@link #Pipeline(Compression, AgeEncryption, Path)}: older backups may be encrypted
     */
    public static Pipeline unencryptedOnPurpose(Compression compression, @Nullable Path identityFile) {
        return new Pipeline(compression, null, identityFile, Plain.ON_PURPOSE);
    }

    /** Whether it stores what it is given in the clear. */
    public boolean isUnencrypted() {
        return encryption == null;
    }

    /** Whether it does so by {@link #unencryptedOnPurpose}. */
    public boolean isUnencryptedOnPurpose() {
        return isUnencrypted() && plain == Plain.ON_PURPOSE;
    }

    /** What is done to the plain bytes, in that order, e.g. {@code [zstd, age]}. */
    public List<String> codecs() {
        List<String> codecs = new ArrayList<>();
        if (compression instanceof Compression.Zstd) {
            codecs.add(ZSTD);
        } else if (compression instanceof Compression.Gzip) {
            codecs.add(GZIP);
        }
        if (encryption != null) {
            codecs.add(AGE);
        }
        return List.copyOf(codecs);
    }

    /** The age identity file, where encrypted objects are read. */
    public Optional<Path> identityFile() {
        return Optional.ofNullable(identityFile);
    }

    /** What the codecs append to a key, e.g. {@code .zst.age}; empty for none. */
    public String extension() {
        StringBuilder extension = new StringBuilder();
        for (String codec : codecs()) {
            extension.append(
                    switch (codec) {
                        case ZSTD -> ".zst";
                        case GZIP -> ".gz";
                        default -> ".age";
                    });
        }
        return extension.toString();
    }

    /**
     * Begins to store an artifact; some bytes may be written at once.
     *
     * @param stored where the stored bytes go; stays open whatever happens
     * @return to be written, {@linkplain Encoder#finish finished} and always closed
     */
    public Encoder encode(OutputStream stored) throws IOException {
        List<EncodingStage> stages = new ArrayList<>();
        OutputStream next = stored;
        if (encryption != null) {
            EncodingStage stage = new AgeEncoding(encryption, next);
            stages.add(0, stage);
            next = stage;
        }
        if (compression instanceof Compression.Zstd zstd) {
            stages.add(0, new ZstdEncoding(zstd, next));
        } else if (compression instanceof Compression.Gzip gzip) {
            stages.add(0, new GzipEncoding(gzip, next));
        }
        return new Encoder(stages, stored);
    }

    /** As {@link #decode(InputStream, List, String)}, for an object without a name. */
    public InputStream decode(InputStream stored, List<String> codecs) throws IOException {
        return decode(stored, codecs, "stored object");
    }

    /**
     * The plain bytes of a stored object. The stream ends only where {@code stored} has ended too and everything fits; an
     * object that is cut, altered or goes on after its end throws a {@link BackupException} of kind {@code VERIFICATION}
     * instead. Bytes that came out before are void then.
     *
     * <p>A codec without an authenticated format cannot see every change (gzip ignores its time stamp); that is what
     * {@link VerifiedInputStream} below it is for.
     *
     * @param stored closed with the returned stream; if this method throws it is untouched and stays open
     * @param codecs as {@link #codecs()} gave them when the object was stored
     * @param target names the object in errors, e.g. {@code object 2026/11/k3s.db.zst.age}
     * @throws BackupException of kind {@code CREDENTIALS} if it is encrypted and the identity file is missing or useless; of
     *     kind {@code FAILED} for an unknown codec. While reading, {@code CREDENTIALS} means that no identity fits
     */
    public InputStream decode(InputStream stored, List<String> codecs, String target) throws IOException {
        AgeIdentities identities = null;
        for (String codec : codecs) {
            switch (codec) {
                case ZSTD, GZIP -> {}
                case AGE -> identities = AgeIdentities.read(requireIdentityFile(target));
                default -> throw unknown(codec, target);
            }
        }
        InputStream plain = stored;
        for (String codec : reversed(codecs)) {
            plain = switch (codec) {
                case ZSTD -> new ZstdDecoding(plain, target);
                case GZIP -> new GzipDecoding(plain, target);
                default ->
                    new AgeDecoding(plain, Objects.requireNonNull(identities), requireIdentityFile(target), target);
            };
        }
        return plain;
    }

    /**
     * The shell filter that decodes by hand, from standard input to standard output, e.g. {@code age -d -i IDENTITY_FILE |
     * zstd -d}; empty if there is nothing to decode. {@code IDENTITY_FILE} is a placeholder.
     *
     * @throws BackupException of kind {@code FAILED} for an unknown codec
     */
    public String decodeCommand(List<String> codecs) throws BackupException {
        List<String> commands = new ArrayList<>();
        for (String codec : reversed(codecs)) {
            commands.add(
                    switch (codec) {
                        case ZSTD -> "zstd -d";
                        case GZIP -> "gunzip";
                        case AGE -> "age -d -i IDENTITY_FILE";
                        default -> throw unknown(codec, "restore command");
                    });
        }
        return String.join(" | ", commands);
    }

    private Path requireIdentityFile(String target) throws BackupException {
        if (identityFile == null) {
            throw new BackupException(
                    Kind.CREDENTIALS,
                    target,
                    "is encrypted and no identity file is configured",
                    "set encryption.identityFile to the age identity file of one of its recipients");
        }
        return identityFile;
    }

    private static BackupException unknown(String codec, String target) {
        return new BackupException(
                Kind.FAILED,
                target,
                "was stored with the codec '" + codec + "', which this version does not know (known: age, gzip, zstd)",
                "use the version that made it or a newer one");
    }

    private static List<String> reversed(List<String> codecs) {
        List<String> reversed = new ArrayList<>(codecs);
        Collections.reverse(reversed);
        return reversed;
    }
}
