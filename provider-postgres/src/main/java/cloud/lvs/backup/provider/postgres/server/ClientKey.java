package cloud.lvs.backup.provider.postgres.server;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a private key in the forms that libpq takes: PEM with PKCS#8 ({@code PRIVATE KEY}, RFC 5208), PKCS#1 ({@code RSA
 * PRIVATE KEY}, RFC 8017) or SEC 1 ({@code EC PRIVATE KEY}, RFC 5915), or PKCS#8 in DER. Java knows PKCS#8 alone, which holds
 * the others.
 */
final class ClientKey {
    private static final Pattern BLOCK = Pattern.compile(
            "-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    /** The curve, in the structure of SEC 1. */
    private static final int PARAMETERS = 0xA0;

    private static final byte[] VERSION_0 = HexFormat.of().parseHex("020100");
    /** 1.2.840.113549.1.1.1 and no parameters. */
    private static final byte[] RSA = HexFormat.of().parseHex("06092a864886f70d0101010500");
    /** 1.2.840.10045.2.1, before the curve. */
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    private ClientKey() {}

    /** @throws BackupException of kind {@code CONFIG} if it cannot be read, is encrypted, or is no such key */
    static PrivateKey read(Path file) throws BackupException {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (IOException e) {
            throw unusable(
                    file,
                    Files.exists(file) ? "cannot be read" : "is not there",
                    "check sslKey, and let the user of this process read that file",
                    e);
        }
        Matcher block = BLOCK.matcher(new String(content, StandardCharsets.ISO_8859_1));
        if (!block.find()) {
            return pkcs8(file, content);
        }
        String body = block.group(2);
        if (block.group(1).startsWith("ENCRYPTED") || body.contains("ENCRYPTED")) {
            throw unusable(
                    file,
                    "is encrypted, and nobody is there to give its passphrase",
                    "write it without one (openssl pkey -in KEY -out NEW) and let the user of this process alone read it",
                    null);
        }
        try {
            byte[] key = Base64.getMimeDecoder().decode(body);
            return pkcs8(
                    file,
                    switch (block.group(1)) {
                        case "RSA PRIVATE KEY" -> wrapped(RSA, key);
                        case "EC PRIVATE KEY" -> wrapped(joined(EC, curve(key)), key);
                        default -> key;
                    });
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw notAKey(file, e);
        }
    }

    private static PrivateKey pkcs8(Path file, byte[] key) throws BackupException {
        GeneralSecurityException last = new InvalidKeySpecException();
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(key));
            } catch (GeneralSecurityException e) {
                last = e;
            }
        }
        throw notAKey(file, last);
    }

    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        return der(SEQUENCE, joined(VERSION_0, der(SEQUENCE, algorithm), der(OCTET_STRING, key)));
    }

    /** The name of the curve, in DER. */
    private static byte[] curve(byte[] sec1) {
        int at = content(sec1, 0);
        while ((sec1[at] & 0xFF) != PARAMETERS) {
            at = content(sec1, at) + length(sec1, at);
        }
        int from = content(sec1, at);
        return Arrays.copyOfRange(sec1, from, from + length(sec1, at));
    }

    /** Where the content begins of what begins at an index. */
    private static int content(byte[] der, int at) {
        int first = der[at + 1] & 0xFF;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7F);
    }

    private static int length(byte[] der, int at) {
        int length = der[at + 1] & 0xFF;
        if (length < 0x80) {
            return length;
        }
        int value = 0;
        for (int i = at + 2; i < content(der, at); i++) {
            value = value << 8 | der[i] & 0xFF;
        }
        return value;
    }

    private static byte[] der(int tag, byte[] content) {
        int length = content.length;
        if (length < 0x80) {
            return joined(new byte[] {(byte) tag, (byte) length}, content);
        }
        byte[] head = length < 0x100
                ? new byte[] {(byte) tag, (byte) 0x81, (byte) length}
                : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        return joined(head, content);
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static BackupException notAKey(Path file, Exception cause) {
        return unusable(
                file,
                "is no private key that can be used here",
                "give sslKey an RSA, EC or Ed25519 key as PEM: BEGIN PRIVATE KEY, BEGIN RSA PRIVATE KEY or BEGIN EC PRIVATE"
                        + " KEY",
                cause);
    }

    private static BackupException unusable(Path file, String problem, String remedy, @Nullable Exception cause) {
        return new BackupException(Kind.CONFIG, "client key " + file, problem, remedy, cause);
    }
}
