package cloud.lvs.backup.sink.s3.client;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which requests go through a proxy. Java's system properties ({@code https.proxyHost} and its kin) decide where they are
 * set, else {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY} of the environment, in capitals or not.
 *
 * <p>{@code NO_PROXY} lists what is asked directly, with commas or spaces between: a host or domain, which covers what lies
 * below it, with or without {@code .} or {@code *.} before it; an address or a network ({@code 10.0.0.0/8}), for endpoints
 * given by address; each of these, but a network, with a port; {@code *} for everything.
 */
final class ProxyRules {
    private static final Pattern PROXY = Pattern.compile(
            "(?:(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?:[^@/]*@)?(?<host>\\[[0-9A-Fa-f:.]+]|[^:/@\\s]+)(?::(?<port>\\d{1,5}))?/?");
    private static final Pattern WITH_PORT = Pattern.compile("(?<host>\\[[^]]*]|[^:]*):(?<port>\\d{1,5})");
    private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
    private static final Pattern ADDRESS = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}|[0-9a-f:.]*:[0-9a-f:.]*");

    private final EnvironmentVariables environment;
    private final List<String> direct;

    private ProxyRules(EnvironmentVariables environment) {
        this.environment = environment;
        this.direct = Stream.of("NO_PROXY", "no_proxy")
                .flatMap(variable -> Optional.ofNullable(environment.text(variable)).stream())
                .flatMap(text -> Arrays.stream(text.toLowerCase(Locale.ROOT).split("[,\\s]+")))
                .filter(entry -> !entry.isEmpty())
                .toList();
    }

    /** @throws IllegalArgumentException if a variable names no proxy; the message names the variable */
    static ProxyRules of(EnvironmentVariables environment) {
        ProxyRules proxies = new ProxyRules(environment);
        proxies.named("http");
        proxies.named("https");
        return proxies;
    }

    /** The proxy for requests to an address; empty if they go straight there. */
    Optional<Proxy> to(URI address) {
        Optional<Proxy> named = named(address.getScheme());
        if (named.isEmpty() || System.getProperty(address.getScheme() + ".proxyHost") != null) {
            return ProxySelector.getDefault().select(address).stream()
                    .filter(proxy -> proxy.type() != Proxy.Type.DIRECT)
                    .findFirst();
        }
        return isDirect(address) ? Optional.empty() : named;
    }

    /** Host and port, for messages. */
    static String name(Proxy proxy) {
        return proxy.address() instanceof InetSocketAddress address
                ? address.getHostString() + ":" + address.getPort()
                : String.valueOf(proxy.address());
    }

    private Optional<Proxy> named(String scheme) {
        for (String variable : List.of(scheme + "_proxy", scheme.toUpperCase(Locale.ROOT) + "_PROXY")) {
            String text = environment.text(variable);
            if (text != null) {
                return Optional.of(parse(text, variable));
            }
        }
        return Optional.empty();
    }

    /** What is before an {@code @} is never repeated: it is a password. */
    private static Proxy parse(String text, String variable) {
        Matcher matcher = PROXY.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(variable + " is not the URL of a proxy, e.g. http://proxy.example:3128");
        }
        String scheme = matcher.group("scheme") == null ? "http" : matcher.group("scheme");
        if (!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) {
            throw new IllegalArgumentException(
                    variable + " names a proxy of a kind that is not supported; use one with an http:// URL");
        }
        String port = matcher.group("port");
        int number = port != null ? Integer.parseInt(port) : scheme.equalsIgnoreCase("https") ? 443 : 80;
        if (number < 1 || number > 65_535) {
            throw new IllegalArgumentException(variable + " names a proxy with a port that cannot be");
        }
        return new Proxy(
                Proxy.Type.HTTP, InetSocketAddress.createUnresolved(withoutBrackets(matcher.group("host")), number));
    }

    private boolean isDirect(URI address) {
        String host = withoutBrackets(address.getHost().toLowerCase(Locale.ROOT));
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        int port =
                address.getPort() >= 0 ? address.getPort() : address.getScheme().equals("http") ? 80 : 443;
        return direct.stream().anyMatch(entry -> covers(entry, name, port));
    }

    private static boolean covers(String entry, String host, int port) {
        if (entry.contains("/")) {
            return isInNetwork(host, entry);
        }
        String name = entry;
        Matcher withPort = WITH_PORT.matcher(entry);
        if (withPort.matches()) {
            if (Integer.parseInt(withPort.group("port")) != port) {
                return false;
            }
            name = withPort.group("host");
        }
        name = withoutBrackets(name).replaceFirst("^\\*?\\.", "");
        if (name.contains("*")) {
            return host.matches(Pattern.quote(name).replace("*", "\\E.*\\Q"));
        }
        Optional<InetAddress> address = address(host);
        return address.isPresent()
                ? address.equals(address(name))
                : !name.isEmpty() && (host.equals(name) || host.endsWith("." + name));
    }

    private static boolean isInNetwork(String host, String network) {
        String[] parts = network.split("/", 2);
        Optional<InetAddress> base = address(withoutBrackets(parts[0]));
        Optional<InetAddress> address = address(host);
        if (base.isEmpty() || address.isEmpty() || !parts[1].matches("\\d{1,3}")) {
            return false;
        }
        byte[] one = base.get().getAddress();
        byte[] other = address.get().getAddress();
        int free = one.length * 8 - Integer.parseInt(parts[1]);
        return one.length == other.length
                && free >= 0
                && new BigInteger(1, one).shiftRight(free).equals(new BigInteger(1, other).shiftRight(free));
    }

    /** The address that a text is; names are not looked up. */
    private static Optional<InetAddress> address(String text) {
        if (!ADDRESS.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }
}
