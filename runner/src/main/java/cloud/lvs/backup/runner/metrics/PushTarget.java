package cloud.lvs.backup.runner.metrics;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * A group of metrics in a Prometheus Pushgateway. What is pushed replaces the whole group, so that a job or bucket that is no
 * more vanishes there too.
 */
public final class PushTarget {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    private static final Pattern GROUP = Pattern.compile("[A-Za-z0-9_.-]{1,128}");
    private static final Set<Integer> ACCEPTED = Set.of(200, 202);
    private static final Set<Integer> UNKNOWN_TO_IT = Set.of(401, 403);

    private final URI group;
    private final String authorization;
    private final String target;

    private PushTarget(URI group, String authorization, String target) {
        this.group = group;
        this.authorization = authorization;
        this.target = target;
    }

    /**
     * Reads where to push.
     *
     * @param url of the Pushgateway, e.g. {@code http://user:password@pushgateway:9091}; a path is kept
     * @param job the group
     * @param secrets is told what must not be printed
     * @throws BackupException of kind {@code CONFIG} if it is none; the URL is not repeated
     */
    public static PushTarget of(String url, String job, Consumer<String> secrets) throws BackupException {
        if (!GROUP.matcher(job).matches()) {
            throw new BackupException(
                    Kind.CONFIG, "--push-job", "is not 1 to 128 of A-Z, a-z, 0-9, '_', '.' and '-'", "name it so");
        }
        URI uri;
        try {
            uri = new URI(url.strip());
        } catch (URISyntaxException e) {
            // Its message holds the URL, and that a password.
            throw notAUrl();
        }
        String host = uri.getHost();
        if (host == null || !Set.of("http", "https").contains(String.valueOf(uri.getScheme()))) {
            throw notAUrl();
        }
        String authorization = "";
        String user = uri.getUserInfo();
        if (user != null) {
            int colon = user.indexOf(':');
            secrets.accept(colon < 0 ? user : user.substring(colon + 1));
            authorization = "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
            secrets.accept(authorization.substring("Basic ".length()));
        }
        String address = uri.getScheme() + "://" + host + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
        String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("/+$", "");
        return new PushTarget(
                URI.create(address + path + "/metrics/job/" + job), authorization, "push gateway " + address);
    }

    private static BackupException notAUrl() {
        return new BackupException(
                Kind.CONFIG, "--push", "is not a URL of http or https", "write e.g. --push http://pushgateway:9091");
    }

    /**
     * Replaces the group.
     *
     * @param text in the text format of Prometheus
     * @throws BackupException of kind {@code CREDENTIALS} if the gateway does not know who we are, {@code FAILED} if it does
     *     not answer or does not take the metrics
     */
    public void put(String text) throws BackupException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(group)
                .timeout(REQUEST_TIMEOUT)
                .header("Content-Type", Gauges.CONTENT_TYPE)
                .PUT(HttpRequest.BodyPublishers.ofString(text));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        // Redirects are not followed: they would carry the credentials elsewhere.
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        HttpResponse<String> response;
        try {
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new BackupException(
                    Kind.FAILED, target, "does not answer: " + reason(e), "check the address and the network", e);
        }
        int status = response.statusCode();
        if (UNKNOWN_TO_IT.contains(status)) {
            throw new BackupException(
                    Kind.CREDENTIALS, target, "refuses: HTTP " + status, "put user and password into the URL");
        }
        if (!ACCEPTED.contains(status)) {
            String why = response.body().lines().findFirst().orElse("");
            throw new BackupException(
                    Kind.FAILED,
                    target,
                    "does not take the metrics: HTTP " + status + (why.isEmpty() ? "" : ": " + why),
                    "another tool may push the same names with another type");
        }
    }

    private static String reason(IOException failure) {
        if (failure.getCause() instanceof UnresolvedAddressException
                || failure.getCause() != null && failure.getCause().getCause() instanceof UnresolvedAddressException) {
            return "its host name leads nowhere";
        }
        String message = failure.getMessage();
        return message == null || message.isBlank() ? "the connection was refused" : message;
    }
}
