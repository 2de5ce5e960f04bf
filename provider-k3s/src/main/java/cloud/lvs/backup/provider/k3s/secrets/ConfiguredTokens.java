package cloud.lvs.backup.provider.k3s.secrets;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks for a server token in the host's configuration: one that is set there wins over {@code server/token}, which k3s
 * then rewrites. Never shows what it finds.
 */
public final class ConfiguredTokens {
    private static final int MAX_BYTES = 1 << 20;
    private static final List<String> FILES = List.of(
            "etc/systemd/system/k3s.service",
            "etc/systemd/system/k3s.service.env",
            "etc/default/k3s",
            "etc/sysconfig/k3s",
            "etc/rancher/k3s/k3s.env",
            "etc/rancher/k3s/config.yaml");
    private static final List<String> DIRECTORIES =
            List.of("etc/systemd/system/k3s.service.d", "etc/rancher/k3s/config.yaml.d");
    /** An environment variable, a key of config.yaml, or a flag; each also in the form that names a file. */
    private static final Pattern SETTING = Pattern.compile(
            "^(?!\\s*#)(?:.*?\\b(?<variable>K3S_TOKEN)(?<file>_FILE)?\\s*="
                    + "|\\s*token(?<key>-file)?\\s*:|.*?--token(?=['\"\\s=]))(?<value>.*)$|^(?!\\s*#).*--(?<flagFile>token-file)");

    private ConfiguredTokens() {}

    /**
     * What to do about tokens configured below {@code root}.
     *
     * @return one sentence for each that is not, or may not be, the restored one
     */
    public static List<String> advice(Path root, ServerToken restored) {
        List<String> advice = new ArrayList<>();
        for (Path file : candidates(root)) {
            try {
                if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
                    continue;
                }
                for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\\R")) {
                    Matcher setting = SETTING.matcher(line);
                    if (setting.find() && !isRestored(setting, restored)) {
                        advice.add(
                                file + " sets a server token that is not, or may not be, the restored one. It wins over"
                                        + " server/token, and k3s refuses to start with another: make it the same first.");
                        break;
                    }
                }
            } catch (IOException e) {
                advice.add(file + " could not be read: if it sets a server token, it has to be the restored one.");
            }
        }
        return advice;
    }

    private static boolean isRestored(Matcher setting, ServerToken restored) {
        if (setting.group("file") != null || setting.group("key") != null || setting.group("flagFile") != null) {
            return false;
        }
        String value =
                setting.group("value").strip().replaceAll("^['\"=\\s]+", "").replaceAll("['\"\\s].*$", "");
        if (value.isEmpty()) {
            return setting.group("variable") != null;
        }
        try {
            return ServerToken.parse(value.getBytes(StandardCharsets.UTF_8))
                    .password()
                    .equals(restored.password());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static List<Path> candidates(Path root) {
        List<Path> files = new ArrayList<>(FILES.stream().map(root::resolve).toList());
        for (String directory : DIRECTORIES) {
            Path path = root.resolve(directory);
            if (Files.isDirectory(path)) {
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
                    entries.forEach(files::add);
                } catch (IOException e) {
                    files.add(path.resolve("*"));
                }
            }
        }
        return files;
    }
}
