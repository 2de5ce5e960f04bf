package cloud.lvs.backup.sink.s3.client;

import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.sink.s3.S3SinkConfig.Addressing;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the store is.
 *
 * @param endpoint the store's URL, or null for AWS
 * @param region what requests are signed for
 * @param addressing never {@link Addressing#AUTO}
 */
public record StoreLocation(@Nullable URI endpoint, String region, Addressing addressing) {
    /** {@code AWS_ENDPOINTS} is what Longhorn calls it in its secret; the SDK does not know it. */
    private static final List<String> ENDPOINT_VARIABLES =
            List.of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINTS");

    /** Likewise. */
    private static final String VIRTUAL_VARIABLE = "VIRTUAL_HOSTED_STYLE";

    private static final Pattern REGION_IN_HOST = Pattern.compile(
            "(?:.*\\.)?(?:([a-z0-9-]+)\\.your-objectstorage\\.com|s3[.-]([a-z0-9-]+)\\.amazonaws\\.com)");
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");

    /** @throws IllegalArgumentException if there is no such place; the message names the key */
    static StoreLocation of(S3SinkConfig config, EnvironmentVariables environment) {
        URI endpoint = null;
        String text = config.endpoint();
        String origin = "endpoint";
        for (String variable : ENDPOINT_VARIABLES) {
            if (text == null) {
                text = environment.text(variable);
                origin = "endpoint (from " + variable + ")";
            }
        }
        if (text != null) {
            endpoint = parse(text, origin);
            if (endpoint.getScheme().equals("http") && !config.allowPlainHttp()) {
                throw new IllegalArgumentException(origin
                        + " is plain http, which shows credentials' signatures and every backup to the network; use"
                        + " https, or set allowPlainHttp: true");
            }
        }
        if (endpoint != null
                && endpoint.getScheme().equals("http")
                && config.encryption() == S3SinkConfig.Encryption.CUSTOMER) {
            throw new IllegalArgumentException("encryption: customer sends its key with each request, and " + origin
                    + " is plain http; use https");
        }
        Addressing addressing = config.addressing();
        if (addressing == Addressing.AUTO) {
            boolean virtual = Optional.ofNullable(environment.text(VIRTUAL_VARIABLE))
                    .map(Boolean::parseBoolean)
                    .orElse(endpoint == null);
            addressing = virtual ? Addressing.VIRTUAL : Addressing.PATH;
        }
        return new StoreLocation(endpoint, regionOf(config, endpoint, environment), addressing);
    }

    private static URI parse(String text, String origin) {
        String first = text.strip().split("[,\\s]+", 2)[0];
        String url = SCHEME.matcher(first).matches() ? first : "https://" + first;
        try {
            URI uri = new URI(url.replaceAll("/+$", ""));
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            if (uri.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))) {
                throw new IllegalArgumentException(origin + " is not a host or an https:// URL");
            }
            if (uri.getUserInfo() != null || uri.getQuery() != null || uri.getFragment() != null) {
                throw new IllegalArgumentException(origin + " must be scheme, host and port alone");
            }
            return new URI(scheme, null, uri.getHost(), uri.getPort(), uri.getPath(), null, null);
        } catch (URISyntaxException e) {
            // Without the cause: its message repeats the text, which might be a secret in the wrong place.
            throw new IllegalArgumentException(origin + " is not a host or an https:// URL");
        }
    }

    private static String regionOf(S3SinkConfig config, @Nullable URI endpoint, EnvironmentVariables environment) {
        if (config.region() != null) {
            return config.region();
        }
        if (endpoint != null) {
            Matcher host = REGION_IN_HOST.matcher(endpoint.getHost().toLowerCase(Locale.ROOT));
            if (host.matches()) {
                return host.group(1) != null ? host.group(1) : host.group(2);
            }
        }
        return Stream.of("AWS_REGION", "AWS_DEFAULT_REGION")
                .map(environment::text)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("us-east-1");
    }

    /** The host that requests about a bucket go to. */
    URI address(String bucket) {
        String scheme = endpoint == null ? "https" : endpoint.getScheme();
        String host = endpoint == null ? "s3." + region + ".amazonaws.com" : endpoint.getHost();
        String authority = (addressing == Addressing.VIRTUAL ? bucket + "." : "") + host;
        try {
            return new URI(scheme, null, authority, endpoint == null ? -1 : endpoint.getPort(), null, null, null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("no address of bucket " + bucket + " can be made", e);
        }
    }

    public boolean isPlainHttp() {
        return endpoint != null && endpoint.getScheme().equals("http");
    }

    /** For messages. */
    @Override
    public String toString() {
        return endpoint == null ? "AWS region " + region : endpoint.toString();
    }
}
