package io.openme.protocol;

import java.util.HexFormat;

/** Printable ASCII as the value of a parameter, which has no blanks: RFC 3986, 2.1. */
final class PercentCode {
    private PercentCode() {}

    static String encode(String text) {
        StringBuilder encoded = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each < 0x80 && (Character.isLetterOrDigit(each) || "._-@".indexOf(each) >= 0)) {
                encoded.append(each);
            } else {
                // A label holds ASCII only; whatever else comes here must not break the line.
                encoded.append('%')
                        .append(HexFormat.of().withUpperCase().toHexDigits((byte) (each < 0x80 ? each : '?')));
            }
        }
        return encoded.toString();
    }

    static String decode(String text) throws MalformedLineException {
        StringBuilder decoded = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != '%') {
                decoded.append(text.charAt(i));
                continue;
            }
            if (i + 2 >= text.length()
                    || !HexFormat.isHexDigit(text.charAt(i + 1))
                    || !HexFormat.isHexDigit(text.charAt(i + 2))) {
                throw Line.malformed("% is not followed by two hexadecimal digits");
            }
            int code = HexFormat.fromHexDigits(text, i + 1, i + 3);
            // A label that a terminal would take for a command is none.
            decoded.append(code < ' ' || code > '~' ? '?' : (char) code);
            i += 2;
        }
        return decoded.toString();
    }
}
