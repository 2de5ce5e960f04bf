package cloud.lvs.backup.runner.config.yaml;

import cloud.lvs.backup.core.files.FileErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills in environment variables and files, {@code ${NAME}} and the like, after the YAML was parsed, so that what comes in can
 * neither add keys nor be interpolated again. Two dollars before the brace stand for one, uninterpolated.
 */
public final class Interpolation {
    static final int MAX_FILE_BYTES = 64 << 10;

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\$\\{|\\$\\{([^}]*)(}?)");
    private static final Pattern VARIABLE =
            Pattern.compile("(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", Pattern.DOTALL);

    private final Map<String, String> environment;
    private final Path directory;

    /**
     * @param environment the variables there are
     * @param directory where relative files are looked for
     */
    public Interpolation(Map<String, String> environment, Path directory) {
        this.environment = Map.copyOf(environment);
        this.directory = directory;
    }

    /** The scalar with everything filled in; what is missing is told to {@code problems} under {@code path}. */
    Node.Scalar apply(Node.Scalar scalar, String path, ProblemCollector problems) {
        if (!scalar.source().contains("${")) {
            return scalar;
        }
        var text = new StringBuilder();
        Node.Scalar.Origin origin = Node.Scalar.Origin.WRITTEN;
        Matcher matcher = PLACEHOLDER.matcher(scalar.source());
        while (matcher.find()) {
            String replacement = "${";
            if (matcher.group(1) != null) {
                try {
                    replacement = valueOf(matcher.group(1), matcher.group(2));
                    origin = origin == Node.Scalar.Origin.BROKEN ? origin : Node.Scalar.Origin.INTERPOLATED;
                } catch (Unresolved e) {
                    problems.add(scalar.location(), path, e.getMessage());
                    origin = Node.Scalar.Origin.BROKEN;
                }
            }
            matcher.appendReplacement(text, Matcher.quoteReplacement(replacement));
        }
        matcher.appendTail(text);
        return new Node.Scalar(scalar.location(), scalar.source(), text.toString(), origin);
    }

    private String valueOf(String inner, String close) throws Unresolved {
        if (close.isEmpty()) {
            throw new Unresolved("'${' has no closing '}'; write $${ for the two characters themselves");
        }
        if (inner.startsWith("file:")) {
            return contentOf(inner.substring("file:".length()));
        }
        Matcher variable = VARIABLE.matcher(inner);
        if (!variable.matches()) {
            throw new Unresolved("an interpolation is not one of ${NAME}, ${env:NAME}, ${env:NAME:-default} and"
                    + " ${file:/path}; write $${ for the two characters themselves");
        }
        String value = environment.get(variable.group(1));
        String fallback = variable.group(2);
        if (fallback != null && (value == null || value.isEmpty())) {
            return fallback;
        }
        if (value == null) {
            throw new Unresolved("the environment variable " + variable.group(1)
                    + " is not set; set it, or write ${env:" + variable.group(1) + ":-default}");
        }
        return value;
    }

    private String contentOf(String name) throws Unresolved {
        try {
            Path file = directory.resolve(Path.of(name));
            byte[] bytes;
            try (InputStream in = Files.newInputStream(file)) {
                bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            }
            if (bytes.length > MAX_FILE_BYTES) {
                throw new Unresolved(
                        "the file " + name + " is larger than 64 KiB; name the file that holds just the value");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .replaceFirst("\\r?\\n\\z", "");
        } catch (NoSuchFileException | InvalidPathException e) {
            throw new Unresolved("the file " + name + " does not exist; create or mount it");
        } catch (CharacterCodingException e) {
            throw new Unresolved("the file " + name + " is not UTF-8 text");
        } catch (IOException e) {
            throw new Unresolved(
                    "the file " + name + " cannot be read (" + FileErrors.inWords(e) + "); check its permissions");
        }
    }

    private static final class Unresolved extends Exception {
        private static final long serialVersionUID = 1L;

        Unresolved(String message) {
            super(message);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }
}
