package cloud.lvs.backup.provider.postgres.server;

import cloud.lvs.backup.provider.postgres.PostgresConfig.SslMode;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The URL of a server as libpq and the driver write it: {@code postgresql://user@host:port/database?sslmode=verify-full}.
 * It holds no password: what stands on a command line can be read by every user of the machine.
 */
public final class ServerUrl {
    private static final Pattern FORM = Pattern.compile("(?:jdbc:)?postgres(?:ql)?://(?:([^@/?]*)@)?"
            + "(\\[[^]]+\\]|[^:/?,]*)(?::(\\d{1,5}))?(?:/([^?]*))?(?:\\?(.*))?");

    private ServerUrl() {}

    /**
     * @param user to log in as if the URL does not say
     * @throws BackupException of kind {@code CONFIG} if it cannot be used
     */
    public static Endpoint parse(String url, String user) throws BackupException {
        Matcher matcher = FORM.matcher(url);
        if (!matcher.matches()) {
            // The text is not shown: there could be a password in it.
            throw refused("the URL of the target", "is not like postgresql://user@host:5432/");
        }
        String login = matcher.group(1) == null ? user : decoded(matcher.group(1));
        Map<String, String> parameters = parameters(matcher.group(5));
        if (login.contains(":") || parameters.containsKey("password")) {
            throw refused("the URL of the target", "holds a password, which everybody on this machine could read");
        }
        String host = parameters.getOrDefault("host", decoded(matcher.group(2)).replaceAll("[\\[\\]]", ""));
        String database = matcher.group(4) == null ? "" : decoded(matcher.group(4));
        Endpoint endpoint = new Endpoint(
                host.isEmpty() ? "localhost" : host,
                port(matcher.group(3), parameters.remove("port")),
                parameters.getOrDefault("user", login),
                database.isEmpty() ? "postgres" : database,
                sslMode(parameters.remove("sslmode")),
                path(parameters.remove("sslrootcert")),
                path(parameters.remove("sslcert")),
                path(parameters.remove("sslkey")));
        parameters.remove("host");
        parameters.remove("user");
        if (!parameters.isEmpty()) {
            throw refused(
                    "the URL of the target",
                    "has the parameter '" + parameters.keySet().iterator().next()
                            + "'; known are host, port, user, sslmode, sslrootcert, sslcert, sslkey");
        }
        return endpoint;
    }

    private static int port(@Nullable String inAuthority, @Nullable String asParameter) throws BackupException {
        String text = asParameter == null ? inAuthority : asParameter;
        try {
            int port = text == null ? 5432 : Integer.parseInt(text);
            if (port > 0 && port < 65536) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw refused("the URL of the target", "has the port " + text);
    }

    private static SslMode sslMode(@Nullable String text) throws BackupException {
        if (text == null) {
            return SslMode.PREFER;
        }
        try {
            return SslMode.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
        } catch (IllegalArgumentException e) {
            throw refused(
                    "the URL of the target",
                    "has sslmode=" + text + "; known are disable, prefer, require, verify-ca, verify-full");
        }
    }

    private static @Nullable Path path(@Nullable String text) {
        return text == null ? null : Path.of(text);
    }

    private static Map<String, String> parameters(@Nullable String query) {
        Map<String, String> parameters = new TreeMap<>();
        for (String each : query == null ? new String[0] : query.split("&", -1)) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                parameters.put(each.substring(0, equals).toLowerCase(Locale.ROOT), decoded(each.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static BackupException refused(String target, String problem) {
        return new BackupException(
                Kind.CONFIG,
                target,
                problem,
                "write e.g. postgresql://postgres@db.example.org:5432/ and give the password with --set"
                        + " passwordFile=FILE");
    }
}
