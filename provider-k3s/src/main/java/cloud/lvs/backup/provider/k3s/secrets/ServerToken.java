package cloud.lvs.backup.provider.k3s.secrets;

import cloud.lvs.backup.provider.k3s.files.FileStat;
import cloud.lvs.backup.spi.ProviderContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A k3s server token: {@code K10<sha256 of the cluster CA>::server:<password>}, or the password alone (k3s,
 * {@code pkg/clientaccess/token.go}). Never shown.
 */
public final class ServerToken {
    /** More than any token: what is read into memory. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final String SECURE_PREFIX = "K10";
    private static final Pattern CA_HASH = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Pattern KUBEADM = Pattern.compile("[a-z0-9]{6}\\.[a-z0-9]{16}");

    private final byte[] bytes;
    private final String password;
    private final @Nullable String caHash;

    private ServerToken(byte[] bytes, String password, @Nullable String caHash) {
        this.bytes = bytes;
        this.password = password;
        this.caHash = caHash;
    }

    /**
     * Reads a token as k3s does.
     *
     * @throws IllegalArgumentException if it is none; the message does not give it away
     */
    public static ServerToken parse(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("is larger than " + MAX_BYTES + " bytes");
        }
        String text = new String(bytes, StandardCharsets.UTF_8).replaceAll("[\\r\\n]+$", "");
        if (text.isEmpty()) {
            throw new IllegalArgumentException("is empty");
        }
        if (KUBEADM.matcher(text).matches()) {
            throw new IllegalArgumentException("is a bootstrap token for joining nodes, not the server token");
        }
        if (!text.startsWith(SECURE_PREFIX)) {
            return new ServerToken(bytes.clone(), text, null);
        }
        int separator = text.indexOf("::");
        if (separator < 0) {
            throw new IllegalArgumentException("begins with K10 but has no '::'");
        }
        String hash = text.substring(SECURE_PREFIX.length(), separator);
        if (!hash.isEmpty() && !CA_HASH.matcher(hash).matches()) {
            throw new IllegalArgumentException("has a CA hash that is not 64 hex digits");
        }
        String credentials = text.substring(separator + 2);
        int colon = credentials.indexOf(':');
        if (colon < 0 || colon == credentials.length() - 1) {
            throw new IllegalArgumentException("has no user and password behind '::'");
        }
        return new ServerToken(bytes.clone(), credentials.substring(colon + 1), hash.isEmpty() ? null : hash);
    }

    /**
     * Reads a file whole, if it is no larger than a token may be.
     *
     * @throws IllegalArgumentException if it holds no token
     */
    public static ServerToken read(Path file) throws IOException {
        return parse(content(file));
    }

    /**
     * The beginning of a file, one byte longer than any token. Opens nothing but a regular file: a named pipe would never
     * end.
     */
    public static byte[] content(Path file) throws IOException {
        FileStat found = FileStat.of(file).orElseThrow(() -> new NoSuchFileException(file.toString()));
        if (!found.isRegular()) {
            throw new IllegalArgumentException("is " + found.type().words() + ", not a file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(MAX_BYTES + 1);
        }
    }

    /** Makes the host mask this token wherever it would appear. */
    public ServerToken redactedBy(ProviderContext context) {
        context.redact(new String(bytes, StandardCharsets.UTF_8).strip());
        context.redact(password);
        return this;
    }

    /** The file's content, unchanged. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** What k3s hashes and encrypts with. */
    String password() {
        return password;
    }

    /** Lower-case hex SHA-256 of the cluster CA; empty for the short form. */
    Optional<String> caHash() {
        return Optional.ofNullable(caHash).map(hash -> hash.toLowerCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return "***";
    }
}
