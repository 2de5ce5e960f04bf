package cloud.lvs.backup.provider.postgres.load;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.HexFormat;

/**
 * A statement of a script in whatever encoding.
 *
 * @param text for people, and to be looked into
 * @param executable what the driver, which knows UTF-8 alone, has to send
 */
record SqlText(String text, String executable) {
    private static final int BEGINNING = 60;

    static SqlText of(byte[] bytes, String encoding) {
        if (encoding.equals("UTF8") || isAscii(bytes)) {
            String text = new String(bytes, StandardCharsets.UTF_8);
            return new SqlText(text, text);
        }
        // The server makes of the bytes what it would have made of them in a script.
        String hex = HexFormat.of().formatHex(bytes);
        return new SqlText(
                new String(bytes, charset(encoding)),
                "DO $lvs$BEGIN EXECUTE pg_catalog.convert_from(pg_catalog.decode('" + hex + "', 'hex'), '" + encoding
                        + "'); END$lvs$");
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte each : bytes) {
            if (each < 0) {
                return false;
            }
        }
        return true;
    }

    private static Charset charset(String encoding) {
        try {
            return Charset.forName(encoding.replaceFirst("^WIN", "windows-"));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return StandardCharsets.ISO_8859_1;
        }
    }

    /** How it begins. */
    String beginning() {
        String line = text.replaceAll("\\s+", " ");
        return line.length() <= BEGINNING ? line : line.substring(0, BEGINNING) + " …";
    }
}
